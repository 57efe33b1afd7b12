/** Captures written from our own records, read back by this test, by Wireshark's own dissector and by sngrep. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { captureOf, type RecordedCall } from '../../harness/evidence/capture.ts';
import { findExecutable } from '../../harness/setup/find-tool.ts';
import { flowOf } from '../report/sample-flow.ts';
import { scratch } from '../setup/scratch.ts';
import { frameOf, readCapture } from './pcapng-reader.ts';

const CALL = 'kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct';
const CONTROL = 'kamailio/ms-sipre/voicemail-busy/none/udp/direct';
const OVER_TCP =
  'INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.7.1:5070;branch=z9hG4bK1\r\nContent-Length: 0\r\n\r\n';
const OVER_UDP = OVER_TCP.replace('TCP', 'UDP');

function recorded(): RecordedCall {
  const [call, control] = [flowOf(CALL), flowOf(CONTROL)];
  return { ...call, control: control.cell, controlMessages: control.messages, runStartedAt: '' };
}

/** A call of such INVITEs alone. */
function ofInvites(...raws: readonly string[]): RecordedCall {
  const { cell } = flowOf(CONTROL);
  const about = { from: 'caller', to: 'server', startLine: 'INVITE sip:a@b SIP/2.0', cseq: '1 INVITE', callId: 'x' };
  const messages = raws.map((raw, index) => ({ ...about, atMs: index, raw }));
  return { cell, messages, control: null, controlMessages: null, runStartedAt: '' };
}

const inFile = async <T>(call: RecordedCall, read: (file: string, dir: string) => Promise<T>): Promise<T> => {
  await using place = await scratch();
  const file = join(place.dir, 'call.pcapng');
  await writeFile(file, captureOf(call));
  return await read(file, place.dir);
};

