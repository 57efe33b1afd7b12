/**
 * Blocks of a capture file in the format pcapng (draft-ietf-opsawg-pcapng), as many as Wireshark, tshark and whatever reads with
 * libpcap need. Big-endian. The link is Ethernet: of several interfaces without one (LINKTYPE_RAW), libpcap 1.10.3 reads none,
 * and sngrep 1.6.0 does not know LINKTYPE_IPV4 (measured; test/evidence/capture.test.ts).
 */

const SECTION_HEADER = 0x0a0d0d0a;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const INTERFACE_DESCRIPTION = 1;
const NAME_RESOLUTION = 4;
const ENHANCED_PACKET = 6;
const LINKTYPE_ETHERNET = 1;
const SNAP_LENGTH = 262_144;
const NAME_OF_IPV4 = 1;
const OPTION = { end: 0, comment: 1, interfaceName: 2, interfaceDescription: 3, application: 4 };

export type Interface = 'call' | 'control';

export interface Packet {
  readonly on: Interface;
  /** Since 1970-01-01, UTC. */
  readonly atEpochMs: number;
  /** An Ethernet frame. */
  readonly bytes: Uint8Array;
  /** null: none. */
  readonly comment: string | null;
}

export interface Capture {
  readonly application: string;
  readonly comment: string;
  /** With what each is. */
  readonly interfaces: readonly (readonly [name: Interface, description: string])[];
  /** By IPv4 address. */
  readonly names: ReadonlyMap<string, string>;
  readonly packets: readonly Packet[];
}

/** Interfaces and names come before the packets: libpcap reads a file once, from its start. Stamps are to the microsecond. */
export function pcapngOf({ application, comment, interfaces, names, packets }: Capture): Uint8Array<ArrayBuffer> {
  const header = [...u32(BYTE_ORDER_MAGIC), ...u16(1), ...u16(0), ...Array<number>(8).fill(0xff)]; // version 1.0, of unknown length
  const numbers = new Map(interfaces.map(([name], index) => [name, index]));
  return joined([
    block(SECTION_HEADER, [...header, ...options([OPTION.comment, comment], [OPTION.application, application])]),
    ...interfaces.map(([name, description]) =>
      block(INTERFACE_DESCRIPTION, [
        ...u16(LINKTYPE_ETHERNET),
        ...u16(0),
        ...u32(SNAP_LENGTH),
        ...options([OPTION.interfaceName, name], [OPTION.interfaceDescription, description]),
      ]),
    ),
    block(NAME_RESOLUTION, [...[...names].flatMap(nameRecord), ...u32(0)]),
    ...packets.map((packet) => packetBlock(packet, numbers.get(packet.on) ?? 0)),
  ]);
}

function packetBlock({ atEpochMs, bytes, comment }: Packet, onInterface: number): Uint8Array {
  const microseconds = Math.max(0, Math.round(atEpochMs * 1000));
  const head = [onInterface, Math.floor(microseconds / 2 ** 32), microseconds % 2 ** 32, bytes.length, bytes.length];
  const tail = comment === null ? [] : options([OPTION.comment, comment]);
  return block(ENHANCED_PACKET, [...head.flatMap(u32), ...padded(bytes), ...tail]);
}

function nameRecord([address, name]: readonly [string, string]): number[] {
  return value(NAME_OF_IPV4, Uint8Array.from([...address.split('.').map(Number), ...utf8(name), 0]));
}

function block(type: number, body: readonly number[]): Uint8Array {
  const length = u32(body.length + 12);
  return Uint8Array.from([...u32(type), ...length, ...body, ...length]);
}

function options(...given: readonly (readonly [code: number, text: string])[]): number[] {
  return [...given.flatMap(([code, text]) => value(code, utf8(text))), ...u16(OPTION.end), ...u16(0)];
}

/** A length has two bytes: of a longer text, the beginning. */
function value(code: number, bytes: Uint8Array): number[] {
  const kept = bytes.subarray(0, 0xffff);
  return [...u16(code), ...u16(kept.length), ...padded(kept)];
}

/** To a multiple of four. */
function padded(bytes: Uint8Array): number[] {
  return [...bytes, ...Array<number>((4 - (bytes.length % 4)) % 4).fill(0)];
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function u16(number: number): number[] {
  return [number >>> 8, number & 0xff];
}

function u32(number: number): number[] {
  return [number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff];
}
