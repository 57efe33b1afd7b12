import type { Credentials } from '../../model/accounts.ts';
import { type SipAddress, transportParameter } from '../../model/server.ts';
import type { Transport as TransportName } from '../../model/words.ts';
import { SipRequest, SipResponse, tryParse } from '../../sip/index.ts';
import type { TlsOptions } from '../../sip/listener.ts';
import { withoutTopVia } from '../../sip/proxy-via.ts';
import { systemClock, type Timer, TimerSet } from '../../sip/timers.ts';
import { type Peer, Transport } from '../../sip/transport.ts';
import { branchOf } from '../../sip/uri.ts';
import type { WireRecord } from '../../sip/wire.ts';
import { asScripted, keptInDialog } from './application-side.ts';
import { EdgeCall } from './edge-call.ts';

export interface CallerEdgeOptions {
  /** Address of both sides; each has a port of its own. */
  readonly host: string;
  /** Where all that the caller sends goes. */
  readonly server: SipAddress;
  readonly transport: TransportName;
  /** For `tls`. */
  readonly tls?: TlsOptions | undefined;
  /** The caller is a program of the user's: it speaks UDP, by RFC 3261 and no script of ours. @default false */
  readonly isApplication?: boolean;
  /** Challenges are answered with them; undefined: they are the caller's. */
  readonly credentials?: Credentials | undefined;
  /** Gets every message between the edge and the server. */
  readonly record: (record: WireRecord) => void;
  /** The server cannot be reached. */
  readonly onTrouble: (text: string) => void;
}

export interface StartedCallerEdge extends AsyncDisposable {
  /** What its caller takes for the server. */
  readonly sip: SipAddress;
  /** What is spoken there. */
  readonly transport: 'udp' | 'tcp';
}

const T1_MS = 500;
const T2_MS = 4_000;
const COOKIE = 'z9hG4bKe-';

/**
 * Speaks to the server in the place of one caller that lacks its transport, or its kind of Digest: to the server it is the
 * caller, with a Via and a Contact of its own and nothing that tells of a second hop.
 *
 * @throws the system's error when the address cannot be bound
 */
export async function startCallerEdge(options: CallerEdgeOptions): Promise<StartedCallerEdge> {
  const { host, transport: outer, tls, record, isApplication = false } = options;
  // What is reliable outside needs no retransmissions inside.
  const inner = outer === 'udp' || isApplication ? 'udp' : 'tcp';
  const timers = new TimerSet(systemClock);
  const transport = await Transport.bind({
    host,
    port: 0,
    transports: [inner],
    more: [{ host, port: 0, transports: [outer] }],
    tls,
    timers,
    recorder: (each) => {
      if (each.local.port !== transport.local.port) record(each);
    },
  });
  const edge = new Edge(transport, timers, options);
  transport.onMessage = (bytes, peer) => edge.receive(bytes, peer);
  return {
    sip: transport.local,
    transport: inner,
    [Symbol.asyncDispose]: async () => {
      transport.stop();
      timers.stop();
    },
  };
}

class Edge {
  readonly #transport: Transport;
  readonly #timers: TimerSet;
  readonly #options: CallerEdgeOptions;
  readonly #calls = new Map<string, EdgeCall>();
  /** Until a response comes to what was sent again over UDP, by Call-ID: the caller takes it for answered. */
  readonly #repeating = new Map<string, Timer>();
  /** Who asked what, by branch. */
  readonly #asking = new Map<string, Peer>();
  readonly #server: Peer;
  #caller: Peer | undefined;

  constructor(transport: Transport, timers: TimerSet, options: CallerEdgeOptions) {
    const [, outside] = transport.listeners;
    this.#transport = transport;
    this.#timers = timers;
    this.#options = options;
    this.#server = { protocol: options.transport, ...options.server, ...(outside && { local: outside.local }) };
  }

  receive(bytes: Buffer, peer: Peer): void {
    const message = tryParse(bytes);
    if (message === null) return; // keep-alives, or garbage: they are on record
    const isCaller = peer.local?.port === this.#transport.local.port;
    if (isCaller) this.#caller = peer;
    if (message.kind === 'request') {
      if (isCaller) this.#send(this.#call(message).outward(this.#scripted(message)), this.#server);
      else this.#ask(message, peer);
    } else if (isCaller) this.#answer(message);
    else this.#respond(message);
  }

  #call(message: SipRequest | SipResponse): EdgeCall {
    const id = message.header('Call-ID') ?? '';
    const known = this.#calls.get(id);
    if (known !== undefined) return known;
    const { transport, credentials } = this.#options;
    const { host, port } = this.#server.local ?? this.#transport.local;
    const at = `${host}:${port}`;
    const names = {
      via: `SIP/2.0/${transport.toUpperCase()} ${at}`,
      contactAt: `${at}${transportParameter({ transport })}`,
    };
    const call = new EdgeCall(names, credentials);
    this.#calls.set(id, call);
    return call;
  }

  #scripted(request: SipRequest): SipRequest {
    return this.#options.isApplication === true ? asScripted(request, this.#transport.local) : request;
  }

  #kept(bytes: Buffer): Buffer {
    const response = this.#options.isApplication === true ? tryParse(bytes) : null;
    return response?.kind === 'response' ? keptInDialog(response, this.#transport.local).bytes : bytes;
  }

  #respond(response: SipResponse): void {
    const id = response.header('Call-ID') ?? '';
    const { toServer, toCaller, isSentAgain } = this.#call(response).inward(response);
    if (toCaller !== undefined || isSentAgain) this.#repeating.get(id)?.cancel();
    for (const bytes of toServer) this.#send(bytes, this.#server);
    if (toCaller !== undefined && this.#caller !== undefined) this.#send(this.#kept(toCaller), this.#caller);
    const again = toServer.at(-1);
    if (isSentAgain && again !== undefined && this.#options.transport === 'udp') {
      this.#repeating.set(
        id,
        this.#timers.repeat(T1_MS, T2_MS, () => this.#send(again, this.#server)),
      );
    }
  }

  /** A request of the server's. */
  #ask(request: SipRequest, from: Peer): void {
    if (this.#caller === undefined) return;
    const { host, port } = this.#transport.local;
    const branch = `${COOKIE}${branchOf(request.header('Via') ?? '')}`;
    this.#asking.set(branch, from);
    const via = {
      name: 'Via',
      value: `SIP/2.0/${this.#caller.protocol.toUpperCase()} ${host}:${port};branch=${branch}`,
    };
    this.#send(new SipRequest(request, [via, ...request.fields], request.body).bytes, this.#caller);
  }

  /** The caller's response to one. */
  #answer(response: SipResponse): void {
    const to = this.#asking.get(branchOf(response.header('Via') ?? ''));
    if (to === undefined) return;
    this.#send(new SipResponse(response, withoutTopVia(response.fields), response.body).bytes, to);
  }

  #send(bytes: Buffer, to: Peer): void {
    this.#transport.send(bytes, to, (error) => {
      if (to !== this.#server) return; // a caller that is gone has no use for it
      const { host, port, protocol } = to;
      this.#options.onTrouble(`${protocol.toUpperCase()} to ${host}:${port} failed: ${error.message}`);
    });
  }
}
