import type { Transport as TransportName } from '../model/words.ts';
import type { HeaderField, SipMessage } from '../sip/index.ts';
import { parseAddress, SipRequest, SipResponse, tagOf, tryParse } from '../sip/index.ts';
import type { Listener, TlsOptions } from '../sip/listener.ts';
import { isAt, mapContacts, recordRouteTo, routeAddress, withoutRouteTo } from '../sip/proxy-route.ts';
import { ownVia, viaAddress, withoutOwnVia, withReceived } from '../sip/proxy-via.ts';
import { systemClock, TimerSet } from '../sip/timers.ts';
import { type Peer, Transport } from '../sip/transport.ts';
import type { SocketAddress, WireRecord } from '../sip/wire.ts';
import { EdgeContacts } from './edge-contacts.ts';

export interface EdgeOptions {
  /** Address to listen on. */
  readonly host: string;
  /** Of the user agents' side. @default the system's choice */
  readonly port?: number;
  /** The server under test: what user agents send without saying where to goes there. */
  readonly server: SocketAddress;
  /** What is spoken with the server. @default udp */
  readonly transport?: TransportName | undefined;
  /** What is spoken with the user agents. UDP on either side is one port for both. @default udp */
  readonly inner?: TransportName | undefined;
  /** For TLS with the server. */
  readonly tls?: TlsOptions | undefined;
  /** For TLS with the user agents. */
  readonly innerTls?: TlsOptions | undefined;
  /** Gets every message between the edge and the network, as it was there; none between the edge and the user agents. */
  readonly record: (record: WireRecord) => void;
  /** Told of what cannot be sent on because nobody can tell where to, or nobody is there. */
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
 * 3261 16.11) that its calls come back through, because it registers itself in the user agent's place.
 *
 * It makes no message and answers none; one that comes in goes out, retransmissions too. It does not count hops: server
 * and user agent see the Max-Forwards of each other. Over TCP and TLS the user agents are called on the connections that
 * they opened (RFC 5626 5.3).
 *
 * @throws the system's error when the address cannot be bound
 */
export async function startEdge(options: EdgeOptions): Promise<StartedEdge> {
  const { host, port = 0, transport: outer = 'udp', inner = 'udp', tls, innerTls } = options;
  const timers = new TimerSet(systemClock);
  const more = outer === 'udp' && inner === 'udp' ? [] : [{ host, port: 0, transports: [outer], tls }];
  const transport = await Transport.bind({ host, port, transports: [inner], tls: innerTls, more, timers });
  const edge = new Edge(transport, options);
  transport.onMessage = (bytes, peer) => edge.receive(bytes, peer);
  const stop = async (): Promise<void> => {
    transport.stop();
    timers.stop();
  };
  return { sip: transport.local, stop, [Symbol.asyncDispose]: stop };
}

/** Where one of the two is spoken to. */
type Side = Pick<Listener, 'protocol' | 'local'>;

class Edge {
  readonly #transport: Transport;
  readonly #options: EdgeOptions;
  readonly #contacts: EdgeContacts;
  readonly #inside: Side;
  readonly #outside: Side;
  /** Addresses, without port, that user agents speak from, where one port is for both sides. */
  readonly #userAgents = new Set<string>();
  /** Where the user agent of a call last spoke from, by Call-ID. */
  readonly #speakers = new Map<string, Peer>();

  constructor(transport: Transport, options: EdgeOptions) {
    const [inside, outside = inside] = transport.listeners;
    if (inside === undefined || outside === undefined) throw new Error('an edge listens somewhere');
    this.#transport = transport;
    this.#options = options;
    this.#inside = inside;
    this.#outside = outside;
    this.#contacts = new EdgeContacts(outside);
  }

  receive(bytes: Buffer, peer: Peer): void {
    const message = tryParse(bytes);
    if (message?.kind === 'request' && this.#beginsAtUserAgent(message, peer)) this.#userAgents.add(peer.host);
    const inside = this.#isInside(peer);
    if (!inside) this.#record('in', bytes, peer);
    if (message === null) return; // keep-alives of some phones, or garbage
    if (inside && peer.protocol !== 'udp') this.#speakers.set(message.header('Call-ID') ?? '', peer);
    const forwarded = message.kind === 'request' ? this.#request(message, peer) : this.#response(message, peer);
    if (typeof forwarded === 'string') this.#options.onDropped?.(forwarded, bytes);
    else this.#send(forwarded);
  }

  #send({ message: { bytes }, to }: Forwarded): void {
    if (!this.#isInside(to)) this.#record('out', bytes, to);
    this.#transport.send(bytes, to, ({ message }) => this.#options.onDropped?.(message, bytes));
  }

  get #isOnePort(): boolean {
    return this.#inside === this.#outside;
  }

