import type { Socket } from 'node:net';
import { type Framing, StreamBrokenError } from './stream.ts';
import type { SocketAddress } from './wire.ts';

export interface ConnectionEvents {
  onMessage(connection: Connection, bytes: Buffer): void;
  /** The stream cannot be read on; what is left of it. The connection is closed. */
  onBroken(connection: Connection, bytes: Buffer): void;
  onClosed(connection: Connection): void;
}

const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

/** One connection, whoever opened it. */
export class Connection {
  readonly remote: SocketAddress;
  readonly #socket: Socket;
  readonly #framing: Framing;
  readonly #failed = new Set<(error: Error) => void>();
  #open: boolean;

  constructor(
    socket: Socket,
    remote: SocketAddress,
    { open, framing, events }: { open: boolean; framing: Framing; events: ConnectionEvents },
  ) {
    this.remote = remote;
    this.#socket = socket;
    this.#framing = framing;
    this.#open = open;
    socket.setNoDelay(true);
    const onOpen = (): void => {
      this.#open = true;
      this.#failed.clear();
    };
    // TLS 1.3 is open for who connects before the peer has looked at his certificate: only what he hears says that it was taken.
    socket.once('encrypted' in socket ? 'data' : 'connect', onOpen);
    socket.on('data', (chunk) => this.#read(chunk, events));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => {
      this.#fail(new Error(`connection to ${remote.host}:${remote.port} is closed`));
      events.onClosed(this);
    });
  }

  get usable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable && this.#framing.ready;
  }

  /** `onFailed` is called if the connection cannot be opened, or the peer ends it before it says anything. */
  send(bytes: Buffer, onFailed: (error: Error) => void): void {
    if (!this.#open) this.#failed.add(onFailed);
    this.#socket.write(this.#framing.frame(bytes));
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.close(); // the peer reads nothing
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer, events: ConnectionEvents): void {
    try {
      this.#framing.push(chunk, (bytes) => events.onMessage(this, bytes));
    } catch (error) {
      if (!(error instanceof StreamBrokenError)) throw error;
      if (error.bytes.length > 0) events.onBroken(this, error.bytes);
      this.#socket.destroySoon(); // what was answered still goes out
    }
  }

  #fail(error: Error): void {
    for (const onFailed of this.#failed) onFailed(error);
    this.#failed.clear();
  }
}
