import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const DEFAULT_DEADLINE_MS = 30_000;

/** A frame of the control protocol, taken apart. */
export interface Frame {
  /** The `|`-separated tokens of the leader line. */
  readonly tokens: readonly string[];
  /** The SIP message after the leader line; empty where there is none. */
  readonly message: string;
}

/** The app's end of a control connection with nothing in between: what is written here is what the server gets. */
export class RawControl implements Disposable {
  readonly #socket: Socket;
  readonly #closed: Promise<'closed'>;
  readonly #frames: Frame[] = [];
  readonly #waiting: (() => void)[] = [];
  #received: Buffer = Buffer.alloc(0);
  /** What is still waited for then, nobody waits for: its test is over, and the next one shares this process. */
  #isGivenUp = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {}); // a reset is a way of closing
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.once('end', () => socket.end());
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve('closed')));
  }

  static async open(address: { host: string; port: number }): Promise<RawControl> {
    const socket = connect({ ...address, noDelay: true, allowHalfOpen: true });
    const control = new RawControl(socket);
    await once(socket, 'connect');
    return control;
  }

  /** A connection that has authenticated and registered `verbs`. */
  static async app(
    server: { control: { host: string; port: number }; secret: string },
    verbs: readonly string[] = [],
  ): Promise<RawControl> {
    const control = await RawControl.open(server.control);
    await control.command(`authenticate|${server.secret}|`);
    for (const verb of verbs) await control.command(`route|${verb}`);
    return control;
  }

  write(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  /** Sends one frame and returns its message id. */
  frame(text: string): string {
    const id = randomUUID();
    const payload = `${id}|${text}`;
    this.write(`${Buffer.byteLength(payload)}#${payload}`);
    return id;
  }

  /** Sends one frame and returns the tokens of its reply, from the verdict (`OK`, `NO`, `NOK`) on. */
  async command(text: string): Promise<readonly string[]> {
    return (await this.commandFrame(text)).tokens.slice(3);
  }

  async commandFrame(text: string): Promise<Frame> {
    const id = this.frame(text);
    return this.next((frame) => frame.tokens[1] === 'response' && frame.tokens[2] === id);
  }

  /** The first frame not taken yet that fits. */
  async next(fits: (frame: Frame) => boolean, deadlineMs = DEFAULT_DEADLINE_MS): Promise<Frame> {
    const deadline = AbortSignal.timeout(deadlineMs);
    for (;;) {
      const at = this.#frames.findIndex(fits);
      const [frame] = at < 0 ? [] : this.#frames.splice(at, 1);
      if (frame) return frame;
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push(resolve);
        deadline.addEventListener('abort', () => {
          if (this.#isGivenUp) return;
          const seen = this.#frames.map(({ tokens }) => tokens.join('|')).join('\n  ');
          reject(new Error(`no such frame within ${deadlineMs} ms; frames not taken:\n  ${seen}`));
        });
      });
    }
  }

  /** Next SIP request that the server passes up. */
  async request(method: string, deadlineMs?: number): Promise<Frame> {
    return this.next(({ tokens, message }) => tokens[1] === 'sip' && message.startsWith(`${method} `), deadlineMs);
  }

  /** Frames that arrived and were not taken. */
  get untaken(): readonly Frame[] {
    return this.#frames;
  }

  /** `closed` once the server has closed or reset the connection, `open` if it has not by then. */
  async closed(deadlineMs = DEFAULT_DEADLINE_MS): Promise<'closed' | 'open'> {
    const { promise, resolve } = Promise.withResolvers<'open'>();
    const timer = setTimeout(() => resolve('open'), deadlineMs);
    return Promise.race([this.#closed, promise]).finally(() => clearTimeout(timer));
  }

  /** Takes all frames that have arrived. */
  take(): Frame[] {
    return this.#frames.splice(0);
  }

  /** Sends FIN and keeps reading. */
  halfClose(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.#isGivenUp = true;
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const hash = this.#received.indexOf('#');
      const end = hash + 1 + Number(this.#received.toString('latin1', 0, hash));
      if (hash < 0 || this.#received.length < end) break;
      const [leader = '', ...rest] = this.#received.toString('utf8', hash + 1, end).split('\r\n');
      this.#frames.push({ tokens: leader.split('|'), message: rest.join('\r\n') });
      this.#received = this.#received.subarray(end);
    }
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
