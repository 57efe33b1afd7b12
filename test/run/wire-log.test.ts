import { describe, expect, it } from 'vitest';
import {
  headerKeysOf,
  headerOf,
  readItem,
  toSeenMessage,
  WireLog,
  type WireMessage,
} from '../../harness/run/wire-log.ts';
import { bytesOf, message, START_EPOCH_MS } from '../helpers/wire.ts';

const INVITE = {
  line: 'INVITE sip:alice@127.0.0.3;user=phone',
  callId: 'id@1',
  cseq: '7  INVITE',
  branch: 'z9hG4bK-9',
  to: '<sip:alice@b>',
};
const read = (text: string): WireMessage | null =>
  readItem('phone', 'in', 5, Buffer.from(`${text}\r\n\r\n`, 'latin1')).message;

describe('a message on the wire', () => {
  it('that an endpoint received came from the server', () => {
    const bytes = bytesOf(INVITE);
    expect(readItem('phone', 'in', 5, bytes)).toEqual({
      role: 'phone',
      direction: 'in',
      atEpochMs: 5,
      bytes,
      message: {
        atEpochMs: 5,
        from: 'server',
        to: 'phone',
        callId: 'id@1',
        cseq: '7  INVITE',
        method: 'INVITE',
        cseqMethod: 'INVITE',
        status: null,
        requestUser: 'alice',
        toTag: null,
        branch: 'z9hG4bK-9',
        startLine: 'INVITE sip:alice@127.0.0.3;user=phone SIP/2.0',
        bytes,
      },
    });
  });

  it('that an endpoint sent goes to the server', () => {
    const response = { ...INVITE, line: '180 Ringing', to: '<sip:alice@b>;tag=p' };
    expect(message('team', 'out', 5, response)).toMatchObject({
      from: 'team',
      to: 'server',
      method: null,
      cseqMethod: 'INVITE',
      status: 180,
      requestUser: '',
      toTag: 'p',
    });
  });

  it('may lack what names its call', () => {
    expect(read('BYE sip:127.0.0.3 SIP/2.0')).toMatchObject({
      callId: '',
      cseq: '',
      cseqMethod: '',
      requestUser: '',
      toTag: null,
      branch: '',
    });
  });

  it.for([
    ['INVITE SIPS:alice@b SIP/2.0', 'alice'],
    ['INVITE sip:alice;x=y@b SIP/2.0', ''],
    ['INVITE sip:alice SIP/2.0', ''],
    ['INVITE tel:+4711 SIP/2.0', ''],
  ] as const)('%s is for the user "%s"', ([line, user]) => {
    expect(read(line)?.requestUser).toBe(user);
  });

  it.for([
    ['Via: SIP/2.0/UDP a ; Branch = z9hG4bK-1 ;rport', 'z9hG4bK-1'],
    ['v: SIP/2.0/UDP a;branch=z9hG4bK-1, SIP/2.0/UDP b;branch=z9hG4bK-2', 'z9hG4bK-1'],
    ['Via: SIP/2.0/UDP a;branch=z9hG4bK-1;x=y', 'z9hG4bK-1'],
    ['Via: SIP/2.0/UDP a;rport', ''],
  ] as const)('%s has the branch "%s"', ([via, branch]) => {
    expect(read(`BYE sip:b SIP/2.0\r\n${via}`)?.branch).toBe(branch);
  });

  it('is told from bytes that are none', () => {
    expect(readItem('phone', 'in', 5, Buffer.from('not SIP\r\n\r\n'))).toMatchObject({ role: 'phone', message: null });
  });

  it('tells where a record of its own kind comes from', () => {
    expect(readItem('phone', 'in', 5, bytesOf(INVITE), 'control').message?.source).toBe('control');
    expect(readItem('phone', 'in', 5, bytesOf(INVITE)).message).not.toHaveProperty('source');
  });
});

