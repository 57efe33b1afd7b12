import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const DEFAULT_DEADLINE_MS = 30_000;

export type PeerTransport = 'UDP' | 'TCP' | 'TLS' | 'WS';

/** `host:port` as it stands in a URI or a Via. */
export function hostPort({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A SIP peer that sends what it is told and checks nothing, over UDP or one TCP connection. */
export class SipPeer implements AsyncDisposable {
  readonly local: Address;
  readonly transport: PeerTransport;
  /** Settles when a TCP connection has ended. Never for UDP. */
  readonly ended: Promise<'ended'>;
  readonly #send: (bytes: Buffer) => void;
  readonly #close: () => Promise<void>;
  readonly #messages: string[] = [];
  readonly #waiting: (() => void)[] = [];
  #stream = '';

  private constructor(
    transport: PeerTransport,
    local: Address,
    wire: { send: (bytes: Buffer) => void; close: () => Promise<void>; ended: Promise<'ended'> },
  ) {
    this.transport = transport;
    this.local = local;
    this.ended = wire.ended;
    this.#send = wire.send;
    this.#close = wire.close;
  }

  /** `host`: where it is itself. */
  static async udp(server: Address, host = server.host.includes(':') ? '::1' : '127.0.0.1'): Promise<SipPeer> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    const { address, port } = socket.address();
    const peer = new SipPeer(
      'UDP',
      { host: address, port },
      {
        send: (bytes) => socket.send(bytes, server.port, server.host),
        close: () => new Promise((closed) => socket.close(closed)),
        ended: new Promise(() => {}),
      },
    );
    socket.on('message', (bytes) => peer.#deliver(bytes.toString('utf8')));
    return peer;
  }

  static async tcp(server: Address): Promise<SipPeer> {
    return SipPeer.#over('TCP', connect({ ...server, noDelay: true }), 'connect');
  }

  /** `ca`: whose certificate it believes. */
  static async tls(server: Address, ca: string): Promise<SipPeer> {
    return SipPeer.#over('TLS', connectTls({ ...server, ca }), 'secureConnect');
  }

  /** A browser's way: RFC 7118. It has no address of its own. */
  static async ws(server: Address): Promise<SipPeer> {
    const socket = new WebSocket(`ws://${hostPort(server)}/`, 'sip');
    const ended = new Promise<'ended'>((resolve) => socket.addEventListener('close', () => resolve('ended')));
    await once(socket, 'open');
    const peer = new SipPeer(
      'WS',
      { host: 'browser.invalid', port: 5060 },
      {
        send: (bytes) => socket.send(bytes),
        close: async () => {
          socket.close();
          await ended;
        },
        ended,
      },
    );
    socket.addEventListener('message', ({ data }) => peer.#deliver(String(data)));
    return peer;
  }

  static async #over(transport: 'TCP' | 'TLS', socket: Socket, opened: string): Promise<SipPeer> {
    socket.on('error', () => {}); // a reset is a way of ending
    const ended = new Promise<'ended'>((resolve) => socket.once('close', () => resolve('ended')));
    await once(socket, opened);
    const local = { host: socket.localAddress ?? '', port: socket.localPort ?? 0 };
    const peer = new SipPeer(transport, local, {
      send: (bytes) => void socket.write(bytes),
      close: async () => {
        socket.destroy();
        await ended;
      },
      ended,
    });
    socket.on('data', (bytes) => peer.#receiveStream(bytes.toString('latin1')));
    return peer;
  }

  send(message: string | Buffer): void {
    this.#send(Buffer.from(message));
  }

  /** The first message not taken yet whose start line fits, and whose CSeq is of `method` if one is given. */
  async next(startLine: RegExp, method = '', deadlineMs = DEFAULT_DEADLINE_MS): Promise<string> {
    const deadline = AbortSignal.timeout(deadlineMs);
    const cseq = new RegExp(`^CSeq:.*${method}\\s*$`, 'im');
    for (;;) {
      const at = this.#messages.findIndex(
        (message) => startLine.test(message.slice(0, message.indexOf('\r\n'))) && (method === '' || cseq.test(message)),
      );
      const [message] = at < 0 ? [] : this.#messages.splice(at, 1);
      if (message !== undefined) return message;
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push(resolve);
        deadline.addEventListener('abort', () => {
          const seen = this.startLines.join('\n  ');
          reject(new Error(`no ${method} ${startLine} from the server within ${deadlineMs} ms; not taken:\n  ${seen}`));
        });
      });
    }
  }

  /** Start lines of the messages that arrived and were not taken. */
  get startLines(): readonly string[] {
    return this.#messages.map((message) => message.slice(0, message.indexOf('\r\n')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  #receiveStream(text: string): void {
    this.#stream = (this.#stream + text).replace(/^(?:\r\n)+/, ''); // pongs
    for (;;) {
      const headEnd = this.#stream.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const length = Number(/^content-length:\s*(\d+)/im.exec(this.#stream.slice(0, headEnd))?.[1] ?? 0);
      const end = headEnd + 4 + length;
      if (this.#stream.length < end) return;
      this.#deliver(this.#stream.slice(0, end));
      this.#stream = this.#stream.slice(end);
    }
  }

  #deliver(message: string): void {
    this.#messages.push(message);
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
