import type { Socket } from 'node:net';
import { type IdSource, uuid } from '../sip/ids.ts';
import { encodeFrame, FrameError, FrameReader, MAX_FRAME_BYTES } from './frames.ts';

/** A frame of the application. */
export interface Command {
  /** Message id, chosen by the application: the reply repeats it. */
  readonly id: string;
  readonly kind: string;
  /** Tokens after the kind. */
  readonly tokens: readonly string[];
  /** What is behind the leader line, latin1 or not: bytes. */
  readonly message: Buffer;
}

const MAX_UNREAD_BYTES = 64 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);

/** One application, over its control socket. */
export class ControlConnection {
  /** Verbs that it wants, in lower case. */
  readonly routes = new Set<string>();
  readonly #socket: Socket;
  readonly #ids: IdSource;
  readonly #reader = new FrameReader();
  #authenticated = false;
  #pending: Buffer[] = [];

  constructor(socket: Socket, ids: IdSource, events: { onCommand(command: Command): void; onClosed(): void }) {
    this.#socket = socket;
    this.#ids = ids;
    socket.setNoDelay(true);
    socket.on('error', () => {}); // `close` follows
    socket.on('close', () => events.onClosed());
    socket.on('data', (chunk) => {
      try {
        this.#reader.push(chunk, (payload) => {
          const command = readCommand(payload);
          if (command === undefined) throw new FrameError('a frame without a command');
          events.onCommand(command);
        });
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        this.destroy();
      }
    });
  }

  get open(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  get authenticated(): boolean {
    return this.#authenticated;
  }

  authenticate(): void {
    this.#authenticated = true;
    this.#reader.maxBytes = MAX_FRAME_BYTES;
  }

  reply(command: Command, tokens: string, message?: Buffer): void {
    this.send(`response|${command.id}|${tokens}`, message);
  }

  /** Frames of one turn of the event loop leave together. */
  send(leader: string, message?: Buffer): void {
    if (!this.open) return;
    if (this.#pending.length === 0) setImmediate(() => this.#flush());
    this.#pending.push(encodeFrame(`${uuid(this.#ids)}|${leader}`, message));
  }

  /** What has been sent still goes out; what comes in is not looked at. */
  close(): void {
    this.#reader.discard();
    this.#flush();
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#reader.discard();
    this.#pending = [];
    this.#socket.destroy();
  }

  #flush(): void {
    const [first, ...more] = this.#pending;
    this.#pending = [];
    if (first === undefined || !this.open) return;
    this.#socket.write(more.length === 0 ? first : Buffer.concat([first, ...more]));
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.destroy(); // the application reads nothing
  }
}

function readCommand(payload: Buffer): Command | undefined {
  const end = payload.indexOf('\r\n', 0, 'latin1');
  const leader = payload.toString('latin1', 0, end < 0 ? payload.length : end);
  const [id, kind, ...tokens] = leader.split('|');
  if (id === undefined || kind === undefined) return undefined;
  return { id, kind, tokens, message: end < 0 ? EMPTY : payload.subarray(end + 2) };
}
