import type { Place } from './places.ts';
import { rawBytes } from './raw-text.ts';

/**
 * SIP messages as Ethernet frames with IPv4 packets, made of the records of caller and endpoints without root and without a network interface.
 * The transport is that of the message's topmost Via.
 */

const ETHERNET_HEADER_BYTES = 14;
const IPV4 = 0x0800;
const IP_HEADER_BYTES = 20;
const UDP_HEADER_BYTES = 8;
const TCP_HEADER_BYTES = 20;
const MAX_IP_BYTES = 65_535;
const PROTOCOL = { udp: 17, tcp: 6 };
const TCP_PUSH_ACK = 0x18;

type Protocol = keyof typeof PROTOCOL;

interface Way {
  readonly from: Place;
  readonly to: Place;
}

/** Bytes so far, by direction. */
type Streams = Map<string, number>;

/** Makes the packets of a call, message by message: connections count their bytes, packets have numbers. */
export class PacketMaker {
  readonly #streams: Streams = new Map();
  #packets = 0;

  /** @returns one frame; of TCP several, where the message is longer than a segment can be */
  framesOf(raw: string, way: Way): Uint8Array[] {
    const protocol = /^Via\s*:\s*SIP\s*\/\s*2\.0\s*\/\s*(?:TCP|TLS)/im.test(raw) ? 'tcp' : 'udp';
    const header = IP_HEADER_BYTES + (protocol === 'tcp' ? TCP_HEADER_BYTES : UDP_HEADER_BYTES);
    return pieces(rawBytes(raw), MAX_IP_BYTES - header, protocol).map((piece) =>
      frame(way, ipPacket(way, piece, protocol, this.#packets++, this.#streams)),
    );
  }
}

/** @returns at least one */
function pieces(bytes: Uint8Array, most: number, protocol: Protocol): Uint8Array[] {
  if (protocol === 'udp' || bytes.length <= most) return [bytes.subarray(0, most)];
  const cut: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += most) cut.push(bytes.subarray(at, at + most));
  return cut;
}

/** A record has no hardware addresses: those of the frame are made of the IP addresses, locally administered. */
function frame({ from, to }: Way, packet: Uint8Array): Uint8Array {
  const whole = new Uint8Array(ETHERNET_HEADER_BYTES + packet.length);
  whole.set([2, 0, ...octets(to.host), 2, 0, ...octets(from.host), IPV4 >> 8, IPV4 & 0xff]);
  whole.set(packet, ETHERNET_HEADER_BYTES);
  return whole;
}

function ipPacket(
  { from, to }: Way,
  payload: Uint8Array,
  protocol: Protocol,
  id: number,
  streams: Streams,
): Uint8Array {
  const transport =
    protocol === 'tcp' ? tcpSegment({ from, to }, payload, streams) : udpDatagram({ from, to }, payload);
  const packet = new Uint8Array(IP_HEADER_BYTES + transport.length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x45); // version 4, five words of header
  view.setUint16(2, packet.length);
  view.setUint16(4, id & 0xffff);
  view.setUint8(8, 64); // time to live
  view.setUint8(9, PROTOCOL[protocol]);
  packet.set(octets(from.host), 12);
  packet.set(octets(to.host), 16);
  view.setUint16(10, checksum([packet.subarray(0, IP_HEADER_BYTES)]));
  const pseudo = new Uint8Array(12);
  pseudo.set(packet.subarray(12, 20));
  pseudo[9] = PROTOCOL[protocol];
  new DataView(pseudo.buffer).setUint16(10, transport.length);
  const sum = checksum([pseudo, transport]);
  // Of UDP, 0 would say that there is no checksum (RFC 768).
  new DataView(transport.buffer).setUint16(protocol === 'tcp' ? 16 : 6, sum === 0 ? 0xffff : sum);
  packet.set(transport, IP_HEADER_BYTES);
  return packet;
}

function udpDatagram({ from, to }: Way, payload: Uint8Array): Uint8Array {
  const datagram = new Uint8Array(UDP_HEADER_BYTES + payload.length);
  const view = new DataView(datagram.buffer);
  view.setUint16(0, from.port);
  view.setUint16(2, to.port);
  view.setUint16(4, datagram.length);
  datagram.set(payload, UDP_HEADER_BYTES);
  return datagram;
}

/** Of a connection that was there before: who opened it when is not on record. */
function tcpSegment({ from, to }: Way, payload: Uint8Array, streams: Streams): Uint8Array {
  const [there, back] = [`${socket(from)} ${socket(to)}`, `${socket(to)} ${socket(from)}`];
  const sent = streams.get(there) ?? 1;
  streams.set(there, sent + payload.length);
  const segment = new Uint8Array(TCP_HEADER_BYTES + payload.length);
  const view = new DataView(segment.buffer);
  view.setUint16(0, from.port);
  view.setUint16(2, to.port);
  view.setUint32(4, sent);
  view.setUint32(8, streams.get(back) ?? 1);
  view.setUint8(12, (TCP_HEADER_BYTES / 4) << 4);
  view.setUint8(13, TCP_PUSH_ACK);
  view.setUint16(14, 0xffff); // window
  segment.set(payload, TCP_HEADER_BYTES);
  return segment;
}

function socket({ host, port }: Place): string {
  return `${host}:${port}`;
}

function octets(address: string): number[] {
  return address.split('.').map(Number);
}

/** RFC 1071, over parts of which only the last may have an odd length. */
function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}