describe('a capture', () => {
  it('has a packet for each message of call and control, byte for byte, at its time of day, in order', () => {
    const call = recorded();
    const { packets, interfaces } = readCapture(captureOf(call));
    expect(interfaces).toEqual([
      { name: 'call', description: CALL, linkType: 1 },
      { name: 'control', description: CONTROL, linkType: 1 },
    ]);
    for (const [index, { cell, messages }] of [flowOf(CALL), flowOf(CONTROL)].entries()) {
      const own = packets.filter((packet) => packet.interface === index);
      expect(own.map(({ bytes }) => frameOf(bytes).payload.toString('latin1'))).toEqual(messages.map(({ raw }) => raw));
      const start = Date.parse(cell.proof?.startedAt ?? '');
      for (const [at, { atMs }] of messages.entries()) expect(own[at]?.atEpochMs).toBeCloseTo(start + atMs, 2);
    }
    const stamps = packets.map(({ atEpochMs }) => atEpochMs);
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
  });

  it('goes between the addresses that its messages name, and has the roles as their names', () => {
    const sent = (from: string, to: string, startLine: string, ...lines: readonly string[]) => {
      const about = { cseq: '1 INVITE', callId: 'x', atMs: 0 };
      return {
        ...about,
        from,
        to,
        startLine,
        raw: `${[startLine, ...lines].join('\r\n')}\r\n\r\nContact: <sip:127.0.9.9>\r\n`,
      };
    };
    const ofServer = 'Via: SIP/2.0/UDP 127.0.7.8;branch=z9hG4bK2';
    const messages = [
      sent('caller', 'server', 'INVITE sip:bob@x.test SIP/2.0', 'v: SIP/2.0/UDP 127.0.7.9:47446;branch=z9hG4bK1'),
      sent(
        'server',
        'phone',
        'INVITE sip:bob@127.0.7.1:58877;ob SIP/2.0',
        ofServer,
        'Contact: <sip:c@127.0.7.9:47446>',
      ),
      sent('server', 'voicemail', 'INVITE sip:bob@x.test SIP/2.0', ofServer),
      sent('voicemail', 'server', 'SIP/2.0 200 OK', ofServer, 'Contact: "v" <sip:127.0.7.6:41217>;x=y'),
    ];
    const { packets, names } = readCapture(captureOf({ ...ofInvites(), messages }));
    const ways = packets
      .map(({ bytes }) => frameOf(bytes))
      .map(({ from, fromPort, to, toPort }) => [from, fromPort, to, toPort]);
    const [caller, server, phone] = [
      ['127.0.7.9', 47_446],
      ['127.0.7.8', 5060],
      ['127.0.7.1', 58_877],
    ] as const;
    const voicemail = ['127.0.7.6', 41_217];
    expect(ways).toEqual([
      [...caller, ...server],
      [...server, ...phone],
      [...server, ...voicemail],
      [...voicemail, ...server],
    ]);
    expect(Object.fromEntries(names)).toEqual({
      '127.0.7.9': 'caller',
      '127.0.7.8': 'server',
      '127.0.7.1': 'phone',
      '127.0.7.6': 'voicemail',
    });
  });

  it('does not pass a place-holder off as an address', () => {
    const { packets, names } = readCapture(captureOf(ofInvites(OVER_UDP)));
    const { from, to } = frameOf(packets[0]?.bytes ?? Buffer.alloc(0));
    expect(from).toBe('127.0.7.1');
    expect(to).toMatch(/^192\.0\.2\./);
    expect(names.get(to)).toBe('server-address-not-on-record');
  });

  it('has a comment on the message that deviates, and on no other', () => {
    const { packets, comment, names } = readCapture(captureOf(recorded()));
    expect(comment).toContain(`${CALL}: fail: `);
    const said = packets.filter((packet) => packet.comment !== null);
    expect(said.map((packet) => packet.comment)).toEqual(['first deviation: must not come']);
    expect(said[0]?.interface).toBe(0);
    const { payload, to } = frameOf(said[0]?.bytes ?? Buffer.alloc(0));
    expect(payload.toString('latin1')).toMatch(/^INVITE /);
    expect(names.get(to)).toMatch(/voicemail/);
  });

  it('counts the bytes of a connection, and cuts what is longer than a segment can be', () => {
    const long = `${OVER_TCP}${'z'.repeat(70_000)}`;
    const frames = readCapture(captureOf(ofInvites(OVER_TCP, long))).packets.map(({ bytes }) => frameOf(bytes));
    expect(frames.map(({ protocol }) => protocol)).toEqual([6, 6, 6]);
    expect(frames.map(({ transport }) => transport.readUInt32BE(4))).toEqual([
      1,
      1 + OVER_TCP.length,
      1 + OVER_TCP.length + (frames[1]?.payload.length ?? 0),
    ]);
    expect(Buffer.concat(frames.slice(1).map(({ payload }) => payload)).toString('latin1')).toBe(long);
  });

  it('takes a header field of 60 KB and bytes of any value', () => {
    const odd = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
    const raw = `${OVER_UDP}${odd}${'z'.repeat(60_000)}`;
    const [packet] = readCapture(captureOf(ofInvites(raw))).packets;
    expect(frameOf(packet?.bytes ?? Buffer.alloc(0)).payload.toString('latin1')).toBe(raw);
  });

  it('is SIP to Wireshark, every packet of it, with names, interfaces and the comment', async ({ skip }) => {
    const tshark = await findExecutable(['tshark']);
    if (tshark === null) return skip('no tshark here; try: apt-get install tshark');
    const fields = ['frame.protocols', 'sip.Call-ID', 'frame.interface_name', '_ws.malformed', 'frame.comment'];
    const checks = ['ip.checksum.status', 'udp.checksum.status'];
    const checked = ['-N', 'n', '-o', 'ip.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE'];
    const shown = [...fields, ...checks, 'ip.src_host'].flatMap((field) => ['-e', field]);
    const rows = await inFile(recorded(), async (file) => {
      const given = ['-r', file, ...checked, '-T', 'fields', '-E', 'separator=|', ...shown];
      return (await promisify(execFile)(tshark, given)).stdout.trimEnd().split('\n');
    });
    const [call, control] = [flowOf(CALL), flowOf(CONTROL)];
    expect(rows).toHaveLength(call.messages.length + control.messages.length);
    const comments: string[] = [];
    const { names } = readCapture(captureOf(recorded()));
    const namedBy = new Map([...names].flatMap(([, name]) => name.split('+').map((role) => [role, name])));
    for (const [name, { messages }] of Object.entries({ call, control })) {
      const own = rows.map((row) => row.split('|')).filter(([, , on]) => on === name);
      expect(own.map(([, callId]) => callId)).toEqual(messages.map(({ callId }) => callId));
      for (const [index, [protocols = '', , , malformed, comment = '', ...rest]] of own.entries()) {
        expect(protocols).toContain('sip');
        expect([malformed, ...rest]).toEqual(['', '1', '1', namedBy.get(messages[index]?.from ?? '')]); // 1: good
        if (comment !== '') comments.push(comment);
      }
    }
    expect(comments).toEqual(['first deviation: must not come']);
  });

  it('is two dialogs to sngrep, which has every packet of them', async ({ skip }) => {
    const sngrep = await findExecutable(['sngrep']);
    if (sngrep === null) return skip('no sngrep here; try: apt-get install sngrep');
    const call = recorded();
    const [said, copy] = await inFile(call, async (file, dir) => {
      const out = join(dir, 'out.pcap');
      const { stdout } = await promisify(execFile)(sngrep, ['-N', '-F', '-I', file, '-O', out]);
      return [stdout, (await readFile(out)).toString('latin1')] as const;
    });
    const messages = [...call.messages, ...(call.controlMessages ?? [])];
    const dialogs = new Set(messages.map(({ callId }) => callId));
    expect(said).toMatch(new RegExp(`Dialog count: ${dialogs.size}\\s*$`));
    for (const { raw } of messages) expect(copy).toContain(raw);
  });
});
