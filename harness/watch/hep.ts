/** Homer Encapsulation Protocol, version 3: what a SIP server tells of each message that comes or goes. */
import { isIPv4 } from 'node:net';

/** Chunks of vendor 0, by type ("HEP/EEP Network Protocol", revision 36, sections 4 and 6). */
const CHUNKS = {
  sourceIp: 3,
  destinationIp: 4,
  sourcePort: 7,
  destinationPort: 8,
  seconds: 9,
  micros: 10,
  payload: 15,
};
const HEADER_BYTES = 6;

export interface HepMessage {
  readonly atEpochMs: number;
  readonly from: HepAddress;
  readonly to: HepAddress;
  readonly bytes: Buffer;
}

export interface HepAddress {
  readonly host: string;
  readonly port: number;
}

/** @returns null: it is none, or not of a message over IPv4 */
export function readHep(datagram: Buffer): HepMessage | null {
  if (datagram.toString('latin1', 0, 4) !== 'HEP3' || datagram.length < HEADER_BYTES) return null;
  const chunks = new Map<number, Buffer>();
  for (let at = HEADER_BYTES; at + HEADER_BYTES <= datagram.length; ) {
    const length = datagram.readUInt16BE(at + 4);
    if (length < HEADER_BYTES || at + length > datagram.length) return null;
    if (datagram.readUInt16BE(at) === 0) {
      chunks.set(datagram.readUInt16BE(at + 2), datagram.subarray(at + HEADER_BYTES, at + length));
    }
    at += length;
  }
  const number = (type: number, bytes: 2 | 4): number | null => {
    const chunk = chunks.get(type);
    return chunk?.length === bytes ? chunk.readUIntBE(0, bytes) : null;
  };
  const address = (ip: number, port: number): HepAddress | null => {
    const host = [...(chunks.get(ip) ?? [])].join('.');
    const at = number(port, 2);
    return isIPv4(host) && at !== null ? { host, port: at } : null;
  };
  const [from, to] = [
    address(CHUNKS.sourceIp, CHUNKS.sourcePort),
    address(CHUNKS.destinationIp, CHUNKS.destinationPort),
  ];
  const [seconds, micros, bytes] = [number(CHUNKS.seconds, 4), number(CHUNKS.micros, 4), chunks.get(CHUNKS.payload)];
  if (from === null || to === null || seconds === null || micros === null || bytes === undefined) return null;
  return { atEpochMs: seconds * 1000 + micros / 1000, from, to, bytes };
}
