/**
 * What was seen of one call: raw, with times, and no opinion. All `…Ms` of a call are milliseconds since its INVITE
 * left the caller, unless a name says `EpochMs`. Of what results and traces hold, the fields are in `observation-schema.ts`.
 */
import type * as schema from './observation-schema.ts';
import type { DataOf } from './shapes.ts';
import type { InnerEvidence, LegRole, Trap } from './words.ts';

export type { Role } from './words.ts';

/** One SIP message as it was on the wire, seen from the endpoint that is not the server. */
export type SeenMessage = DataOf<typeof schema.message>;

/** An INVITE that arrived at an endpoint of the lab, and how it ended. */
export type Leg = DataOf<typeof schema.leg>;

/** An entry in a subscriber's mailbox, or a request outside of any call that names the callee or the call. */
export type Notification = DataOf<typeof schema.notification>;

/** What shows that a voice mail inside of the server took the call. */
export type Arrival = DataOf<typeof schema.arrival>;

/** Of a call on a server whose voice mail is inside of it: no leg shows whether it took the call. */
export interface InnerVoicemail {
  /** The strongest first; empty when nothing shows it. */
  readonly arrivals: readonly Arrival[];
  /** Kinds of evidence that canaries on both sides of the window have shown to appear here, and that were looked for. */
  readonly shown: readonly InnerEvidence[];
  /** Why it cannot be said that it was not voice mail, one clause; null where nothing speaks for it. */
  readonly doubt: string | null;
}

/** A 2xx that the caller got: one for each To tag. */
export interface Answer {
  readonly atMs: number;
  /** The leg on record that gave it; null: nobody's of the lab. */
  readonly by: LegRole | null;
  /**
   * `tag`: the leg sent this very To tag. `time`: a leg that had answered by then is all there is (a B2BUA has tags of its own).
   * `arrival`: of voice mail inside of the server, by its evidence.
   */
  readonly knownBy: 'tag' | 'time' | 'arrival' | null;
}

/** The caller was told to go elsewhere. */
export interface Redirection {
  readonly atMs: number;
  /** `302`, or `REFER`. */
  readonly by: string;
  /** Contact or Refer-To as received; '' where there was none. */
  readonly to: string;
}

/** What reached an endpoint while the call's window was open, and names nobody's call. It may have been this one's. */
export type Stray = DataOf<typeof schema.stray>;

/** A canary: a call without any variant header that must reach the trap through the same server. */
export type CanarySighting = DataOf<typeof schema.canarySighting>;

/** Names of header fields that any variant uses, long and in lower case. */
export interface HeadersAtPhone {
  /** The caller sent them and the phone did not get them. A server may lawfully keep them to itself. */
  readonly lost: readonly string[];
  /** The phone got them, the caller did not send them, and they are not in every call of this server. */
  readonly added: readonly string[];
}

/** A call with a variant's header to a phone that answers at once, made by another caller than the cells'. */
export interface HeaderCanary {
  /** `refused`: the server said no within a second. `silent`: neither reached the phone nor was it refused in time. */
  readonly outcome: 'reached' | 'refused' | 'silent';
  /** Names of the variant's header fields that the phone's INVITE had, long and in lower case. */
  readonly passedOn: readonly string[];
  /** What the canary's caller saw. */
  readonly seen: string;
}

/** What was seen of one call, by everybody but the server: what a verdict rests on. */
export interface Observation {
  /** Cell id. */
  readonly cell: string;
  /** When the INVITE left; null if it never did. */
  readonly startedAtEpochMs: number | null;
  readonly caller: {
    /** Variant header lines found in the INVITE as sent, verbatim (folded lines joined by CRLF). */
    readonly headersSent: readonly string[];
    /** Methods of later requests of the caller that carried one, `re-INVITE` for an INVITE. @default none */
    readonly headersLater?: readonly string[];
    /** `known`: its To tag is that of a leg on record. */
    readonly provisionals: readonly { readonly status: number; readonly atMs: number; readonly known: boolean }[];
    /** How many 181 this server says even of a call that goes to a phone and is answered there. @default 0 */
    readonly usualForwardings?: number;
    /** Final response to the INVITE. */
    readonly finalStatus: number | null;
    readonly answers: readonly Answer[];
    readonly redirections: readonly Redirection[];
    readonly finalMs: number | null;
    /** When the caller sent CANCEL; null if it did not. */
    readonly cancelledMs: number | null;
    /** Reason lines of its CANCEL, as the server got them. @default none */
    readonly cancelReasons?: readonly string[];
    readonly byeMs: number | null;
  };
  /** A B2BUA in the path: `caller` is its second call then, as the server had it. Absent where the path has none. */
  readonly b2bua?: {
    /** Variant header lines in the INVITE that it got; null: none came. */
    readonly got: readonly string[] | null;
    /** Reason lines of the CANCEL that it got. @default none */
    readonly cancelReasons?: readonly string[];
    /** Legs of further calls that an application placed: when it had given the first up, or beside it. */
    readonly others: readonly Leg[];
    /** Final response that it gave its own caller. */
    readonly finalStatus: number | null;
  };
  /** The callee's own phone is the user agent under test; absent where it is ours. */
  readonly phoneUnderTest?: true;
  /** The user's application placed the call: its INVITE may differ from the control's in anything. */
  readonly callerUnderTest?: true;
  readonly legs: readonly Leg[];
  /** Legs of this call to phones that belong to the callee of another. Not among `legs`. */
  readonly misdirected: readonly Leg[];
  readonly notifications: readonly Notification[];
  /** Absent where voice mail is ours. */
  readonly innerVoicemail?: InnerVoicemail | undefined;
  readonly strays: readonly Stray[];
  /** Variants' headers in the INVITE that the callee's own phone got; null where none reached it. */
  readonly headersAtPhone: HeadersAtPhone | null;
  /** Absence is claimed from the INVITE to `endMs`; `closedMs` is when a canary sent after `endMs` was seen. */
  readonly window: {
    readonly endMs: number;
    readonly closedMs: number | null;
    readonly slackMs: number;
    /** Whoever ran it cancelled the run before a canary could close the window. */
    readonly cutShort?: true;
  };
  /**
   * How late the lab or its server was during the call: the longest that a canary needed to reach its trap, that the server
   * needed to answer a pulse or the caller's CANCEL, or that this process was held up. Beyond the slack, what came of a race
   * between the caller, a phone and a timer is no fact about the server.
   */
  readonly lateMs: number;
  /** The nearest canaries of this cell's trap and policy on both sides of the window. */
  readonly canary: {
    readonly trap: Trap;
    readonly before: CanarySighting | null;
    readonly after: CanarySighting | null;
  };
  /** The nearest canaries to a phone of this cell's policy: that the callee's phone stayed silent proves nothing without. */
  readonly phoneCanary: { readonly before: CanarySighting | null; readonly after: CanarySighting | null };
  /** What became of the canary that carries this cell's header to a phone; null where none was sent. */
  readonly headerCanary: HeaderCanary | null;
  /** Phones of the call that did not get a 200 to REGISTER, with what they got. Rules the server did not keep end the run. */
  readonly unregistered: readonly string[];
  /** What went wrong on our side, in words; empty when nothing did. */
  readonly troubles: readonly string[];
  /** Why the call was not placed: the user agent under test cannot do what its callee does. */
  readonly unplayable: string | null;
  readonly messages: readonly SeenMessage[];
}

/** Whether the lab was late by so much, be it within the slack, that what this call lacks may be due to it. */
export function wasRatherLate({ lateMs, window }: Observation): boolean {
  return lateMs > window.slackMs / 4;
}
