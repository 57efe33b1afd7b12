/**
 * What was seen of one call: raw, with times, and no opinion. All `…Ms` of a call are milliseconds since its INVITE
 * left the caller, unless a name says `EpochMs`.
 */
import type { Trap } from './scenario.ts';

/** Who speaks. `server` is the SIP server under test. */
export type Role =
  | 'caller'
  | 'server'
  | 'phone'
  | 'simultaneous-ring'
  | 'team'
  | 'delegate'
  | 'forward-target'
  | 'voicemail';

/** One SIP message as it was on the wire, seen from the endpoint that is not the server. */
export interface SeenMessage {
  readonly atMs: number;
  readonly from: Role;
  readonly to: Role;
  /** Request line or status line, control characters removed. */
  readonly startLine: string;
  /** Value of CSeq, e.g. `1 INVITE`. */
  readonly cseq: string;
  readonly callId: string;
  /** The whole message as received, bytes mapped to U+0000..U+00FF (latin1), so that nothing is lost. */
  readonly raw: string;
}

/** An INVITE that arrived at an endpoint of the lab, and how it ended. */
export interface Leg {
  readonly role: Exclude<Role, 'caller' | 'server'>;
  /** User part of the Request-URI. */
  readonly user: string;
  readonly callId: string;
  readonly startMs: number;
  /** null: still open when the lab closed. */
  readonly endMs: number | null;
  /** 18x was sent. */
  readonly rang: boolean;
  /** 2xx was sent. */
  readonly answered: boolean;
  readonly result: 'answered' | 'cancelled' | 'refused' | 'open';
  /**
   * Final response sent by the endpoint; null while there is none. 487 when cancelled; null where the endpoint's record
   * comes from a control protocol that does not show the 487.
   */
  readonly status: number | null;
}

/** An entry in a subscriber's mailbox. */
export interface Notification {
  readonly kind: 'missed-call' | 'voice-message';
  /** Who made it: the server under test by a notification, or voice mail itself when the caller hung up in the greeting. */
  readonly by: 'server' | 'voicemail';
  readonly atMs: number;
  /** Call-ID of the call that it speaks of, where the maker said so. */
  readonly callId: string | null;
}

/** A canary: a call without any variant header that must reach the trap through the same server. */
export interface CanarySighting {
  /** Milliseconds since the cell's INVITE: negative before it. When the canary call was sent. */
  readonly sentMs: number;
  /** When the trap was seen to be reached; null if it was not. */
  readonly reachedMs: number | null;
}

export interface Observation {
  /** Cell id. */
  readonly cell: string;
  /** When the INVITE left; null if it never did. */
  readonly startedAtEpochMs: number | null;
  readonly caller: {
    /** Variant header lines found in the INVITE as sent, verbatim (folded lines joined by CRLF). */
    readonly headersSent: readonly string[];
    readonly provisionals: readonly { readonly status: number; readonly atMs: number }[];
    /** Final response to the INVITE. */
    readonly finalStatus: number | null;
    readonly finalMs: number | null;
    /** When the caller sent CANCEL; null if it did not. */
    readonly cancelledMs: number | null;
    readonly byeMs: number | null;
  };
  readonly legs: readonly Leg[];
  readonly notifications: readonly Notification[];
  /** Absence is claimed from the INVITE to `endMs`; `closedMs` is when a canary sent after `endMs` was seen. */
  readonly window: { readonly endMs: number; readonly closedMs: number | null; readonly slackMs: number };
  /**
   * How late the lab itself was during the call: the longest that a canary needed to reach its trap, or that this process
   * was held up. Beyond the slack, what came of a race between the caller, a phone and a timer is no fact about the server.
   */
  readonly lateMs: number;
  /** The nearest canaries of this cell's trap and policy on both sides of the window. */
  readonly canary: {
    readonly trap: Trap;
    readonly before: CanarySighting | null;
    readonly after: CanarySighting | null;
  };
  /** Phones of the call that did not get a 200 to REGISTER, with what they got. Rules the server did not keep end the run. */
  readonly unregistered: readonly string[];
  /** What went wrong on our side, in words; empty when nothing did. */
  readonly troubles: readonly string[];
  /** Why the call was not placed: the user agent under test cannot do what its callee does. */
  readonly unplayable: string | null;
  readonly messages: readonly SeenMessage[];
}
