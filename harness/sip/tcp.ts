import { connect, type Socket } from 'node:net';
import { MessageStream, StreamBrokenError } from './stream.ts';
import type { SocketAddress } from './wire.ts';

export interface TcpEvents {
  onMessage(connection: TcpConnection, bytes: Buffer): void;
  /** The stream cannot be read on; what is left of it. The connection is closed. */
  onBroken(connection: TcpConnection, bytes: Buffer): void;
  onClosed(connection: TcpConnection): void;
}

const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

/** One connection, whoever opened it. */
export class TcpConnection {
  readonly remote: SocketAddress;
  readonly #socket: Socket;
  readonly #stream = new MessageStream(() => this.#socket.write('\r\n'));
  readonly #failed = new Set<(error: Error) => void>();
  #open: boolean;

  private constructor(socket: Socket, remote: SocketAddress, open: boolean, events: TcpEvents) {
    this.remote = remote;
    this.#socket = socket;
    this.#open = open;
    socket.setNoDelay(true);
    socket.on('connect', () => {
      this.#open = true;
      this.#failed.clear();
    });
    socket.on('data', (chunk) => this.#read(chunk, events));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => {
      this.#fail(new Error(`connection to ${remote.host}:${remote.port} is closed`));
      events.onClosed(this);
    });
  }

  static accepted(socket: Socket, events: TcpEvents): TcpConnection {
    const remote = { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    return new TcpConnection(socket, remote, true, events);
  }

  static open(remote: SocketAddress, localAddress: string, events: TcpEvents): TcpConnection {
    return new TcpConnection(connect({ ...remote, localAddress }), remote, false, events);
  }

  get usable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  /** `onFailed` is called if the connection cannot be opened. */
  send(bytes: Buffer, onFailed: (error: Error) => void): void {
    if (!this.#open) this.#failed.add(onFailed);
    this.#socket.write(bytes);
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.close(); // the peer reads nothing
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer, events: TcpEvents): void {
    try {
      this.#stream.push(chunk, (bytes) => events.onMessage(this, bytes));
    } catch (error) {
      if (!(error instanceof StreamBrokenError)) throw error;
      events.onBroken(this, error.bytes);
      this.#socket.destroySoon(); // what was answered still goes out
    }
  }

  #fail(error: Error): void {
    for (const onFailed of this.#failed) onFailed(error);
    this.#failed.clear();
  }
}
