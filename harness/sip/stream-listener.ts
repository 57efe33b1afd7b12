import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Listener, OnReceived, Peer } from './listener.ts';
import { TcpConnection, type TcpEvents } from './tcp.ts';
import type { SocketAddress } from './wire.ts';

const BACKLOG = 4096;

/** TCP: connections that others opened, and those opened to others. */
export class StreamListener implements Listener {
  readonly protocol = 'tcp';
  readonly local: SocketAddress;
  readonly #server: Server;
  readonly #connections = new Map<string, TcpConnection>();
  readonly #events: TcpEvents;
  #stopped = false;

  private constructor(server: Server, local: SocketAddress, onReceived: OnReceived) {
    this.#server = server;
    this.local = local;
    const received = (connection: TcpConnection, bytes: Buffer): void =>
      onReceived(bytes, { protocol: this.protocol, ...connection.remote, connection, local });
    this.#events = {
      onMessage: received,
      onBroken: received,
      onClosed: (connection) => {
        const key = addressKey(connection.remote);
        if (this.#connections.get(key) === connection) this.#connections.delete(key);
      },
    };
    server.on('connection', (socket) => this.#keep(TcpConnection.accepted(socket, this.#events)));
    server.on('error', () => {}); // accept failed for want of descriptors; those that are open go on
  }

  /** Rejects with the system's error when the address cannot be bound. */
  static async bind({ host, port }: SocketAddress, onReceived: OnReceived): Promise<StreamListener> {
    const server = createServer({ noDelay: true });
    server.listen({ host, port, backlog: BACKLOG });
    await once(server, 'listening');
    const bound = server.address();
    const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
    return new StreamListener(server, { host, port: boundPort }, onReceived);
  }

  send(bytes: Buffer, peer: Peer, onFailed: (error: Error) => void): void {
    this.#connectionTo(peer).send(bytes, onFailed);
  }

  stop(): void {
    this.#stopped = true;
    this.#server.close();
    for (const connection of this.#connections.values()) connection.close();
  }

  #connectionTo({ host, port, connection }: Peer): TcpConnection {
    if (connection?.usable) return connection;
    const known = this.#connections.get(addressKey({ host, port }));
    return known?.usable ? known : this.#keep(TcpConnection.open({ host, port }, this.local.host, this.#events));
  }

  #keep(connection: TcpConnection): TcpConnection {
    if (this.#stopped) connection.close();
    this.#connections.set(addressKey(connection.remote), connection);
    return connection;
  }
}

function addressKey({ host, port }: SocketAddress): string {
  return `${host}:${port}`;
}
