import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SipAddress } from '../model/server.ts';
import { FRAME_MS, SAMPLES, TONE } from '../model/tone.ts';

const RTP_HEADER_BYTES = 12;

/**
 * What a caller says to a voice mail that records: a tone, as RTP (RFC 3550) with PCMU (RFC 3551). Without it many leave no
 * message, or end the call.
 */
export class Speech implements Disposable {
  readonly port: number;
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
  }

  static async open(host: string): Promise<Speech> {
    const socket = createSocket('udp4');
    socket.on('error', () => {}); // nobody listens there: then nothing is recorded
    socket.bind({ address: host, port: 0 });
    await once(socket, 'listening');
    return new Speech(socket);
  }

  /** Until it is disposed of. @param sdp the other side's */
  speakTo(sdp: string): void {
    const to = audioIn(sdp);
    if (to === null) return;
    const packet = Buffer.alloc(RTP_HEADER_BYTES + SAMPLES);
    packet[0] = 0x80; // version 2; payload type 0 is PCMU
    packet.writeUInt32BE(0x52696e67, 8);
    const begunMs = performance.now();
    let frame = 0;
    const speak = (): void => {
      packet.writeUInt16BE(frame & 0xffff, 2);
      packet.writeUInt32BE((frame * SAMPLES) >>> 0, 4);
      TONE.copy(packet, RTP_HEADER_BYTES);
      frame += 1;
      this.#socket.send(Buffer.from(packet), to.port, to.host, () => {});
    };
    // What a busy machine was late with is made up for: a recorder counts packets, and a message may be too short.
    this.#timer = setInterval(() => {
      while (frame * FRAME_MS < performance.now() - begunMs) speak();
    }, FRAME_MS);
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#socket.close();
  }
}

/** Where audio is received; null where nowhere (port 0, or a description that cannot be read). */
function audioIn(sdp: string): SipAddress | null {
  const [, port = '0'] = /^m=audio (\d+)/m.exec(sdp) ?? [];
  const ofMedia = sdp.slice(Math.max(0, sdp.indexOf('m=audio')));
  const [, host] = /^c=IN IP4 (\S+)/m.exec(ofMedia) ?? /^c=IN IP4 (\S+)/m.exec(sdp) ?? [];
  return host === undefined || port === '0' ? null : { host, port: Number(port) };
}
