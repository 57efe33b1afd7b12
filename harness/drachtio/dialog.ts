import type { HeaderField, SipMessage, SipRequest } from '../sip/message.ts';
import type { Peer } from '../sip/transport.ts';
import { parseAddress, parseUri, splitList, tagOf } from '../sip/uri.ts';
import type { ControlConnection } from './control-connection.ts';
import type { ReliableProvisionals } from './reliable.ts';

/** Methods whose 2xx makes a dialog: RFC 3261 12.1, RFC 6665 4.1, RFC 3515 2.4. */
export const DIALOG_METHODS: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);

/** What a 2xx to INVITE needs until its ACK, and the ACK of one that we received. */
export interface SentAck {
  readonly cseq: number;
  readonly request: SipRequest;
  readonly peer: Peer;
}

export interface DialogParts {
  readonly id: string;
  readonly owner: ControlConnection;
  readonly method: string;
  readonly callId: string;
  readonly localTag: string;
  /** From or To value of our side, with its tag. */
  readonly localParty: string;
  /** Of the far side, without tag. */
  readonly remoteParty: string;
  readonly localSeq: number;
  readonly remoteTarget: string;
}

/** The far side of a dialog: of a forked INVITE there may be several until one answers. */
export interface Fork {
  readonly tag: string;
  remoteTarget: string;
  routeSet: readonly string[];
  peer: Peer;
  /** RSeq of the last reliable provisional response, RFC 3262 4. */
  lastRSeq: number;
  /** RSeq of those that the application has seen and sent no PRACK for. */
  readonly unacknowledged: number[];
}

/** RFC 3261 12: what both sides remember of each other. */
export class Dialog {
  readonly id: string;
  readonly owner: ControlConnection;
  readonly method: string;
  readonly callId: string;
  readonly localTag: string;
  readonly localParty: string;
  readonly remoteParty: string;
  localSeq: number;
  confirmed = false;
  /** By tag; once confirmed only the one that answered. */
  readonly forks = new Map<string, Fork>();
  /** The fork that was heard of last; undefined before the first response with a tag. */
  fork: Fork | undefined;
  /** CSeq numbers of our INVITEs whose 2xx the application has not acknowledged yet. */
  readonly awaitingAck = new Set<number>();
  /** Repeated for each repetition of its 2xx. */
  lastAck: SentAck | undefined;
  /** Set when our INVITE was cancelled too late: hang up once it is acknowledged. */
  byeAfterAck = false;
  /** Our 2xx to an INVITE, until its ACK. */
  answer: { readonly cseq: number; readonly transactionId: string; stop(): void } | undefined;
  /** Reliable provisional responses to the last INVITE of the far side, by its CSeq number. */
  reliable: { readonly cseq: number; readonly provisionals: ReliableProvisionals } | undefined;
  /** Transaction ids, by method, of an INVITE and an UPDATE of the far side that have no final response. */
  readonly open = new Map<string, string>();
  /** Messages for the application that wait until it can have seen the dialog; undefined: none has to wait. */
  held: (() => void)[] | undefined;
  /** Transaction id of an INVITE of ours without final response. */
  openInvite: string | undefined;
  /** Its session timer, RFC 4028. */
  session: { readonly intervalS: number; stop(): void } | undefined;
  /** CSeq number of our last refresh that was answered. */
  lastRefresh = 0;
  /** The far side takes UPDATE. */
  allowsUpdate = false;
  /** Session description that we sent last. */
  localDescription: Buffer | undefined;
  /** Cancels our INVITE that would have made it. */
  cancelInvite: () => void = () => {};
  readonly #firstTarget: string;

  constructor(parts: DialogParts) {
    this.id = parts.id;
    this.owner = parts.owner;
    this.method = parts.method;
    this.callId = parts.callId;
    this.localTag = parts.localTag;
    this.localParty = parts.localParty;
    this.remoteParty = parts.remoteParty;
    this.localSeq = parts.localSeq;
    this.#firstTarget = parts.remoteTarget;
  }

