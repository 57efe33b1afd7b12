/**
 * WHAT is asked: the words of a scenario file, a header variant and a claim. Plain data, no behaviour.
 */
import type { Observation } from './observation.ts';

/** A named, complete statement of how a server treats the headers. The domain `<policy>.test` selects it. */
export const POLICIES = ['ms-sipre', 'blog-2012', 'comment-2013', 'ucma-doc', 'rgs-2009', 'plain'] as const;
export type PolicyId = (typeof POLICIES)[number];

export const FEATURES = [
  'voicemail',
  'forwarding',
  'simultaneous-ring',
  'team-ring',
  'delegate-ring',
  'missed-call-notification',
] as const;
export type Feature = (typeof FEATURES)[number];

/** An endpoint that must or must not be reached. `missed-call-inbox` is the mailbox's list of notifications. */
export const TRAPS = [
  'voicemail',
  'forward-target',
  'simultaneous-ring',
  'team',
  'delegate',
  'missed-call-inbox',
] as const;
export type Trap = (typeof TRAPS)[number];

/** Flags of the `clientflags` element, MS-SIPRE 3.9.5.1.2. */
export const ROUTING_FLAGS = [
  'block',
  'forward_immediate',
  'simultaneous_ring',
  'enablecf',
  'delegate_ring',
  'team_ring',
  'skip_primary',
] as const;
export type RoutingFlag = (typeof ROUTING_FLAGS)[number];

/** Lists of the preamble, MS-SIPRE 3.9.5.1.4. The lab fills each with the address of the trap of that name. */
export const ROUTING_LISTS = ['forwardto', 'simultaneous_ring', 'team', 'delegates'] as const;
export type RoutingList = (typeof ROUTING_LISTS)[number];

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
}

/** What the callee's own phone does with an INVITE. */
export type PhoneBehaviour =
  | 'ring'
  | 'answer'
  | { readonly answerAfterMs: number }
  | 'busy'
  | 'decline'
  | 'decline-everywhere'
  | 'do-not-disturb'
  | 'unregistered';

/**
 * What the caller does. `patient`: waits out the whole window, then CANCELs; answered, it talks past the greeting and
 * leaves a message. `hang-up-while-ringing`: CANCELs soon after the first ringing. `hang-up-in-greeting`: BYE as soon
 * as it is answered.
 */
export type CallerBehaviour = 'patient' | 'hang-up-while-ringing' | 'hang-up-in-greeting';

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
  readonly dials?: 'aor' | 'voice-mail-gruu';
  /** Which trap tells engaged from suppressed. */
  readonly trap: Trap;
  /**
   * `diversion`: the control must reach the trap. `over-blocking`: the control must be answered by the callee's own
   * phone, and so must every variant. `not-a-diversion`: the caller asks for the trap; every variant must reach it.
   */
  readonly kind: 'diversion' | 'over-blocking' | 'not-a-diversion';
  /** Further assertions over what was seen, with vitest's `expect`. A throw fails the cell. */
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
      /** `folded`: the value on a continuation line. `padded`: blanks before and after the value (RFC 3261 7.3.1). */
      readonly spelling: 'folded' | 'padded';
    };

/** The header fields that a caller adds to the INVITE. One row is one line of the matrix; `none` is the control. */
export interface HeaderVariant {
  /** Stable, kebab-case: header + what is special. */
  readonly id: string;
  readonly title: string;
  readonly headers: readonly HeaderField[];
  /**
   * `control`: no header at all. `inhibitor`: some source says it keeps calls out of something.
   * `decoy`: no source says so; a server that reacts to it guesses. `malformed`: breaks the header's own syntax.
   * `as-sent`: none of ours, the user's application decides.
   */
  readonly kind: 'control' | 'inhibitor' | 'decoy' | 'malformed' | 'as-sent';
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
  /** `documented`: vendor document or RFC. `observed`: somebody's own test. `reported`: a comment or field note. `inferred`: our best reading. */
  readonly evidence: 'documented' | 'observed' | 'reported' | 'inferred';
  /** What a run must show for the claim to hold. Left out where the matrix cannot settle it. */
  readonly test?: ClaimTest;
}

/** Every part of a claim's test must hold in every cell that it names. */
export type ClaimTest = readonly ClaimPart[];
export type ClaimPart = {
  readonly variants: readonly string[];
  readonly situations: readonly string[];
} & (
  | { readonly says: 'outcome'; readonly outcome: 'engaged' | 'suppressed' }
  | { readonly says: 'status'; readonly status: readonly number[] }
  | { readonly says: 'callee-rings' }
  /** Same outcome, situation by situation, as this other variant. */
  | { readonly says: 'same-as'; readonly variant: string }
  /** Within one variant the situations are all suppressed or all engaged. */
  | { readonly says: 'all-or-nothing' }
);
