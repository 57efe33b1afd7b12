import type { HeaderField, SipRequest, SipResponse } from './message.ts';
import { SipRequest as Request } from './message.ts';
import { Machine, type MachineContext } from './transaction.ts';
import { type Action, inviteClient, nonInviteClient, timersIn } from './transaction-tables.ts';
import type { Peer, Transport } from './transport.ts';

const INVITE = { table: inviteClient, timersIn: timersIn.inviteClient };
const NON_INVITE = { table: nonInviteClient, timersIn: timersIn.nonInviteClient };
const EMPTY = Buffer.alloc(0);

export interface ClientHandlers {
  /** Every response but retransmissions of a non-2xx final one. Each 2xx to an INVITE comes up. */
  onResponse(response: SipResponse, from: Peer): void;
  /** No final response: nobody answered, or the request could not be sent. Called once, instead of one. */
  onFailure(reason: 'timeout' | 'transport'): void;
}

export interface ClientContext extends MachineContext {
  readonly transport: Transport;
  readonly onEnded: (transaction: ClientTransaction) => void;
}

/** A request on its way, RFC 3261 17.1. Made at once, started when its destination is known. */
export class ClientTransaction extends Machine {
  readonly key: string;
  readonly #context: ClientContext;
  /** Given up with the last message that needs them: what is finished waits half a minute for repetitions. */
  #handlers: ClientHandlers | undefined;
  #request: SipRequest | undefined;
  #destination: Peer | undefined;
  #ack: SipRequest | undefined;

  constructor(key: string, request: SipRequest, reliable: boolean, context: ClientContext, handlers: ClientHandlers) {
    const invite = request.method === 'INVITE';
    super(invite ? INVITE : NON_INVITE, context, invite ? 'calling' : 'trying', reliable);
    this.key = key;
    this.#request = request;
    this.#context = context;
    this.#handlers = handlers;
  }

  /** Where it was sent; undefined while that is not known. */
  get destination(): Peer | undefined {
    return this.#destination;
  }

  start(destination: Peer): void {
    if (this.state === 'terminated') return;
    this.#destination = destination;
    this.begin();
    this.#send(this.#request);
  }

  /** The request could not be sent. */
  failTransport(): void {
    const action = this.feed('transportError');
    if (action !== undefined) this.act(action);
  }

  /** @internal by the transaction layer */
  receive(response: SipResponse, from: Peer): void {
    const { status } = response;
    const action = this.feed(status < 200 ? 'receive1xx' : status < 300 ? 'receive2xx' : 'receive3to6xx');
    if (action === 'ack' || action === 'ackAndPassUp') this.#acknowledge(response);
    if (action === 'passUp' || action === 'ackAndPassUp') this.#handlers?.onResponse(response, from);
    if (this.state === 'completed') this.#release();
  }

  protected act(action: Action): void {
    if (action === 'resend') this.#send(this.#request);
    else if (action === 'timeout') this.#handlers?.onFailure('timeout');
    else if (action === 'fail') this.#handlers?.onFailure('transport');
  }

  protected ended(): void {
    this.#context.onEnded(this);
  }

  #release(): void {
    this.#handlers = undefined;
    this.#request = undefined;
  }

  #send(message: SipRequest | undefined): void {
    if (this.#destination && message)
      this.#context.transport.send(message.bytes, this.#destination, () => this.failTransport());
  }

  #acknowledge(response: SipResponse): void {
    if (this.#request) this.#ack ??= ackOf(this.#request, response.header('To') ?? '');
    this.#send(this.#ack);
  }
}

/** RFC 3261 17.1.1.3: same Request-URI, top Via, Call-ID, From and CSeq number, the To of the response, and the Route. */
function ackOf(invite: SipRequest, to: string): SipRequest {
  const fields: HeaderField[] = [{ name: 'Via', value: invite.header('Via') ?? '' }];
  for (const value of invite.headers('Route')) fields.push({ name: 'Route', value });
  const cseq = Number.parseInt(invite.header('CSeq') ?? '', 10);
  fields.push(
    { name: 'Max-Forwards', value: '70' },
    { name: 'From', value: invite.header('From') ?? '' },
    { name: 'To', value: to },
    { name: 'Call-ID', value: invite.header('Call-ID') ?? '' },
    { name: 'CSeq', value: `${cseq} ACK` },
    { name: 'Content-Length', value: '0' },
  );
  return new Request({ method: 'ACK', requestUri: invite.requestUri }, fields, EMPTY);
}
