/** Captures written from our own records, read back by this test and by Wireshark's own dissector. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { addressOfRole, pcapOf } from '../../harness/evidence/pcap.ts';
import { findExecutable } from '../../harness/setup/find-tool.ts';
import { flowOf } from '../report/sample-flow.ts';
import { scratch } from '../setup/scratch.ts';

const DIVERTED = 'kamailio/ms-sipre/voicemail-busy/none/udp/direct';
const START = Date.parse('2026-11-23T10:00:00Z');
const { messages } = flowOf(DIVERTED);
const invite = (raw: string) => ({ atMs: 1.5, from: 'caller', to: 'server', raw });
const OVER_TCP = 'INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1\r\nContent-Length: 0\r\n\r\n';
const OVER_UDP = OVER_TCP.replace('TCP', 'UDP');

interface Packet {
  readonly atEpochMs: number;
  readonly ip: Buffer;
  readonly protocol: number;
  readonly payload: Buffer;
}

/** By RFC 791, 768 and 9293, written without a look at the writer. */
function packetsOf(file: Uint8Array): Packet[] {
  const bytes = Buffer.from(file);
  expect([bytes.readUInt32BE(0), bytes.readUInt16BE(4), bytes.readUInt32BE(20)]).toEqual([0xa1b2c3d4, 2, 101]);
  const packets: Packet[] = [];
  for (let at = 24; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 8);
    const ip = bytes.subarray(at + 16, at + 16 + length);
    expect(ip.readUInt16BE(2)).toBe(ip.length);
    expect(onesComplementSum(ip.subarray(0, 20))).toBe(0xffff);
    const protocol = ip.readUInt8(9);
    const transport = ip.subarray(20);
    const pseudo = Buffer.alloc(12);
    ip.copy(pseudo, 0, 12, 20);
    pseudo.writeUInt8(protocol, 9);
    pseudo.writeUInt16BE(transport.length, 10);
    expect(onesComplementSum(Buffer.concat([pseudo, transport]))).toBe(0xffff);
    const payload = transport.subarray(protocol === 17 ? 8 : 20);
    packets.push({
      atEpochMs: bytes.readUInt32BE(at) * 1000 + bytes.readUInt32BE(at + 4) / 1000,
      ip,
      protocol,
      payload,
    });
    at += 16 + length;
  }
  return packets;
}

function onesComplementSum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt8(at) * 256 + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}

const address = (ip: Buffer, at: number): string => [...ip.subarray(at, at + 4)].join('.');

describe('a capture', () => {
  it('has a packet for each message, byte for byte, at its time, between the addresses of its roles', () => {
    const packets = packetsOf(pcapOf(messages, START));
    expect(packets).toHaveLength(messages.length);
    for (const [index, { atMs, from, to, raw }] of messages.entries()) {
      const packet = packets[index] as Packet;
      expect(packet.payload.equals(Buffer.from(raw, 'latin1'))).toBe(true);
      expect(packet.atEpochMs).toBeCloseTo(START + atMs, 2);
      expect([address(packet.ip, 12), address(packet.ip, 16)]).toEqual([addressOfRole(from), addressOfRole(to)]);
    }
  });

  it('counts the bytes of a connection, and cuts what is longer than a segment can be', () => {
    const long = `${OVER_TCP}${'z'.repeat(70_000)}`;
    const packets = packetsOf(pcapOf([invite(OVER_TCP), invite(long)], START));
    expect(packets.map(({ protocol }) => protocol)).toEqual([6, 6, 6]);
    expect(packets.map(({ ip }) => ip.readUInt32BE(24))).toEqual([
      1,
      1 + OVER_TCP.length,
      1 + OVER_TCP.length + (packets[1]?.payload.length ?? 0),
    ]);
    expect(Buffer.concat(packets.slice(1).map(({ payload }) => payload)).toString('latin1')).toBe(long);
  });

  it('takes a header field of 60 KB and bytes of any value', () => {
    const odd = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
    const raw = `${OVER_UDP}${odd}${'z'.repeat(60_000)}`;
    const [packet] = packetsOf(pcapOf([invite(raw)], START));
    expect(packet?.payload.toString('latin1')).toBe(raw);
  });

  it('is SIP to Wireshark, every packet of it', async ({ skip }) => {
    const tshark = await findExecutable(['tshark']);
    if (tshark === null) skip('no tshark here; try: apt-get install tshark');
    await using place = await scratch();
    const file = join(place.dir, 'call.pcap');
    await writeFile(file, pcapOf(messages, START));
    const fields = ['frame.protocols', 'sip.Call-ID', '_ws.malformed', 'ip.checksum.status', 'udp.checksum.status'];
    const checked = ['-o', 'ip.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE'];
    const shown = ['-T', 'fields', '-E', 'separator=;', ...fields.flatMap((field) => ['-e', field])];
    const { stdout } = await promisify(execFile)(tshark as string, ['-r', file, ...checked, ...shown]);
    const rows = stdout.trimEnd().split('\n');
    expect(rows).toHaveLength(messages.length);
    for (const [index, row] of rows.entries()) {
      const [protocols = '', callId, malformed, ...checksums] = row.split(';');
      expect(protocols).toContain('sip');
      expect(callId).toBe(messages[index]?.callId);
      expect([malformed, ...checksums]).toEqual(['', '1', '1']); // 1: good
    }
  });
});
