/**
 * The seam for callers: who places the calls, what they can do, and what they leave on record. A caller is a folder here;
 * nothing else names one.
 */

import type { Credentials } from '../model/accounts.ts';
import type { CallerBehaviour } from '../model/scenario.ts';
import type { SipAddress } from '../model/server.ts';
import type { Transport } from '../model/words.ts';

/** A caller that stands on a site, ready to place calls. */
export interface Caller {
  readonly id: string;
  /** As people write it. */
  readonly name: string;
  readonly version: string;
  readonly can: CallerAbilities;
  /** Begins these calls, one after the other. @throws {LabError} when none can be placed */
  place(task: CallerTask): Promise<CallsUnderWay>;
}

export interface CallerAbilities {
  readonly behaviours: ReadonlySet<CallerBehaviour>;
  readonly transports: ReadonlySet<Transport>;
  /** It puts any header lines into the INVITE, byte for byte. */
  readonly headers: boolean;
  /** It can dial other URIs than an address of record. */
  readonly uriParameters: boolean;
  /** It answers a 401 or 407 to its INVITE: Digest, MD5, `qop=auth` or none (RFC 3261 22.4). */
  readonly credentials: boolean;
}

/** How a call is to go: what calls that are placed together agree in. */
export interface CallPlan {
  /** Whom they come from. @default sip:customer@outside.test */
  readonly from?: string | undefined;
  readonly caller: CallerBehaviour;
  /** Appended to the Request-URI, e.g. `;opaque=app:voicemail`. */
  readonly uriParameters: string;
  /** How long the caller waits for a final response before it sends CANCEL; counted from the last provisional. */
  readonly patienceMs: number;
  /** `hang-up-while-ringing`: from the first 180 to CANCEL. */
  readonly hangUpAfterRingingMs: number;
  /** `patient`: how long an answered call lasts; longer than the greeting, so that a message is left. */
  readonly talkMs: number;
  /** It is heard in an answered call: a voice mail that records takes no silence for a message. @default it says nothing */
  readonly speaks?: boolean;
  /** Header lines of the CANCEL. @default none */
  readonly cancelLines?: readonly string[];
  /** Makes Call-IDs and branches unique over runs and tasks. A token of RFC 3261. */
  readonly token: string;
}

export interface PlannedCall {
  readonly callee: string;
  readonly domain: string;
  /** The variant's header lines as they must go on the wire. */
  readonly headers: readonly string[];
  /** With these it answers a challenge, once; absent: a challenge ends the call, like any refusal. All calls of a task have some, or none. */
  readonly credentials?: Credentials | undefined;
}

/** Calls that are placed together. */
export interface CallerTask {
  /** Made if absent; keeps what the caller read and wrote, as evidence. */
  readonly dir: string;
  /** Where every call is sent: the server under test. */
  readonly remote: SipAddress;
  readonly transport: Transport;
  readonly plan: CallPlan;
  readonly calls: readonly PlannedCall[];
  /** Calls begun per second, to begin with. */
  readonly rate: number;
  /** Calls under way at once. */
  readonly concurrency: number;
  /** From the last call's begin to its end; when that is over, the caller is ended and what it did counts. */
  readonly lastCallMs: number;
}

export interface CallsUnderWay {
  /** Calls that should not have begun yet; 0 when the caller has ended. */
  readonly left: number;
  /** Settles when all is over and on record; never rejects. */
  readonly result: Promise<CallerRecord>;
  /** Calls begun per second from now on, where the caller takes such orders. */
  setRate(perSecond: number): void;
  /** Ends the caller; the messages so far are kept. Idempotent. */
  stop(): Promise<void>;
}

/** What a caller saw and did. */
export interface CallerRecord {
  readonly messages: readonly CallerMessage[];
  /** Why it ended otherwise than by finishing every call; null when it did. A call that failed is no trouble. */
  readonly trouble: string | null;
  /** It ended by itself before its calls were over: a crash, say. @default false */
  readonly died?: boolean;
  /** Why its times cannot be compared with ours; null when they can. */
  readonly clockTrouble: string | null;
  /** Calls that it gave up at a message that it did not expect: from there on it did not do its part. */
  readonly thrown?: readonly ThrownCall[];
}

export interface CallerMessage {
  readonly direction: 'sent' | 'received';
  readonly protocol: Transport;
  readonly atEpochMs: number;
  readonly bytes: Buffer;
}

export interface ThrownCall {
  readonly callId: string;
  /** 0 where it does not say. */
  readonly atEpochMs: number;
  /** The first line of the message. */
  readonly message: string;
}
