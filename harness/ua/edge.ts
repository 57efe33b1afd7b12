import type { HeaderField, SipMessage } from '../sip/index.ts';
import { parseAddress, SipRequest, SipResponse, tagOf, tryParse } from '../sip/index.ts';
import { isAt, mapContacts, routeAddress, withoutRouteTo } from '../sip/proxy-route.ts';
import { ownVia, viaAddress, withoutOwnVia, withReceived } from '../sip/proxy-via.ts';
import { systemClock, TimerSet } from '../sip/timers.ts';
import { type Peer, Transport } from '../sip/transport.ts';
import type { SocketAddress, WireRecord } from '../sip/wire.ts';
import { EdgeContacts } from './edge-contacts.ts';

export interface EdgeOptions {
  /** Address to listen on. */
  readonly host: string;
  /** @default the system's choice */
  readonly port?: number;
  /** The server under test: what user agents send without saying where to goes there. */
  readonly server: SocketAddress;
  /** Gets every datagram between the edge and the network, as it was there; none between the edge and the user agents. */
  readonly record: (record: WireRecord) => void;
  /** Told of what cannot be sent on because nobody can tell where to. */
  readonly onDropped?: (why: string, bytes: Buffer) => void;
}

export interface StartedEdge extends AsyncDisposable {
  /** Registrar and outbound proxy of the user agents. */
  readonly sip: SocketAddress;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** Requests that may begin a dialog: RFC 3261 12.1, RFC 6665, RFC 3515. */
const DIALOG_FORMING: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY']);

/**
 * A user agent that is not ours cannot be recorded from inside, so all its SIP goes through here: a stateless proxy (RFC
 * 3261 16.11) over UDP that its calls come back through, because it registers itself in the user agent's place.
 *
 * It makes no message and answers none; one that comes in goes out, retransmissions too. It does not count hops: server
 * and user agent see the Max-Forwards of each other.
 *
 * @throws the system's error when the address cannot be bound
 */
export async function startEdge(options: EdgeOptions): Promise<StartedEdge> {
  const { host, port = 0 } = options;
  const timers = new TimerSet(systemClock);
  const transport = await Transport.bind({ host, port, transports: ['udp'], timers });
  const edge = new Edge(transport, options);
  transport.onMessage = (bytes, peer) => edge.receive(bytes, peer);
  const stop = async (): Promise<void> => {
    transport.stop();
    timers.stop();
  };
  return { sip: transport.local, stop, [Symbol.asyncDispose]: stop };
}

class Edge {
  readonly #transport: Transport;
  readonly #options: EdgeOptions;
  readonly #contacts: EdgeContacts;
  /** Addresses, without port, that user agents speak from. */
  readonly #userAgents = new Set<string>();

  constructor(transport: Transport, options: EdgeOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#contacts = new EdgeContacts(transport.local);
  }

  receive(bytes: Buffer, peer: Peer): void {
    const message = tryParse(bytes);
    if (message?.kind === 'request' && this.#beginsAtUserAgent(message, peer)) this.#userAgents.add(peer.host);
    if (!this.#userAgents.has(peer.host)) this.#record('in', bytes, peer);
    if (message === null) return; // keep-alives of some phones, or garbage
    const forwarded = message.kind === 'request' ? this.#request(message, peer) : this.#response(message, peer);
    if (typeof forwarded === 'string') this.#options.onDropped?.(forwarded, bytes);
    else this.#send(forwarded.message.bytes, forwarded.to);
  }

  #send(bytes: Buffer, to: SocketAddress): void {
    if (!this.#userAgents.has(to.host)) this.#record('out', bytes, to);
    this.#transport.send(bytes, { protocol: 'udp', ...to });
  }

  /** Nobody else begins anything here without naming a contact of ours. */
  #beginsAtUserAgent(request: SipRequest, { host }: Peer): boolean {
    if (host === this.#options.server.host || this.#userAgents.has(host)) return false;
    return tagOf(request.header('To') ?? '') === undefined && this.#contacts.find(request.requestUri) === undefined;
  }

  #request(request: SipRequest, from: Peer): Forwarded | string {
    const inside = this.#userAgents.has(from.host);
    const via = ownVia(request, this.#edge);
    const fields = withoutRouteTo(this.#edge, withReceived(request.fields, from));
    if (inside && request.method === 'REGISTER') this.#hideContacts(request, fields, from);
    const contact = this.#contacts.find(request.requestUri);
    const inDialog = tagOf(request.header('To') ?? '') !== undefined;
    const to = contact?.address ?? this.#nextHop(inDialog ? request.requestUri : '', fields, inside);
    if (to === undefined) return 'neither Route nor Request-URI says where to';
    const forms = DIALOG_FORMING.has(request.method) && !inDialog;
    const { host, port } = this.#edge;
    const recordRoute = forms ? [{ name: 'Record-Route', value: `<sip:${host}:${port};lr>` }] : [];
    const line = { method: request.method, version: request.version, requestUri: contact?.uri ?? request.requestUri };
    return { to, message: new SipRequest(line, [via, ...recordRoute, ...fields], request.body) };
  }

  #response(response: SipResponse, from: Peer): Forwarded | string {
    const fields = withoutOwnVia(response.fields, this.#edge);
    if (fields === undefined) return 'a response whose topmost Via is not ours';
    const to = viaAddress(fields);
    if (to === undefined) return 'a response without a Via that says where it is to go';
    const registered = !this.#userAgents.has(from.host) && /\sREGISTER$/.test(response.header('CSeq') ?? '');
    const shown = registered ? mapContacts(fields, (value) => this.#contacts.inward(value)) : fields;
    return { to, message: new SipResponse(response, shown, response.body) };
  }

  #hideContacts(request: SipRequest, fields: HeaderField[], from: Peer): void {
    const aor = parseAddress(request.header('To') ?? '')?.uri ?? '';
    const hidden = mapContacts(fields, (value) => this.#contacts.outward(value, aor, from));
    fields.splice(0, fields.length, ...hidden);
  }

  /** Routes say it, or inside a dialog the Request-URI; whatever else comes from a user agent is for the server. */
  #nextHop(target: string, fields: readonly HeaderField[], inside: boolean): SocketAddress | undefined {
    const address = routeAddress(fields, target);
    const isUs = address !== undefined && isAt(address, this.#edge);
    if (address !== undefined && !isUs) return address;
    return inside ? this.#options.server : undefined;
  }

  get #edge(): SocketAddress {
    return this.#transport.local;
  }

  #record(direction: 'in' | 'out', bytes: Buffer, { host, port }: SocketAddress): void {
    const atEpochMs = systemClock.nowEpochMs();
    const remote = { host, port };
    this.#options.record({ direction, atEpochMs, protocol: 'udp', local: this.#edge, remote, bytes });
  }
}

interface Forwarded {
  readonly message: SipMessage;
  readonly to: SocketAddress;
}
