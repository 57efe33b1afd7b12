import { describe, expect, it } from 'vitest';
import { readSippTrace } from '../../harness/callers/sipp/sipp-trace.ts';
import { forgeTrace } from '../../harness/sabotage/lab/forged-trace.ts';

const RULE = '-'.repeat(47);

function entry(way: 'sent' | 'received', message: string): string {
  const heading = way === 'sent' ? `sent (${message.length} bytes):` : `received [${message.length}] bytes :`;
  return `${RULE} 2026-01-31 10:15:02.123456\nUDP message ${heading}\n\n${message}\n`;
}

const invite = (callee: string): string =>
  `INVITE sip:${callee}@ms-sipre.test SIP/2.0\r\nCall-ID: 1\r\nMax-Forwards: 70\r\nAllow: INVITE\r\n\r\n`;
const OK = 'SIP/2.0 200 OK\r\nCall-ID: 1\r\nMax-Forwards: 70\r\n\r\n';

describe('a forged trace', () => {
  const log = Buffer.from(
    [entry('sent', invite('alice-k-1')), entry('received', OK), entry('sent', invite('bob'))].join(''),
  );
  const lines = 'Max-Forwards: 70\r\nMs-Target-Class: secondary';
  const messages = readSippTrace(forgeTrace(log, new Map([['alice-k-1', lines]]))).map(({ bytes }) => `${bytes}`);

  it('has the lines in the INVITEs that were sent, and can be read as before', () => {
    expect(messages).toEqual([invite('alice-k-1').replace('Max-Forwards: 70', lines), OK, invite('bob')]);
  });
});
