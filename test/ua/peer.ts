import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { parseMessage, type SipMessage } from '../../harness/sip/index.ts';

/** A socket that keeps what it gets, for tests that say each message themselves. */
export class Peer implements AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** In order of arrival, taken out by {@link next}. */
  readonly received: Buffer[] = [];
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const { address, port } = socket.address();
    this.host = address;
    this.port = port;
    socket.on('message', (bytes) => this.received.push(bytes));
  }

  static async at(host: string): Promise<Peer> {
    const socket = createSocket('udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    return new Peer(socket);
  }

  /** Lines get their line ends; the last is followed by an empty one. */
  send(to: { readonly host: string; readonly port: number }, message: readonly string[] | Buffer): void {
    const bytes = Buffer.isBuffer(message) ? message : Buffer.from(`${message.join('\r\n')}\r\n\r\n`, 'latin1');
    this.#socket.send(bytes, to.port, to.host);
  }

  /** The next message, as soon as it is there. */
  async next(timeoutMs = 30_000): Promise<SipMessage> {
    return parseMessage(await this.nextBytes(timeoutMs));
  }

  async nextBytes(timeoutMs = 30_000): Promise<Buffer> {
    if (this.received.length === 0) await once(this.#socket, 'message', { signal: AbortSignal.timeout(timeoutMs) });
    const [first] = this.received.splice(0, 1);
    if (first === undefined) throw new Error('no message');
    return first;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((closed) => this.#socket.close(() => closed()));
  }
}
