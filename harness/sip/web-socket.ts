import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type Framing, StreamBrokenError } from './stream.ts';

const MAX_HANDSHAKE_BYTES = 16 * 1024;
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;
const MAX_CONTROL_BYTES = 125;
/** RFC 6455 1.3. */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const EMPTY = Buffer.alloc(0);
const PING = Buffer.from('\r\n\r\n');
const PONG = Buffer.from('\r\n');
const OPCODE = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The server's end of a WebSocket (RFC 6455) that carries SIP, one message in each of its own (RFC 7118). */
export class WebSocketFraming implements Framing {
  readonly #write: (bytes: Buffer) => void;
  #buffered: Buffer = EMPTY;
  #pieces: Buffer[] = [];
  #ready = false;

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  get ready(): boolean {
    return this.#ready;
  }

  frame(message: Buffer): Buffer {
    return encodeFrame(isUtf8(message) ? OPCODE.text : OPCODE.binary, message);
  }

  /** @throws {StreamBrokenError} when it is no WebSocket, or is closed */
  push(chunk: Buffer, onMessage: (bytes: Buffer) => void): void {
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    if (!this.#ready && !this.#shakeHands()) return;
    for (let frame = this.#take(); frame; frame = this.#take()) this.#read(frame, onMessage);
  }

  /** @returns whether the handshake is over */
  #shakeHands(): boolean {
    const end = this.#buffered.indexOf('\r\n\r\n', 0, 'latin1');
    if (end > MAX_HANDSHAKE_BYTES || (end < 0 && this.#buffered.length > MAX_HANDSHAKE_BYTES)) {
      throw new StreamBrokenError('no end of the WebSocket handshake', this.#buffered);
    }
    if (end < 0) return false;
    const request = this.#buffered.toString('latin1', 0, end);
    this.#buffered = this.#buffered.subarray(end + 4);
    const header = (name: string): string => new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'im').exec(request)?.[1] ?? '';
    const protocols = header('Sec-WebSocket-Protocol')
      .toLowerCase()
      .split(/\s*,\s*/);
    const key = header('Sec-WebSocket-Key');
    const isOne = /^GET \S+ HTTP\/1\.1\r\n/.test(request) && /\bwebsocket\b/i.test(header('Upgrade')) && key !== '';
    if (!isOne || header('Sec-WebSocket-Version') !== '13' || !protocols.includes('sip')) {
      const wanted = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\nContent-Length: 0';
      this.#write(Buffer.from(`HTTP/1.1 400 Bad Request\r\n${wanted}\r\nConnection: close\r\n\r\n`));
      throw new StreamBrokenError('no WebSocket handshake for the protocol sip', Buffer.from(request, 'latin1'));
    }
    const accept = createHash('sha1').update(`${key}${ACCEPT_GUID}`).digest('base64');
    const answer = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`];
    const lines = ['HTTP/1.1 101 Switching Protocols', ...answer, 'Sec-WebSocket-Protocol: sip', '', ''];
    this.#write(Buffer.from(lines.join('\r\n')));
    this.#ready = true;
    return true;
  }

  /** The next whole frame, unmasked. undefined: it has not come yet. */
  #take(): { opcode: number; final: boolean; payload: Buffer } | undefined {
    const [first = 0, second = 0] = this.#buffered;
    if (this.#buffered.length < 2) return undefined;
    const broken = (why: string): StreamBrokenError => new StreamBrokenError(why, this.#buffered);
    if ((first & 0x70) !== 0 || (second & 0x80) === 0)
      throw broken('a WebSocket frame without mask, or of an extension');
    const lengthBytes = { 126: 2, 127: 8 }[second & 0x7f] ?? 0;
    const maskAt = 2 + lengthBytes;
    if (this.#buffered.length < maskAt + 4) return undefined;
    const length =
      lengthBytes === 0
        ? second & 0x7f
        : lengthBytes === 2
          ? this.#buffered.readUInt16BE(2)
          : Number(this.#buffered.readBigUInt64BE(2));
    if (length > MAX_MESSAGE_BYTES) throw broken(`a WebSocket frame of ${length} bytes`);
    const from = maskAt + 4;
    if (this.#buffered.length < from + length) return undefined;
    const mask = this.#buffered.subarray(maskAt, from);
    const payload = Buffer.from(this.#buffered.subarray(from, from + length));
    for (let at = 0; at < length; at++) payload[at] = (payload[at] ?? 0) ^ (mask[at % 4] ?? 0);
    this.#buffered = this.#buffered.subarray(from + length);
    return { opcode: first & 0x0f, final: (first & 0x80) !== 0, payload };
  }

  #read(
    { opcode, final, payload }: { opcode: number; final: boolean; payload: Buffer },
    onMessage: (bytes: Buffer) => void,
  ): void {
    if (opcode >= OPCODE.close) {
      if (!final || payload.length > MAX_CONTROL_BYTES) throw new StreamBrokenError('a bad control frame', payload);
      if (opcode === OPCODE.ping) this.#write(encodeFrame(OPCODE.pong, payload));
      else if (opcode === OPCODE.close) {
        this.#write(encodeFrame(OPCODE.close, payload.subarray(0, 2)));
        throw new StreamBrokenError('the WebSocket is closed', EMPTY);
      }
      return;
    }
    if ((opcode === OPCODE.more) !== this.#pieces.length > 0) {
      throw new StreamBrokenError('a WebSocket message that does not begin where the last one ends', payload);
    }
    this.#pieces.push(payload);
    if (this.#pieces.reduce((sum, { length }) => sum + length, 0) > MAX_MESSAGE_BYTES) {
      throw new StreamBrokenError('a WebSocket message without end', payload);
    }
    if (!final) return;
    const message = this.#pieces.length === 1 ? payload : Buffer.concat(this.#pieces);
    this.#pieces = [];
    if (message.equals(PING)) this.#write(this.frame(PONG));
    else onMessage(message);
  }
}

function encodeFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = length;
  else if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}