  #isInside({ host, local }: Peer): boolean {
    return this.#isOnePort ? this.#userAgents.has(host) : local?.port === this.#inside.local.port;
  }

  /** Nobody else begins anything here without naming a contact of ours. */
  #beginsAtUserAgent(request: SipRequest, { host }: Peer): boolean {
    if (!this.#isOnePort || host === this.#options.server.host || this.#userAgents.has(host)) return false;
    return tagOf(request.header('To') ?? '') === undefined && this.#contacts.find(request.requestUri) === undefined;
  }

  #request(request: SipRequest, from: Peer): Forwarded | string {
    const inside = this.#isInside(from);
    const contact = this.#contacts.find(request.requestUri);
    const came = inside ? this.#inside : this.#outside;
    const goes = inside && contact === undefined ? this.#outside : this.#inside;
    const sides = [...new Set([came, goes])];
    const fields = sides.reduce(
      (kept, { local }) => withoutRouteTo(local, kept),
      withReceived(request.fields, from, { isStream: from.protocol !== 'udp' }),
    );
    if (inside && request.method === 'REGISTER') this.#hideContacts(request, fields, from);
    const inDialog = tagOf(request.header('To') ?? '') !== undefined;
    const said = contact?.address ?? this.#nextHop(inDialog ? request.requestUri : '', fields, inside);
    const to = (goes === this.#inside && this.#speaker(request, contact?.from)) || said;
    if (to === undefined) return 'neither Route nor Request-URI says where to';
    const forms = DIALOG_FORMING.has(request.method) && !inDialog;
    const recordRoutes = forms ? sides.toReversed().map(recordRouteTo) : []; // RFC 5658 3.3
    const line = { method: request.method, version: request.version, requestUri: contact?.uri ?? request.requestUri };
    const all = [ownVia(request, goes.local, goes.protocol), ...recordRoutes, ...fields];
    return { to: peerOn(goes, to), message: new SipRequest(line, all, request.body) };
  }

  #response(response: SipResponse, from: Peer): Forwarded | string {
    const inside = this.#isInside(from);
    const [came, goes] = inside ? [this.#inside, this.#outside] : [this.#outside, this.#inside];
    const fields = withoutOwnVia(response.fields, came.local);
    if (fields === undefined) return 'a response whose topmost Via is not ours';
    const to = viaAddress(fields);
    if (to === undefined) return 'a response without a Via that says where it is to go';
    const registered = !inside && /\sREGISTER$/.test(response.header('CSeq') ?? '');
    const shown = registered ? mapContacts(fields, (value) => this.#contacts.inward(value)) : fields;
    return { to: peerOn(goes, to), message: new SipResponse(response, shown, response.body) };
  }

  #hideContacts(request: SipRequest, fields: HeaderField[], from: Peer): void {
    const aor = parseAddress(request.header('To') ?? '')?.uri ?? '';
    const hidden = mapContacts(fields, (value) => this.#contacts.outward(value, aor, from));
    fields.splice(0, fields.length, ...hidden);
  }

  /** A connection of the user agent's that is still there: who has registered by it, or speaks of this call on it. */
  #speaker(request: SipRequest, registered: Peer | undefined): Peer | undefined {
    const known = [registered, this.#speakers.get(request.header('Call-ID') ?? '')];
    return known.find((peer) => peer?.connection?.usable === true);
  }

  /** Routes say it, or inside a dialog the Request-URI; whatever else comes from a user agent is for the server. */
  #nextHop(target: string, fields: readonly HeaderField[], inside: boolean): SocketAddress | undefined {
    const address = routeAddress(fields, target);
    const isUs = address !== undefined && [this.#inside, this.#outside].some(({ local }) => isAt(address, local));
    if (address !== undefined && !isUs) return address;
    return inside ? this.#options.server : undefined;
  }

  #record(direction: 'in' | 'out', bytes: Buffer, { protocol, host, port }: Peer): void {
    const atEpochMs = systemClock.nowEpochMs();
    const { local } = this.#outside;
    this.#options.record({ direction, atEpochMs, protocol, local, remote: { host, port }, bytes });
  }
}

function peerOn({ protocol, local }: Side, to: SocketAddress | Peer): Peer {
  return { ...to, protocol, local };
}

interface Forwarded {
  readonly message: SipMessage;
  readonly to: Peer;
}
