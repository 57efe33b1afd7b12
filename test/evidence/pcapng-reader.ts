/** A strict reader of captures, written from draft-ietf-opsawg-pcapng, RFC 791, 768 and 9293 without a look at the writer. */
import { expect } from 'vitest';

interface ReadPacket {
  readonly interface: number;
  readonly atEpochMs: number;
  readonly bytes: Buffer;
  readonly comment: string | null;
}

interface ReadCapture {
  readonly comment: string | null;
  readonly interfaces: readonly {
    readonly name: string | null;
    readonly description: string | null;
    readonly linkType: number;
  }[];
  readonly names: ReadonlyMap<string, string>;
  readonly packets: readonly ReadPacket[];
}

export function readCapture(file: Uint8Array): ReadCapture {
  const [section, ...blocks] = blocksOf(Buffer.from(file));
  expect(section?.type).toBe(0x0a0d0d0a);
  const head = section?.body ?? Buffer.alloc(0);
  expect([head.readUInt32BE(0), head.readUInt16BE(4), head.readUInt16BE(6)]).toEqual([0x1a2b3c4d, 1, 0]);
  const interfaces: ReadCapture['interfaces'][number][] = [];
  const packets: ReadPacket[] = [];
  const names = new Map<string, string>();
  for (const { type, body } of blocks) {
    if (type === 1) {
      const given = options(body.subarray(8));
      interfaces.push({ name: text(given, 2), description: text(given, 3), linkType: body.readUInt16BE(0) });
    } else if (type === 4) {
      for (const [kind, value] of values(body)) {
        expect([kind, value.at(-1)]).toEqual([1, 0]);
        names.set([...value.subarray(0, 4)].join('.'), value.subarray(4, -1).toString());
      }
    } else if (type === 6) {
      const [on, high, low, length, original] = [0, 4, 8, 12, 16].map((at) => body.readUInt32BE(at)) as number[];
      expect(on).toBeLessThan(interfaces.length);
      expect(original).toBe(length);
      const end = 20 + (length ?? 0);
      packets.push({
        interface: on ?? -1,
        atEpochMs: ((high ?? 0) * 2 ** 32 + (low ?? 0)) / 1000,
        bytes: body.subarray(20, end),
        comment: text(options(body.subarray(end + ((4 - (end % 4)) % 4))), 1),
      });
    } else {
      throw new Error(`a block of type ${type}, which no reader was promised`);
    }
  }
  return { comment: text(options(head.subarray(16)), 1), interfaces, names, packets };
}

function blocksOf(file: Buffer): { type: number; body: Buffer }[] {
  const blocks: { type: number; body: Buffer }[] = [];
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32BE(at + 4);
    expect([length % 4, file.readUInt32BE(at + length - 4)]).toEqual([0, length]);
    blocks.push({ type: file.readUInt32BE(at), body: file.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return blocks;
}

/** Up to the one of type 0, which must be the last. */
function values(bytes: Buffer): [code: number, value: Buffer][] {
  const found: [number, Buffer][] = [];
  for (let at = 0; ; ) {
    const [code, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)];
    if (code === 0) {
      expect([length, at + 4]).toEqual([0, bytes.length]);
      return found;
    }
    found.push([code, bytes.subarray(at + 4, at + 4 + length)]);
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
}

function options(bytes: Buffer): [code: number, value: Buffer][] {
  return bytes.length === 0 ? [] : values(bytes);
}

function text(given: readonly [code: number, value: Buffer][], wanted: number): string | null {
  return given.find(([code]) => code === wanted)?.[1].toString() ?? null;
}

/** An Ethernet frame with IPv4 and UDP or TCP; sums are checked. */
export function frameOf(frame: Buffer) {
  expect(frame.readUInt16BE(12)).toBe(0x0800);
  const ip = frame.subarray(14);
  expect([ip.readUInt8(0), ip.readUInt16BE(2)]).toEqual([0x45, ip.length]);
  expect(onesComplementSum(ip.subarray(0, 20))).toBe(0xffff);
  const protocol = ip.readUInt8(9);
  const transport = ip.subarray(20);
  const pseudo = Buffer.alloc(12);
  ip.copy(pseudo, 0, 12, 20);
  pseudo.writeUInt8(protocol, 9);
  pseudo.writeUInt16BE(transport.length, 10);
  expect(onesComplementSum(Buffer.concat([pseudo, transport]))).toBe(0xffff);
  return {
    from: [...ip.subarray(12, 16)].join('.'),
    to: [...ip.subarray(16, 20)].join('.'),
    fromPort: transport.readUInt16BE(0),
    toPort: transport.readUInt16BE(2),
    protocol,
    transport,
    payload: transport.subarray(protocol === 17 ? 8 : 20),
  };
}

function onesComplementSum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt8(at) * 256 + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}
