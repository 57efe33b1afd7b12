import { ROLES } from '../model/words.ts';
import { rawBytes } from './raw-text.ts';

/**
 * A call as a capture file that Wireshark and tshark read: written from the records of caller and endpoints, one packet
 * for each message, without root and without a network interface. Ethernet is left out (LINKTYPE_RAW, 101).
 *
 * Addresses stand for roles, the same in every file: the record of a message has no addresses of its own. The transport is
 * that of the message's topmost Via. Stamps are the call's, to the microsecond.
 */

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const LINKTYPE_RAW = 101;
const SNAP_LENGTH = 262_144;
const FILE_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
const IP_HEADER_BYTES = 20;
const UDP_HEADER_BYTES = 8;
const TCP_HEADER_BYTES = 20;
const MAX_IP_BYTES = 65_535;
const PROTOCOL = { udp: 17, tcp: 6 };
const TCP_PUSH_ACK = 0x18;
const SIP_PORT = 5060;

type Protocol = keyof typeof PROTOCOL;

/** What a capture needs of a message. */
interface Captured {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly raw: string;
}

/** Bytes so far, by direction. */
type Streams = Map<string, number>;

/** From the caller's side to the far side. */
const ADDRESSED: readonly string[] = ROLES;

/** @returns e.g. `127.88.0.1` for the caller */
export function addressOfRole(role: string): string {
  return `127.88.0.${ADDRESSED.indexOf(role) + 1}`;
}

/** @param startEpochMs When the call began. */
export function pcapOf(messages: readonly Captured[], startEpochMs: number): Uint8Array<ArrayBuffer> {
  const streams: Streams = new Map();
  const packets = messages.flatMap((message, index) => {
    const bytes = rawBytes(message.raw);
    const protocol = /^Via\s*:\s*SIP\s*\/\s*2\.0\s*\/\s*(?:TCP|TLS)/im.test(message.raw) ? 'tcp' : 'udp';
    const header = IP_HEADER_BYTES + (protocol === 'tcp' ? TCP_HEADER_BYTES : UDP_HEADER_BYTES);
    // A datagram cannot be longer; what TCP carried may be, and is several segments then.
    return pieces(bytes, MAX_IP_BYTES - header, protocol).map((piece) => ({
      atMs: message.atMs,
      bytes: ipPacket(message, piece, protocol, index, streams),
    }));
  });
  const size = packets.reduce((sum, { bytes }) => sum + PACKET_HEADER_BYTES + bytes.length, FILE_HEADER_BYTES);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  view.setUint32(0, MAGIC_MICROSECONDS);
  view.setUint16(4, 2); // version 2.4
  view.setUint16(6, 4);
  view.setUint32(16, SNAP_LENGTH);
  view.setUint32(20, LINKTYPE_RAW);
  let at = FILE_HEADER_BYTES;
  for (const { atMs, bytes } of packets) {
    const microseconds = Math.max(0, Math.round((startEpochMs + atMs) * 1000));
    view.setUint32(at, Math.floor(microseconds / 1_000_000));
    view.setUint32(at + 4, microseconds % 1_000_000);
    view.setUint32(at + 8, bytes.length);
    view.setUint32(at + 12, bytes.length);
    file.set(bytes, at + PACKET_HEADER_BYTES);
    at += PACKET_HEADER_BYTES + bytes.length;
  }
  return file;
}

/** @returns at least one */
function pieces(bytes: Uint8Array, most: number, protocol: Protocol): Uint8Array[] {
  if (protocol === 'udp' || bytes.length <= most) return [bytes.subarray(0, most)];
  const cut: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += most) cut.push(bytes.subarray(at, at + most));
  return cut;
}

function ipPacket(
  { from, to }: Captured,
  payload: Uint8Array,
  protocol: Protocol,
  id: number,
  streams: Streams,
): Uint8Array {
  const transport = protocol === 'tcp' ? tcpSegment(from, to, payload, streams) : udpDatagram(payload);
  const packet = new Uint8Array(IP_HEADER_BYTES + transport.length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x45); // version 4, five words of header
  view.setUint16(2, packet.length);
  view.setUint16(4, id & 0xffff);
  view.setUint8(8, 64); // time to live
  view.setUint8(9, PROTOCOL[protocol]);
  packet.set(octets(addressOfRole(from)), 12);
  packet.set(octets(addressOfRole(to)), 16);
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

function udpDatagram(payload: Uint8Array): Uint8Array {
  const datagram = new Uint8Array(UDP_HEADER_BYTES + payload.length);
  const view = new DataView(datagram.buffer);
  view.setUint16(0, SIP_PORT);
  view.setUint16(2, SIP_PORT);
  view.setUint16(4, datagram.length);
  datagram.set(payload, UDP_HEADER_BYTES);
  return datagram;
}

/** Of a connection that was there before: who opened it when is not on record. */
function tcpSegment(from: string, to: string, payload: Uint8Array, streams: Streams): Uint8Array {
  const sent = streams.get(`${from} ${to}`) ?? 1;
  streams.set(`${from} ${to}`, sent + payload.length);
  const segment = new Uint8Array(TCP_HEADER_BYTES + payload.length);
  const view = new DataView(segment.buffer);
  view.setUint16(0, SIP_PORT);
  view.setUint16(2, SIP_PORT);
  view.setUint32(4, sent);
  view.setUint32(8, streams.get(`${to} ${from}`) ?? 1);
  view.setUint8(12, (TCP_HEADER_BYTES / 4) << 4);
  view.setUint8(13, TCP_PUSH_ACK);
  view.setUint16(14, 0xffff); // window
  segment.set(payload, TCP_HEADER_BYTES);
  return segment;
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