  get remoteTag(): string | undefined {
    return this.fork?.tag;
  }

  /** Learns of a fork, or makes it the current one. Values of Contact and Record-Route as they came. */
  hear(tag: string, contact: string | undefined, routeSet: readonly string[], peer: Peer): Fork {
    const target = targetOf(contact);
    let fork = this.forks.get(tag);
    if (fork === undefined) {
      fork = { tag, remoteTarget: target ?? this.#firstTarget, routeSet, peer, lastRSeq: 0, unacknowledged: [] };
      this.forks.set(tag, fork);
    }
    this.fork = fork;
    return fork;
  }

  /** A fork that has hung up instead of answering; with the last one the INVITE is given up, too. */
  giveUpFork(tag: string): void {
    if (this.forks.size > 1) this.forks.delete(tag);
    else this.cancelInvite();
  }

  /** The fork that answered is the dialog; what is known of the others goes. */
  confirm(fork: Fork): void {
    this.confirmed = true;
    this.fork = fork;
    for (const tag of this.forks.keys()) if (tag !== fork.tag) this.forks.delete(tag);
  }

  /** RFC 3261 12.2: Contact of a target refresh request, or of its 2xx. */
  refreshTarget(contact: string | undefined): void {
    const target = targetOf(contact);
    if (target !== undefined && this.fork) this.fork.remoteTarget = target;
  }

  /** A message of ours may have a session description. */
  describe({ body }: { readonly body: Buffer }): void {
    if (body.toString('latin1', 0, 3) === 'v=0') this.localDescription = body;
  }

  /** Nothing is repeated any more, and nothing comes to its end. */
  dispose(): void {
    this.answer?.stop();
    this.answer = undefined;
    this.session?.stop();
    this.session = undefined;
  }

  /**
   * Request-URI and Route of a request in this dialog, and the URI that says where it goes (RFC 3261 12.2.1.1 with
   * both loose and strict routers).
   */
  routing(fork: Fork | undefined = this.fork): { requestUri: string; route: readonly string[]; nextHop: string } {
    const target = fork?.remoteTarget ?? this.#firstTarget;
    const [first, ...others] = fork?.routeSet ?? [];
    const firstUri = first === undefined ? undefined : parseAddress(first)?.uri;
    if (firstUri === undefined) return { requestUri: target, route: [], nextHop: target };
    if (parseUri(firstUri)?.params.has('lr')) {
      return { requestUri: target, route: fork?.routeSet ?? [], nextHop: firstUri };
    }
    return { requestUri: firstUri, route: [...others, `<${target}>`], nextHop: firstUri };
  }

  /** Header fields that identify the dialog in a request of ours. */
  identity(method: string, cseq: number, fork: Fork | undefined = this.fork): HeaderField[] {
    const to = fork === undefined ? this.remoteParty : `${this.remoteParty};tag=${fork.tag}`;
    return [
      { name: 'From', value: this.localParty },
      { name: 'To', value: to },
      { name: 'Call-ID', value: this.callId },
      { name: 'CSeq', value: `${cseq} ${method}` },
    ];
  }
}

/** URI of the first Contact. undefined: there is none that could be used. */
function targetOf(contact: string | undefined): string | undefined {
  const [first = ''] = splitList(contact ?? '');
  const uri = parseAddress(first)?.uri;
  return uri !== undefined && parseUri(uri) !== undefined ? uri : undefined;
}

/** A From or To value without its tag. */
export function withoutTag(value: string): string {
  if (tagOf(value) === undefined) return value;
  const from = value.lastIndexOf('>') + 1;
  return value.slice(0, from) + value.slice(from).replace(/;\s*tag\s*=\s*[^\s;,]*/i, '');
}

/** Of the far side, by its Allow header fields. */
export function allowsUpdate(message: SipMessage): boolean {
  return message.headers('Allow').flatMap(splitList).includes('UPDATE');
}
