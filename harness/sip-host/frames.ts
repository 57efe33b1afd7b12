/**
 * Frames on the connection: two lengths (32 bits each, big-endian), then a JSON head, then a body of raw bytes, which is
 * how a SIP message travels as it was.
 */

const LENGTHS_BYTES = 8;
/** More than any head or SIP message: whoever announces more speaks another protocol. */
const MAX_PART_BYTES = 1_048_576;

export interface Frame {
  readonly head: unknown;
  readonly body: Buffer;
}

export function frame(head: object, body: Uint8Array = new Uint8Array()): Buffer {
  const json = Buffer.from(JSON.stringify(head));
  const lengths = Buffer.alloc(LENGTHS_BYTES);
  lengths.writeUInt32BE(json.length, 0);
  lengths.writeUInt32BE(body.length, 4);
  return Buffer.concat([lengths, json, body]);
}

/** Cuts a stream into frames, however it arrives in pieces. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #bytes = 0;

  /** @returns the frames that are complete now. @throws {SyntaxError} when this is not our protocol. */
  push(piece: Buffer): Frame[] {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes < LENGTHS_BYTES) return [];
    const buffer = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces);
    const frames: Frame[] = [];
    let at = 0;
    while (buffer.length - at >= LENGTHS_BYTES) {
      const headBytes = buffer.readUInt32BE(at);
      const bodyBytes = buffer.readUInt32BE(at + 4);
      if (headBytes > MAX_PART_BYTES || bodyBytes > MAX_PART_BYTES) {
        throw new SyntaxError(`a frame announces ${headBytes} + ${bodyBytes} bytes: not our protocol`);
      }
      const headAt = at + LENGTHS_BYTES;
      const bodyAt = headAt + headBytes;
      if (buffer.length < bodyAt + bodyBytes) break;
      frames.push({
        head: JSON.parse(buffer.toString('utf8', headAt, bodyAt)),
        body: buffer.subarray(bodyAt, bodyAt + bodyBytes),
      });
      at = bodyAt + bodyBytes;
    }
    this.#pieces = [buffer.subarray(at)];
    this.#bytes = buffer.length - at;
    return frames;
  }
}
