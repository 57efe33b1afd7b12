import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { TcpConnection, type TcpEvents } from './tcp.ts';
import type { TimerSet } from './timers.ts';
import { type Protocol, type SocketAddress, throughHook, type WireHooks, type WireRecord } from './wire.ts';

/** Where a message came from or goes to. */
export interface Peer extends SocketAddress {
  readonly protocol: Protocol;
  /** The connection that a request came in on: its responses go back on it, RFC 3261 18.2.2. */
  readonly connection?: TcpConnection;
}

export interface TransportOptions {
  readonly host: string;
  /** 0: the system chooses one that is free for every transport. */
  readonly port: number;
  readonly transports: readonly Protocol[];
  readonly timers: TimerSet;
  readonly recorder?: ((record: WireRecord) => void) | undefined;
  readonly hooks?: WireHooks | undefined;
}

const PORT_ATTEMPTS = 50;
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const BACKLOG = 4096;

/** UDP and TCP on one address and port. */
export class Transport {
  readonly local: SocketAddress;
  readonly protocols: readonly Protocol[];
  /** Set by the layer above before the first message can arrive. */
  onMessage: (bytes: Buffer, peer: Peer) => void = () => {};
  readonly #options: TransportOptions;
  readonly #udp: UdpSocket | undefined;
  readonly #server: Server | undefined;
  readonly #connections = new Map<string, TcpConnection>();
  #stopped = false;
  readonly #tcpEvents: TcpEvents = {
    onMessage: (connection, bytes) => this.#received(bytes, { protocol: 'tcp', ...connection.remote, connection }),
    onBroken: (connection, bytes) => this.#received(bytes, { protocol: 'tcp', ...connection.remote, connection }),
    onClosed: (connection) => {
      const key = addressKey(connection.remote);
      if (this.#connections.get(key) === connection) this.#connections.delete(key);
    },
  };

  private constructor(options: TransportOptions, port: number, udp: UdpSocket | undefined, server: Server | undefined) {
    this.#options = options;
    this.local = { host: options.host, port };
    this.protocols = options.transports;
    this.#udp = udp;
    this.#server = server;
    udp?.on('message', (bytes, from) =>
      this.#received(bytes, { protocol: 'udp', host: from.address, port: from.port }),
    );
    udp?.on('error', () => {}); // a datagram that could not leave is lost, as others are
    server?.on('connection', (socket) => this.#keep(TcpConnection.accepted(socket, this.#tcpEvents)));
    server?.on('error', () => {}); // accept failed for want of descriptors; those that are open go on
  }

  /** Rejects with the system's error when an address cannot be bound. */
  static async bind(options: TransportOptions): Promise<Transport> {
    for (let attempt = 1; ; attempt++) {
      const server = options.transports.includes('tcp') ? createServer({ noDelay: true }) : undefined;
      const udp = options.transports.includes('udp')
        ? createSocket({ type: options.host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES })
        : undefined;
      try {
        let { port } = options;
        if (server) {
          server.listen({ host: options.host, port, backlog: BACKLOG });
          await once(server, 'listening');
          port = (server.address() as { port: number }).port;
        }
        if (udp) {
          udp.bind(port, options.host);
          await once(udp, 'listening');
          port = udp.address().port;
        }
        return new Transport(options, port, udp, server);
      } catch (error) {
        server?.close();
        udp?.close();
        const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
        if (!taken || options.port !== 0 || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  /** `onFailed`: the message will not arrive, as far as the transport can tell. May be called later, or never. */
  send(bytes: Buffer, peer: Peer, onFailed: (error: Error) => void = () => {}): void {
    if (this.#stopped) return;
    const { protocol, host, port } = peer;
    if (port === 0) {
      queueMicrotask(() => onFailed(new Error(`${host} has no port 0`)));
      return;
    }
    const { hooks, timers } = this.#options;
    const write = (toSend: Buffer): void => {
      if (this.#stopped) return;
      this.#record('out', toSend, peer);
      if (protocol === 'udp') this.#udp?.send(toSend, port, host, (error) => error && onFailed(error));
      else this.#connectionTo(peer).send(toSend, onFailed);
    };
    if (hooks?.onSend === undefined) write(bytes);
    else throughHook(hooks.onSend, { protocol, local: this.local, remote: { host, port }, bytes }, timers, write);
  }

  /** Closes every socket at once. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#udp?.close();
    this.#server?.close();
    for (const connection of this.#connections.values()) connection.close();
  }

  #connectionTo({ host, port, connection }: Peer): TcpConnection {
    if (connection?.usable) return connection;
    const known = this.#connections.get(addressKey({ host, port }));
    return known?.usable ? known : this.#keep(TcpConnection.open({ host, port }, this.local.host, this.#tcpEvents));
  }

  #keep(connection: TcpConnection): TcpConnection {
    if (this.#stopped) connection.close();
    this.#connections.set(addressKey(connection.remote), connection);
    return connection;
  }

  #received(bytes: Buffer, peer: Peer): void {
    if (this.#stopped) return;
    this.#record('in', bytes, peer);
    const { hooks, timers } = this.#options;
    if (hooks?.onReceive === undefined) {
      this.onMessage(bytes, peer);
      return;
    }
    const { protocol, host, port } = peer;
    throughHook(hooks.onReceive, { protocol, local: this.local, remote: { host, port }, bytes }, timers, (received) =>
      this.onMessage(received, peer),
    );
  }

  #record(direction: 'in' | 'out', bytes: Buffer, { protocol, host, port }: Peer): void {
    this.#options.recorder?.({
      direction,
      atEpochMs: this.#options.timers.clock.nowEpochMs(),
      protocol,
      local: this.local,
      remote: { host, port },
      bytes,
    });
  }
}

function addressKey({ host, port }: SocketAddress): string {
  return `${host}:${port}`;
}