describe('header fields of a message', () => {
  const refer = () =>
    message('caller', 'in', 0, {
      line: 'REFER sip:a@b',
      headers: ['r: <sip:vm@b>', 'X-One: 1', 'x-one: 2'],
    });

  it('are found by their name in any spelling, the first of several', () => {
    expect(headerOf(refer(), 'Refer-To')).toBe('<sip:vm@b>');
    expect(headerOf(refer(), 'X-ONE')).toBe('1');
    expect(headerOf(refer(), 'Contact')).toBe('');
  });

  it('are listed by their long names', () => {
    expect([...headerKeysOf(refer())].toSorted()).toEqual(
      ['call-id', 'content-length', 'cseq', 'from', 'refer-to', 'to', 'via', 'x-one'].toSorted(),
    );
  });

  it('are none of bytes that are no message', () => {
    const broken = { ...refer(), bytes: Buffer.from('not SIP') };
    expect(headerOf(broken, 'Contact')).toBe('');
    expect([...headerKeysOf(broken)]).toEqual([]);
  });
});

describe('a message in a report', () => {
  it('has its time since the INVITE, and all its bytes', () => {
    const ringing = message('phone', 'out', 42, { ...INVITE, line: '180 Ringing', headers: ['X-One: \u00ff'] });
    expect(toSeenMessage(ringing, START_EPOCH_MS)).toEqual({
      atMs: 42,
      from: 'phone',
      to: 'server',
      startLine: 'SIP/2.0 180 Ringing',
      cseq: '7  INVITE',
      callId: 'id@1',
      raw: ringing.bytes.toString('latin1'),
    });
  });

  it('has no control characters in its first line', () => {
    const odd = { ...message('phone', 'out', 0, INVITE), startLine: 'SIP/2.0 180 \u001b[31mR\u0007' };
    expect(toSeenMessage(odd, START_EPOCH_MS).startLine).toBe('SIP/2.0 180 \ufffd[31mR\ufffd');
  });
});

describe('the log of what was on the wire', () => {
  const address = { host: '127.0.0.3', port: 5060 };
  const record = (text: string) =>
    ({
      direction: 'in',
      atEpochMs: 5,
      protocol: 'udp',
      local: address,
      remote: address,
      bytes: Buffer.from(text),
    }) as const;

  it('keeps what the endpoints report, in the order in which it came, until it is taken', () => {
    const log = new WireLog();
    const [phone, team] = [log.recorder('phone'), log.recorder('team')];
    expect(log.size).toBe(0);
    phone(record('first'));
    team({ ...record('BYE sip:b SIP/2.0\r\n\r\n'), direction: 'out', source: 'control' });
    expect(log.size).toBe(2);
    expect(log.take()).toEqual([
      { role: 'phone', direction: 'in', atEpochMs: 5, bytes: Buffer.from('first'), source: undefined },
      { role: 'team', direction: 'out', atEpochMs: 5, bytes: expect.any(Buffer), source: 'control' },
    ]);
    expect(log.take()).toEqual([]);
    expect(log.size).toBe(2);
  });

  it('keeps no registration, and whatever only speaks of one', () => {
    const log = new WireLog();
    const phone = log.recorder('phone');
    const written = (start: string, ...lines: string[]): string => `${[start, ...lines].join('\r\n')}\r\n\r\n`;
    phone(record(written('REGISTER sip:plain.test SIP/2.0', 'Call-ID: a', 'CSeq: 1 REGISTER')));
    phone(record(written('SIP/2.0 200 OK', 'Call-ID: a', 'CSeq: 1 REGISTER')));
    const kept = [
      written('INVITE sip:b SIP/2.0', 'Allow: INVITE, REGISTER', 'CSeq: 1 INVITE'),
      written('SIP/2.0 200 OK', 'CSeq: 1 INVITE', 'Allow: REGISTER'),
      written('INVITE sip:b SIP/2.0', 'CSeq: 1 REGISTER'),
    ];
    for (const text of kept) phone(record(text));
    expect(log.take().map(({ bytes }) => bytes.toString())).toEqual(kept);
    expect(log.size).toBe(5);
  });
});
