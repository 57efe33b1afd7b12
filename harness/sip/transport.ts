import { isIP } from 'node:net';
import type { Listener, OnReceived, Peer, TlsOptions } from './listener.ts';
import { StreamListener } from './stream-listener.ts';
import type { TimerSet } from './timers.ts';
import { UdpListener } from './udp-listener.ts';
import { type Protocol, type SocketAddress, throughHook, type WireHooks, type WireRecord } from './wire.ts';

export type { Peer } from './listener.ts';

/** An address, and what is spoken there. */
export interface BindAddress {
  readonly host: string;
  /** 0: the system chooses one that is free for every transport. */
  readonly port: number;
  readonly transports: readonly Protocol[];
  /** For `tls` and `wss`. @default that of the first address */
  readonly tls?: TlsOptions | undefined;
}

export interface TransportOptions extends BindAddress {
  /** Further addresses of the same server. */
  readonly more?: readonly BindAddress[] | undefined;
  readonly timers: TimerSet;
  readonly recorder?: ((record: WireRecord) => void) | undefined;
  readonly hooks?: WireHooks | undefined;
}

const PORT_ATTEMPTS = 50;

/** All addresses on which one server speaks SIP. */
export class Transport {
  /** The first one. */
  readonly local: SocketAddress;
  readonly listeners: readonly Listener[];
  /** Set by the layer above before the first message can arrive. */
  onMessage: (bytes: Buffer, peer: Peer) => void = () => {};
  readonly #options: TransportOptions;
  #stopped = false;

  private constructor(options: TransportOptions, local: SocketAddress, listeners: readonly Listener[]) {
    this.#options = options;
    this.local = local;
    this.listeners = listeners;
  }

  /** Rejects with the system's error when an address cannot be bound. */
  static async bind(options: TransportOptions): Promise<Transport> {
    const listeners: Listener[] = [];
    const onReceived: OnReceived = (bytes, peer) => {
      if (transport) transport.#received(bytes, peer);
    };
    let transport: Transport | undefined;
    try {
      for (const address of [options, ...(options.more ?? [])])
        listeners.push(...(await bind(address, address.tls ?? options.tls, onReceived)));
    } catch (error) {
      for (const listener of listeners) listener.stop();
      throw error;
    }
    const [first] = listeners;
    if (first === undefined) throw new Error(`no transport was given for ${options.host}`);
    transport = new Transport(options, first.local, listeners);
    return transport;
  }

  /**
   * The address of ours from which `host`, an address or a name, is spoken to; `preferred` if that is one.
   *
   * @returns undefined when there is none of that protocol and kind of address
   */
  localFor(protocol: Protocol, host: string, preferred?: SocketAddress): SocketAddress | undefined {
    const kind = isIP(host);
    const fits = (one: Listener): boolean => one.protocol === protocol && (kind === 0 || isIP(one.local.host) === kind);
    const found = this.listeners.find((one) => fits(one) && isSame(one.local, preferred)) ?? this.listeners.find(fits);
    return found?.local;
  }

  /** `onFailed`: the message will not arrive, as far as the transport can tell. May be called later, or never. */
  send(bytes: Buffer, peer: Peer, onFailed: (error: Error) => void = () => {}): void {
    if (this.#stopped) return;
    const { protocol, host, port } = peer;
    const listener = this.#listenerFor(peer);
    if (listener === undefined || port === 0) {
      queueMicrotask(() => onFailed(new Error(`${protocol} does not lead to ${host}:${port}`)));
      return;
    }
    const { local } = listener;
    const { hooks, timers } = this.#options;
    const write = (toSend: Buffer): void => {
      if (this.#stopped) return;
      this.#record('out', toSend, peer, local);
      listener.send(toSend, peer, onFailed);
    };
    if (hooks?.onSend === undefined) write(bytes);
    else throughHook(hooks.onSend, { protocol, local, remote: { host, port }, bytes }, timers, write);
  }

  /** Closes every socket at once. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const listener of this.listeners) listener.stop();
  }

  #listenerFor({ protocol, local }: Peer): Listener | undefined {
    return this.listeners.find((one) => one.protocol === protocol && (local === undefined || isSame(one.local, local)));
  }

  #received(bytes: Buffer, peer: Peer): void {
    if (this.#stopped) return;
    const { protocol, host, port, local = this.local } = peer;
    this.#record('in', bytes, peer, local);
    const { hooks, timers } = this.#options;
    if (hooks?.onReceive === undefined) {
      this.onMessage(bytes, peer);
      return;
    }
    throughHook(hooks.onReceive, { protocol, local, remote: { host, port }, bytes }, timers, (received) =>
      this.onMessage(received, peer),
    );
  }

  #record(direction: 'in' | 'out', bytes: Buffer, { protocol, host, port }: Peer, local: SocketAddress): void {
    const atEpochMs = this.#options.timers.clock.nowEpochMs();
    this.#options.recorder?.({ direction, atEpochMs, protocol, local, remote: { host, port }, bytes });
  }
}

function isSame(one: SocketAddress, other: SocketAddress | undefined): boolean {
  return one === other || (one.host === other?.host && one.port === other.port);
}

/** All protocols of one address, on one port. */
async function bind(
  { host, port, transports }: BindAddress,
  tls: TlsOptions | undefined,
  onReceived: OnReceived,
): Promise<Listener[]> {
  for (let attempt = 1; ; attempt++) {
    const bound: Listener[] = [];
    try {
      for (const protocol of transports) {
        // UDP shares its port with one of the others; no two of those can share one.
        const shared = bound.find((one) => (one.protocol === 'udp') !== (protocol === 'udp'));
        const isFirst = !bound.some((one) => (one.protocol === 'udp') === (protocol === 'udp'));
        const address = { host, port: (isFirst ? shared?.local.port : undefined) ?? port };
        bound.push(
          protocol === 'udp'
            ? await UdpListener.bind(address, onReceived)
            : await StreamListener.bind(protocol, address, tls, onReceived),
        );
      }
      return bound;
    } catch (error) {
      for (const listener of bound) listener.stop();
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || port !== 0 || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}
