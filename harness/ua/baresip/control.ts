import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What baresip tells of itself, e.g. `{ event: true, type: 'CALL_INCOMING', accountaor: 'sip:…', id: '<Call-ID>' }`. */
export interface BaresipEvent {
  readonly type: string;
  /** The account, `sip:user@domain`. */
  readonly accountaor?: string;
  /** Call-ID, in events of calls. */
  readonly id?: string;
  readonly param?: string;
}

const TRY_EVERY_MS = 10;
const MAX_UNANSWERED_BYTES = 4096;

export interface BaresipCommand {
  readonly command: string;
  readonly params?: string;
}

/**
 * A connection to baresip's module ctrl_tcp: JSON in netstrings (`<length>:<bytes>,`), commands out, events in.
 *
 * Baresip 1.0.0 loses its place in the stream when one read of its ends inside a netstring, which is where 8 KiB are on
 * their way, and hears nothing from then on. So no more than half of that is ever unanswered. (One command at a time
 * would do as well, but an answer takes 40 ms: it comes in two segments, and the second waits for a delayed ACK.)
 */
export class BaresipControl {
  readonly #socket: Socket;
  /** Set by whoever wants to hear. */
  onEvent: (event: BaresipEvent) => void = () => {};
  #received = Buffer.alloc(0);
  /** Commands in netstrings; each piece is sent as one. */
  readonly #waiting: string[][] = [];
  /** Lengths of the commands that are on their way, in order. */
  readonly #unanswered: number[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (piece) => this.#read(piece));
    socket.on('error', () => {}); // baresip is gone; its exit is what tells
  }

  /** Baresip opens the port some time after its start. Rejects once `timeoutMs` is over. */
  static async connect(
    address: { readonly host: string; readonly port: number },
    timeoutMs: number,
  ): Promise<BaresipControl> {
    const giveUpAt = performance.now() + timeoutMs;
    for (;;) {
      const socket = connect({ ...address, noDelay: true });
      try {
        await once(socket, 'connect');
        return new BaresipControl(socket);
      } catch (cause) {
        socket.destroy();
        if (performance.now() > giveUpAt)
          throw new Error(`baresip did not open its control port in ${timeoutMs} ms`, { cause });
        await delay(TRY_EVERY_MS);
      }
    }
  }

  /** A few commands that nothing must come between. */
  send(...commands: readonly BaresipCommand[]): void {
    this.#waiting.push(commands.map((each) => netstring(JSON.stringify(each))));
    this.#sendNext();
  }

  #sendNext(): void {
    const sum = (lengths: readonly number[]): number => lengths.reduce((all, each) => all + each, 0);
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      const lengths = next.map((each) => Buffer.byteLength(each));
      if (this.#unanswered.length > 0 && sum(this.#unanswered) + sum(lengths) > MAX_UNANSWERED_BYTES) return;
      this.#unanswered.push(...lengths);
      this.#socket.write(next.join(''));
      this.#waiting.shift();
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(piece: Buffer): void {
    this.#received = Buffer.concat([this.#received, piece]);
    for (;;) {
      const colon = this.#received.indexOf(':');
      if (colon < 0) return;
      const length = Number(this.#received.toString('latin1', 0, colon));
      const end = colon + 1 + length;
      if (!Number.isInteger(length)) throw new Error('baresip does not speak netstrings on its control port');
      if (this.#received.length <= end) return; // the comma is still to come
      const text = this.#received.toString('utf8', colon + 1, end);
      this.#received = this.#received.subarray(end + 1);
      this.#take(text);
    }
  }

  #take(text: string): void {
    const message = JSON.parse(text) as BaresipEvent & { event?: boolean; ok?: boolean; data?: string };
    if (message.event === true) {
      this.onEvent(message);
      return;
    }
    this.#unanswered.shift();
    this.#sendNext();
    if (message.ok === false) process.stdout.write(`baresip refused a command: ${message.data ?? text}\n`);
  }
}

function netstring(text: string): string {
  return `${Buffer.byteLength(text)}:${text},`;
}
