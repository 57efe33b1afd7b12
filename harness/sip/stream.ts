import { headerKey } from './header-names.ts';
import { readFields } from './message.ts';

/** A stream that is no SIP, or never ends a message: there is no way to find the next one. */
export class StreamBrokenError extends Error {
  override readonly name = 'StreamBrokenError';
  /** What was received of the message. */
  readonly bytes: Buffer;

  constructor(message: string, bytes: Buffer) {
    super(message);
    this.bytes = bytes;
  }
}

const MAX_HEAD_BYTES = 128 * 1024;
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const EMPTY = Buffer.alloc(0);
const PONG = Buffer.from('\r\n');

/** How messages lie in a stream. */
export interface Framing {
  /** Messages can be sent. */
  readonly ready: boolean;
  /** A message as it goes out. */
  frame(message: Buffer): Buffer;
  /** @throws {StreamBrokenError} and is of no use after that */
  push(chunk: Buffer, onMessage: (bytes: Buffer) => void): void;
}

/** One message behind the other: RFC 3261 18.3. */
export class SipFraming implements Framing {
  readonly ready = true;
  readonly #stream: MessageStream;

  constructor(write: (bytes: Buffer) => void) {
    this.#stream = new MessageStream(() => write(PONG));
  }

  frame(message: Buffer): Buffer {
    return message;
  }

  push(chunk: Buffer, onMessage: (bytes: Buffer) => void): void {
    this.#stream.push(chunk, onMessage);
  }
}

/** Cuts a stream into messages by Content-Length, RFC 3261 18.3 and 7.5. Chunks may be split and joined anywhere. */
export class MessageStream {
  #buffered: Buffer = EMPTY;
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  /** Bytes needed before it is worth looking again. */
  #needed = 0;
  /** Of a keep-alive that has not come whole. */
  #lineEnds = 0;
  readonly #onPing: () => void;

  /** `onPing`: two line ends between messages, RFC 5626 3.5.1. */
  constructor(onPing: () => void = () => {}) {
    this.#onPing = onPing;
  }

  /** @throws {StreamBrokenError} and is of no use after that; messages cut before are not lost, see `onMessage` */
  push(chunk: Buffer, onMessage: (bytes: Buffer) => void): void {
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
    if (this.#buffered.length + this.#chunkBytes < this.#needed) return;
    this.#join();
    while (this.#buffered.length > 0) {
      const length = this.#messageLength();
      if (length === undefined) return;
      onMessage(this.#take(length));
    }
  }

  #join(): void {
    this.#buffered =
      this.#buffered.length === 0 && this.#chunks.length === 1
        ? (this.#chunks[0] ?? EMPTY)
        : Buffer.concat([this.#buffered, ...this.#chunks]);
    this.#chunks = [];
    this.#chunkBytes = 0;
    this.#skipLineEnds();
  }

  #skipLineEnds(): void {
    let from = 0;
    for (; this.#buffered[from] === 13 && this.#buffered[from + 1] === 10; from += 2) {
      this.#lineEnds = (this.#lineEnds + 1) % 2;
      if (this.#lineEnds === 0) this.#onPing();
    }
    if (from >= this.#buffered.length) this.#buffered = EMPTY;
    else if (from > 0) this.#buffered = this.#buffered.subarray(from);
    if (this.#buffered.length > 1) this.#lineEnds = 0;
  }

  /** undefined: not complete yet. */
  #messageLength(): number | undefined {
    const headEnd = this.#buffered.indexOf('\r\n\r\n', 0, 'latin1');
    if (headEnd > MAX_HEAD_BYTES || (headEnd < 0 && this.#buffered.length > MAX_HEAD_BYTES)) {
      throw new StreamBrokenError(`no end of the header section within ${MAX_HEAD_BYTES} bytes`, this.#buffered);
    }
    if (headEnd < 0) {
      this.#needed = this.#buffered.length + 1;
      return undefined;
    }
    const length = headEnd + 4 + this.#bodyLength(headEnd);
    if (this.#buffered.length >= length) return length;
    this.#needed = length;
    return undefined;
  }

  #bodyLength(headEnd: number): number {
    const head = this.#buffered.toString('latin1', 0, headEnd);
    const { fields } = readFields(head.slice(head.indexOf('\r\n') + 2));
    const length = fields.find(({ name }) => headerKey(name) === 'content-length')?.value ?? '0';
    if (/^\d+$/.test(length) && Number(length) <= MAX_BODY_BYTES) return Number(length);
    throw new StreamBrokenError(
      `Content-Length ${length.slice(0, 30)} does not say where the next message begins`,
      this.#buffered.subarray(0, headEnd + 4),
    );
  }

  #take(length: number): Buffer {
    const message = this.#buffered.subarray(0, length);
    this.#buffered = this.#buffered.subarray(length);
    this.#skipLineEnds();
    this.#needed = 0;
    return message;
  }
}
