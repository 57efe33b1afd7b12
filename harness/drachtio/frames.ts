/** Framing of the control protocol: decimal byte length, `#`, payload; nothing between frames. */

/** Bytes that are no frame. The connection can only be closed. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Before it has authenticated, a connection has nothing long to say. */
export const MAX_ANONYMOUS_BYTES = 4 * 1024;
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;
const MAX_LENGTH_DIGITS = 8;
const HASH = 35;
const EMPTY = Buffer.alloc(0);

/** Cuts a stream into frames. Chunks may be split and joined anywhere. */
export class FrameReader {
  /** Longest payload that is taken. */
  maxBytes = MAX_ANONYMOUS_BYTES;
  #buffered: Buffer = EMPTY;
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  #needed = 0;
  #discarded = false;

  /** @throws {FrameError} */
  push(chunk: Buffer, onFrame: (payload: Buffer) => void): void {
    if (this.#discarded) return;
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
    if (this.#buffered.length + this.#chunkBytes < this.#needed) return;
    this.#buffered =
      this.#chunks.length === 1 && this.#buffered.length === 0
        ? chunk
        : Buffer.concat([this.#buffered, ...this.#chunks]);
    this.#chunks = [];
    this.#chunkBytes = 0;
    for (;;) {
      const header = this.#readLength();
      if (header === undefined) return;
      const end = header.start + header.length;
      this.#needed = end;
      if (this.#buffered.length < end) return;
      const payload = this.#buffered.subarray(header.start, end);
      this.#buffered = this.#buffered.subarray(end);
      this.#needed = 0;
      if (payload.length > 0) onFrame(payload); // `0#` says nothing, and is passed over
      if (this.#discarded) return;
    }
  }

  /** What arrives from now on, and what is left of the last chunk, is not looked at. */
  discard(): void {
    this.#discarded = true;
    this.#buffered = EMPTY;
    this.#chunks = [];
  }

  #readLength(): { start: number; length: number } | undefined {
    const hash = this.#buffered.subarray(0, MAX_LENGTH_DIGITS + 1).indexOf(HASH);
    const text = this.#buffered.toString('latin1', 0, hash < 0 ? MAX_LENGTH_DIGITS + 1 : hash);
    if (hash < 0 && /^\d{0,8}$/.test(text)) return undefined;
    if (hash < 0 || !/^\d+$/.test(text)) throw new FrameError('no length before the #');
    const length = Number(text);
    if (length > this.maxBytes) throw new FrameError(`a frame of ${length} bytes is longer than ${this.maxBytes}`);
    return { start: hash + 1, length };
  }
}

/** A frame with a leader line and, if any, the SIP message behind it. Text is latin1, one character per byte. */
export function encodeFrame(leader: string, message?: Buffer): Buffer {
  const length = leader.length + (message === undefined ? 0 : 2 + message.length);
  if (message === undefined) return Buffer.from(`${length}#${leader}`, 'latin1');
  const head = `${length}#${leader}\r\n`;
  const frame = Buffer.allocUnsafe(head.length + message.length);
  frame.write(head, 0, 'latin1');
  message.copy(frame, head.length);
  return frame;
}
