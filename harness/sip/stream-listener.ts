import { once } from 'node:events';
import { connect, createServer, isIP, type Server, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { Connection, type ConnectionEvents } from './connection.ts';
import type { Listener, OnReceived, Peer, TlsOptions } from './listener.ts';
import { SipFraming } from './stream.ts';
import { WebSocketFraming } from './web-socket.ts';
import type { SocketAddress, StreamProtocol } from './wire.ts';

const BACKLOG = 4096;

/** TCP, TLS and WebSockets: connections that others opened, and those opened to others. */
export class StreamListener implements Listener {
  readonly protocol: StreamProtocol;
  readonly local: SocketAddress;
  readonly #server: Server;
  readonly #tls: TlsOptions | undefined;
  readonly #connections = new Map<string, Connection>();
  /** What has been accepted, handshakes of TLS that never end included. */
  readonly #accepted = new Set<Socket>();
  readonly #events: ConnectionEvents;
  #stopped = false;

  private constructor(
    protocol: StreamProtocol,
    server: Server,
    local: SocketAddress,
    tls: TlsOptions | undefined,
    onReceived: OnReceived,
  ) {
    this.protocol = protocol;
    this.#server = server;
    this.#tls = tls;
    this.local = local;
    const received = (connection: Connection, bytes: Buffer): void =>
      onReceived(bytes, { protocol, ...connection.remote, connection, local });
    this.#events = {
      onMessage: received,
      onBroken: received,
      onClosed: (connection) => {
        const key = addressKey(connection.remote);
        if (this.#connections.get(key) === connection) this.#connections.delete(key);
      },
    };
    server.on(isSecure(protocol) ? 'secureConnection' : 'connection', (socket: Socket) => {
      const remote = { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
      this.#keep(this.#connection(socket, remote, true));
    });
    server.on('connection', (socket: Socket) => {
      this.#accepted.add(socket);
      socket.once('close', () => this.#accepted.delete(socket));
    });
    server.on('error', () => {}); // accept failed for want of descriptors; those that are open go on
  }

  /** Rejects with the system's error when the address cannot be bound. `tls` is needed for what is secure. */
  static async bind(
    protocol: StreamProtocol,
    { host, port }: SocketAddress,
    tls: TlsOptions | undefined,
    onReceived: OnReceived,
  ): Promise<StreamListener> {
    const server = isSecure(protocol)
      ? createTlsServer({
          noDelay: true,
          key: tls?.key,
          cert: tls?.cert,
          ca: tls?.ca,
          requestCert: tls?.wantsCertificate ?? false,
          rejectUnauthorized: tls?.wantsCertificate ?? false,
        })
      : createServer({ noDelay: true });
    server.listen({ host, port, backlog: BACKLOG });
    await once(server, 'listening');
    const bound = server.address();
    const boundPort = typeof bound === 'object' && bound !== null ? bound.port : port;
    return new StreamListener(protocol, server, { host, port: boundPort }, tls, onReceived);
  }

  send(bytes: Buffer, peer: Peer, onFailed: (error: Error) => void): void {
    const connection = this.#connectionTo(peer);
    if (connection) connection.send(bytes, onFailed);
    else queueMicrotask(() => onFailed(new Error(`no WebSocket of ${peer.host}:${peer.port} is open`)));
  }

  stop(): void {
    this.#stopped = true;
    this.#server.close();
    for (const connection of this.#connections.values()) connection.close();
    for (const socket of this.#accepted) socket.destroy();
  }

  /** undefined: there is none, and none can be opened: who speaks WebSocket cannot be called (RFC 7118 1). */
  #connectionTo({ host, port, connection, name }: Peer): Connection | undefined {
    if (connection?.usable) return connection;
    const known = this.#connections.get(addressKey({ host, port }));
    if (known?.usable) return known;
    const remote = { host, port, localAddress: this.local.host };
    if (this.protocol === 'tcp') return this.#keep(this.#connection(connect(remote), { host, port }, false));
    if (this.protocol !== 'tls') return undefined;
    const wanted = this.#tls?.name ?? name ?? host;
    const socket = connectTls({
      ...remote,
      ...((this.#tls?.isShownToServers ?? true) && { key: this.#tls?.key, cert: this.#tls?.cert }),
      ca: this.#tls?.ca,
      ...(isIP(wanted) === 0 && { servername: wanted }),
      checkServerIdentity: (_host, certificate) => checkServerIdentity(wanted, certificate),
    });
    return this.#keep(this.#connection(socket, { host, port }, false));
  }

  #connection(socket: Socket, remote: SocketAddress, open: boolean): Connection {
    const isWeb = this.protocol === 'ws' || this.protocol === 'wss';
    const write = (bytes: Buffer): void => void socket.write(bytes);
    const framing = isWeb ? new WebSocketFraming(write) : new SipFraming(write);
    return new Connection(socket, remote, { open, framing, events: this.#events });
  }

  #keep(connection: Connection): Connection {
    if (this.#stopped) connection.close();
    this.#connections.set(addressKey(connection.remote), connection);
    return connection;
  }
}

function isSecure(protocol: StreamProtocol): boolean {
  return protocol === 'tls' || protocol === 'wss';
}

function addressKey({ host, port }: SocketAddress): string {
  return `${host}:${port}`;
}
