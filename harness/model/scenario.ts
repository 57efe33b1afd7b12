/**
 * WHAT is asked: a scenario file, a header variant and a claim. Plain data, no behaviour. What each word of theirs means
 * stands in `words.ts`.
 */
import type { Observation } from './observation.ts';
import type {
  CALLEES,
  CallerBehaviour,
  Dialled,
  Evidence,
  Feature,
  KnownOutcome,
  Path,
  RoutingFlag,
  RoutingList,
  ScenarioKind,
  Spelling,
  Trap,
  VariantKind,
  VoicemailSign,
} from './words.ts';

export type { CallerBehaviour, Feature, PolicyId, RoutingFlag, RoutingList, Trap } from './words.ts';

/** The waits of the preamble, MS-SIPRE 4.7.2 and 4.7.4, in milliseconds. */
export interface Waits {
  /** `total`: how long the callee's own phones ring before the unanswered destination. */
  readonly totalMs: number;
  /** `user`: how long they ring alone before team or delegates join. */
  readonly userMs: number;
  /** `team2`: how long team or delegates ring before every fork is cancelled. */
  readonly team2Ms: number;
}

/** The callee's account, as MS-SIPRE's routing preamble has it. */
export interface SubscriberSettings {
  readonly flags: readonly RoutingFlag[];
  readonly lists: readonly RoutingList[];
  readonly waits: Waits;
  /** Has a mailbox (UM-enabled). */
  readonly voicemail: boolean;
  /** Presence is do-not-disturb. */
  readonly doNotDisturb: boolean;
  /** Of a caller whose CANCEL says that somebody else took the call (RFC 3326), no missed call is noted. @default it is */
  readonly heedsReason?: true;
}

/** What the callee's own phone does with an INVITE. */
export type PhoneBehaviour = (typeof CALLEES)[number] | { readonly answerAfterMs: number };

/** It serves a customer: places the call in the caller's place, on a leg of its own, and puts through whoever answers. */
export interface CallingApplication {
  /** It gives the callee up after so long. */
  readonly alertMs: number;
  /** Whom it calls then: the callee's voice mail by its own address, or the next agent, who answers. */
  readonly next?: 'voicemail' | 'delegate';
  /** The next agent is called at once, and whoever answers first has the call. */
  readonly parallel?: true;
  /** It is another agent's turn: the next one is called first, for {@link alertMs}, and once more when the callee was given up. */
  readonly roundRobin?: true;
  /** By any of these it knows that voice mail has answered, and hangs up. @default by none */
  readonly hangsUpOn?: readonly VoicemailSign[];
  /** Of one that hangs up: it must know whoever answers here for voice mail, or must not. */
  readonly knows?: boolean;
}

/** A situation: subscriber setting, what the callee's phone does, what the caller does, and the trap that proves the feature. */
export interface Scenario {
  /** Stable, kebab-case, never reused. */
  readonly id: string;
  /** One sentence. */
  readonly title: string;
  readonly feature: Feature;
  readonly subscriber: SubscriberSettings;
  readonly callee: PhoneBehaviour;
  readonly caller: CallerBehaviour;
  /** What the caller dials. @default 'aor' */
  readonly dials?: Dialled;
  /** Which trap tells engaged from suppressed. */
  readonly trap: Trap;
  /** Further traps that the same call must reach without the header: what becomes of each is said. @default none */
  readonly otherTraps?: readonly Exclude<Trap, 'missed-call-inbox'>[];
  /**
   * `ring`: phones of team, delegates and simultaneous ring are not answered; `all-ring`: nor is the one that calls are forwarded
   * to. @default they are, after a moment
   */
  readonly colleagues?: 'ring' | 'all-ring';
  /** Between caller and server; its calls go over `b2bua-set`. @default none */
  readonly application?: CallingApplication;
  /** What voice mail gives of itself in its answer. @default nothing, as a carrier's */
  readonly voicemailSays?: readonly Extract<VoicemailSign, 'automata' | 'server'>[];
  /** Why the callee's phone stops ringing: it is looked at what its CANCEL says. @default nobody asks */
  readonly cancelledBy?: 'caller' | 'answer' | 'timer';
  readonly kind: ScenarioKind;
  /** Further assertions over what was seen, with vitest's `expect`. A throw fails the cell; a TypeError and the like leaves it inconclusive. */
  readonly assert?: (seen: Observation, expect: ScenarioExpect) => void;
}

/** vitest's `expect`, as far as a scenario may rely on it; kept structural so that the engine never imports vitest. */
export type ScenarioExpect = typeof import('vitest').expect;

/** A header field as the caller writes it. A plain string is `Name: value` on one line; the object form asks for a spelling. */
export type HeaderField =
  | string
  | {
      readonly name: string;
      readonly value: string;
      readonly spelling: Spelling;
    };

/** The header fields that a caller adds to the INVITE. One row is one line of the matrix; `none` is the control. */
export interface HeaderVariant {
  /** Stable, kebab-case: header + what is special. */
  readonly id: string;
  readonly title: string;
  readonly headers: readonly HeaderField[];
  /** Header lines of the caller's CANCEL, as they go on the wire; no row of the usual matrix has any. @default none */
  readonly onCancel?: readonly string[];
  readonly kind: VariantKind;
  /** Claims that speak of this row. */
  readonly claims: readonly string[];
}

/** Who says so. */
export interface Claim {
  readonly id: string;
  /** One sentence, in our own words. */
  readonly statement: string;
  readonly source: {
    readonly title: string;
    readonly section?: string;
    readonly url: string;
    /** ISO date on which the source was read. */
    readonly readOn: string;
  };
  readonly evidence: Evidence;
  /** What a run must show for the claim to hold. Left out where the matrix cannot settle it. */
  readonly test?: ClaimTest;
}

/** What a seed source says, and the claims that it makes. */
export interface Sentence {
  readonly source: 'post' | 'comment';
  /** In our own words. */
  readonly gist: string;
  readonly claims: readonly string[];
  /** Why none of its claims has a test; absent where they have. */
  readonly beyond?: string;
}

/** Every part of a claim's test must hold in every cell that it names. */
export type ClaimTest = readonly ClaimPart[];
export type ClaimPart = {
  readonly variants: readonly string[];
  readonly situations: readonly string[];
  /** How the calls go that it speaks of. @default any */
  readonly paths?: readonly Path[];
} & (
  | { readonly says: 'outcome'; readonly outcome: KnownOutcome }
  | { readonly says: 'status'; readonly status: readonly number[] }
  | { readonly says: 'callee-rings' }
  | { readonly says: 'callee-silent' }
  /** Nothing that was demanded of the calls failed, the application between caller and server included. */
  | { readonly says: 'as-meant' }
  /** Of several features that one call meets, all take it or none does. */
  | { readonly says: 'together' }
  /** Same outcome, situation by situation, as this other variant. */
  | { readonly says: 'same-as'; readonly variant: string }
  /** Within one variant the situations are all suppressed or all engaged. */
  | { readonly says: 'all-or-nothing' }
);
