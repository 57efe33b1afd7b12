import type { SipRequest, SipResponse } from './message.ts';
import { Machine, type MachineContext } from './transaction.ts';
import { type Action, inviteServer, nonInviteServer, timersIn } from './transaction-tables.ts';
import type { Peer, Transport } from './transport.ts';

const INVITE = { table: inviteServer, timersIn: timersIn.inviteServer };
const NON_INVITE = { table: nonInviteServer, timersIn: timersIn.nonInviteServer };

export interface ServerContext extends MachineContext {
  readonly transport: Transport;
  readonly onEnded: (transaction: ServerTransaction) => void;
}

/** A request that came in, and the responses to it, RFC 3261 17.2. */
export class ServerTransaction extends Machine {
  readonly key: string;
  readonly peer: Peer;
  /** Tag that all responses made here put in To, unless the request had one (RFC 3261 8.2.6.2). */
  localTag: string;
  readonly #context: ServerContext;
  #request: SipRequest | undefined;
  /** Its bytes as characters: tens of thousands wait for repetitions in a long run, and a heap of strings has no gaps. */
  #last: string | undefined;

  constructor(key: string, request: SipRequest, peer: Peer, localTag: string, context: ServerContext) {
    const invite = request.method === 'INVITE';
    super(invite ? INVITE : NON_INVITE, context, invite ? 'proceeding' : 'trying', peer.protocol !== 'udp');
    this.key = key;
    this.#request = request;
    this.peer = peer;
    this.localTag = localTag;
    this.#context = context;
  }

  /** A response other than 100 has been sent. */
  answered = false;

  /** Until a moment after the final response. */
  get request(): SipRequest {
    if (this.#request === undefined) throw new Error('the request of a finished transaction has been given up');
    return this.#request;
  }

  /** @returns false when the table has no place for it: a final response was sent before */
  send(response: SipResponse): boolean {
    const { status, bytes } = response;
    const action = this.feed(status < 200 ? 'send1xx' : status < 300 ? 'send2xx' : 'send3to6xx');
    if (action === undefined) return false;
    if (status > 100) this.answered = true;
    this.#last = bytes.toString('latin1');
    this.#context.transport.send(bytes, this.peer);
    // What is finished waits half a minute for repetitions, and needs no more than its last response for that.
    if (status >= 200) queueMicrotask(() => (this.#request = undefined));
    if (this.state === 'accepted') this.#last = undefined;
    return true;
  }

  /** @internal by the transaction layer: the same request again */
  receiveAgain(): void {
    if (this.feed('request') === 'resend') this.act('resend');
  }

  /** @internal by the transaction layer. @returns whether it is the ACK of a 2xx, to be passed up */
  receiveAck(): boolean {
    return this.feed('ack') === 'passUp';
  }

  protected act(action: Action): void {
    if (action !== 'resend' || this.#last === undefined) return;
    this.#context.transport.send(Buffer.from(this.#last, 'latin1'), this.peer);
  }

  protected ended(): void {
    this.#context.onEnded(this);
  }
}
