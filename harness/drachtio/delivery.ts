import type { ClientHandlers, ClientTransaction } from '../sip/client-transaction.ts';
import { headerKey } from '../sip/header-names.ts';
import { SipRequest, type SipResponse } from '../sip/message.ts';
import type { HostResolver, Target } from '../sip/resolver.ts';
import type { Peer } from '../sip/transport.ts';
import { type Context, type NextHop, ownVia, peerOf } from './context.ts';

export interface DeliveryHandlers extends ClientHandlers {
  /** Its name has no address: in place of `onFailure`. @default onFailure */
  onUnknown?(): void;
  /** It goes to another target, or over another protocol, as another transaction: with a Via of its own. */
  onRequest?(request: SipRequest): void;
}

/**
 * A request on its way to whoever its name stands for: where nobody answers, nothing can be sent or the answer is 503, to the
 * next one (RFC 3263 4.3).
 */
export class Delivery {
  readonly #context: Context;
  readonly #hop: NextHop;
  readonly #known: Peer | undefined;
  readonly #handlers: DeliveryHandlers;
  #request: SipRequest;
  #transaction: ClientTransaction | undefined;
  /** undefined: there is one address, and no other. */
  #others: AsyncIterator<Target, undefined> | undefined;
  #heard = false;
  #over = false;

  /** @param known Who is spoken with already. */
  constructor(
    context: Context,
    request: SipRequest,
    way: { readonly hop: NextHop; readonly known: Peer | undefined },
    handlers: DeliveryHandlers,
  ) {
    this.#context = context;
    this.#request = request;
    this.#hop = way.hop;
    this.#known = way.known;
    this.#handlers = handlers;
  }

  /** Where it was sent last; undefined while that is not known. */
  get destination(): Peer | undefined {
    return this.#transaction?.destination;
  }

  /** At once where no name has to be resolved. */
  start(): void {
    const { resolver } = this.#context;
    const address = resolver.known(this.#hop);
    if (address !== undefined) {
      this.#sendTo(address);
      return;
    }
    this.#others = resolver.targets(this.#hop);
    this.#next(() => (this.#handlers.onUnknown ?? (() => this.#handlers.onFailure('transport')))());
  }

  /** It is given up where it is: no other target gets it. */
  stay(): void {
    this.#others = undefined;
  }

  terminate(): void {
    this.#over = true;
    this.#transaction?.terminate();
  }

  #next(otherwise: () => void): void {
    const others = this.#others;
    if (others === undefined) {
      otherwise();
      return;
    }
    void others.next().then(({ done, value }) => {
      if (this.#over) return;
      if (done === true || this.#others === undefined) otherwise();
      else this.#sendTo(value);
    });
  }

  #sendTo(target: Target): void {
    const { layer } = this.#context;
    const { protocol, local } = target;
    if (this.#transaction !== undefined || protocol !== this.#hop.protocol) {
      this.#request = withVia(this.#request, ownVia(local, protocol, layer.newBranch()));
      this.#handlers.onRequest?.(this.#request);
    }
    this.#transaction = layer.client(this.#request, protocol !== 'udp', {
      onResponse: (response, from) => this.#onResponse(response, from),
      onFailure: (reason) => {
        const fail = (): void => this.#handlers.onFailure(reason);
        if (this.#heard) fail();
        else this.#next(fail);
      },
    });
    this.#transaction.start(peerOf({ ...this.#hop, protocol, local }, target, this.#known));
  }

  #onResponse(response: SipResponse, from: Peer): void {
    const pass = (): void => this.#handlers.onResponse(response, from);
    if (response.status === 503) {
      this.#next(pass);
      return;
    }
    this.#heard = true;
    pass();
  }
}

/** What nobody answers has no second target: an ACK of a 2xx. Where its name has no address, nothing is sent. */
export function sendOnce(
  context: Context,
  request: SipRequest,
  hop: NextHop,
  known: Peer | undefined,
): Promise<Peer> | Peer {
  const { resolver, transport } = context;
  const target = resolver.known(hop);
  if (target !== undefined) {
    const peer = peerOf(hop, target, known);
    transport.send(request.bytes, peer);
    return peer;
  }
  const found = firstTarget(resolver, hop).then((first) => peerOf(hop, first, known));
  found.then(
    (peer) => transport.send(request.bytes, peer),
    () => {},
  );
  return found;
}

async function firstTarget(resolver: HostResolver, hop: NextHop): Promise<Target> {
  const { value } = await resolver.targets({ ...hop, protocols: undefined }).next();
  if (value === undefined) throw new Error(`${hop.host} has no address`);
  return value;
}

function withVia(request: SipRequest, value: string): SipRequest {
  const at = request.fields.findIndex(({ name }) => headerKey(name) === 'via');
  return new SipRequest(request, request.fields.with(at, { name: 'Via', value }), request.body);
}
