/** The server under test, as the lab sees it: started, provisioned in bulk, stopped. */
import type { AccountSet, Credentials, Lender } from './accounts.ts';
import type { PolicyId, RoutingFlag, Waits } from './scenario.ts';
import type { InnerEvidence, Transport } from './words.ts';

/** A subscriber as provisioned: one per cell, plus team members, delegates and canaries. */
export interface Subscriber {
  readonly user: string;
  readonly policy: PolicyId;
  /** Digest password for REGISTER. */
  readonly password: string;
  readonly flags: readonly RoutingFlag[];
  /**
   * SIP URIs. `forwardto` and `simultaneous_ring` name addresses outside the domain (`sip:user@ip:port`, a mobile phone
   * behind a gateway); `team` and `delegates` name registered users of the same domain; `breakthrough` names callers.
   */
  readonly lists: {
    readonly forwardto: readonly string[];
    readonly simultaneous_ring: readonly string[];
    readonly team: readonly string[];
    readonly delegates: readonly string[];
    readonly breakthrough: readonly string[];
  };
  readonly waits: Waits;
  readonly voicemail: boolean;
  readonly doNotDisturb: boolean;
  readonly heedsReason?: true;
}

/** What is known beforehand of a voice mail inside of a server: no leg comes to an endpoint of ours when it takes a call. */
export interface InnerVoicemailWord {
  /** What is looked for; what canaries do not show to appear there counts for nothing. */
  readonly evidence: readonly InnerEvidence[];
  /** How long a caller speaks until a message is left: longer than the greeting and the shortest message that it keeps. */
  readonly talkMs: number;
  /** How long it may take until a message that was left is counted; one that is counted later shows nothing. */
  readonly countedWithinMs: number;
}

export interface SipAddress {
  readonly host: string;
  readonly port: number;
}

/** A server, and what our phones, voice mail and canaries speak with it. */
export interface ServerAddress extends SipAddress {
  /** @default 'udp' */
  readonly transport?: Transport | undefined;
}

/** What TLS to a server that somebody else runs takes, PEM. */
export interface ServerTls {
  /** Who vouches for its certificate; null: the authorities that Node.js knows. */
  readonly ca: string | null;
  /** Whom its certificate must name; null: the host that is addressed. */
  readonly name: string | null;
  /** What we show who asks who we are; null: nothing. */
  readonly own: { readonly certificate: string; readonly key: string } | null;
}

/** `;transport=tls`; nothing for UDP, which a SIP URI means without it. */
export function transportParameter({ transport = 'udp' }: Pick<ServerAddress, 'transport'>): string {
  return transport === 'udp' ? '' : `;transport=${transport}`;
}

/** As the next hop of a request. */
export function routeTo(server: ServerAddress): string {
  return `sip:${server.host}:${server.port}${transportParameter(server)}`;
}

/** What is kept to on a server that somebody else runs. */
export interface Manners {
  /** Whom all calls come from, `sip:user@domain`. */
  readonly caller: string;
  /** What our voice mail registers as; null: it does not register. */
  readonly voicemail: AccountSet['callee'] | null;
  /** All that are lent: whoever has one that cannot be registered, or is somebody else's as well, is not called. */
  readonly accounts: readonly AccountSet[];
  /** Begun per second, whoever calls, canaries included. */
  readonly callsPerSecond: number;
}

/** @returns new messages by user, of those who have a mailbox. @throws {LabError} */
export type LookIntoMailboxes = (users: readonly string[]) => Promise<ReadonlyMap<string, number>>;

/** A server under test that answers, and the way to its accounts. It ends when it is disposed of. */
export interface StartedServer extends AsyncDisposable {
  /** `kamailio`. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Where SIP goes, UDP and TCP where no transport is named. */
  readonly sip: ServerAddress;
  /** Settles when the server's process is gone, whoever ended it; the text says how and ends with its last log lines. */
  readonly exited: Promise<string>;
  /** Stores the subscribers and reads them back. @throws {LabError} if the server did not keep every one. */
  provision(subscribers: readonly Subscriber[]): Promise<void>;
  /** Where accounts are lent; absent where they are made, under names of the lab's. */
  readonly lender?: Lender | undefined;
  /** Where its voice mail is inside of it, and somebody can look there. */
  readonly mailboxes?: LookIntoMailboxes | undefined;
  /** What callers answer a challenge with; absent where they have nothing. */
  readonly callers?: Credentials | undefined;
  /** Where somebody else runs it; absent: it is ours. */
  readonly manners?: Manners | undefined;
  /** Idempotent. */
  stop(): Promise<void>;
}
