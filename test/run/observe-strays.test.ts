import { describe, expect, it } from 'vitest';
import type { StrayItem } from '../../harness/run/attribution.ts';
import { cellKey } from '../../harness/run/identity.ts';
import { type CallRecord, observe } from '../../harness/run/observe.ts';
import { item } from '../helpers/wire.ts';
import { message, record, WINDOW_MS } from './call-record.ts';

describe('a stray', () => {
  const arrived = (atMs: number, bytes = 'INVITE sip:x@y SIP/2.0\r\n\r\n'): StrayItem => ({
    item: item('voicemail', 'in', atMs, Buffer.from(bytes)),
    kind: 'call',
    candidates: null,
  });
  const straysAt = (over: Partial<CallRecord>) => observe(record(over)).strays.map(({ atMs }) => atMs);

  it('is kept while the window is open', () => {
    expect(straysAt({ strays: [-51, -50, 0, WINDOW_MS, WINDOW_MS + 1].map((atMs) => arrived(atMs)) })).toEqual([
      -50,
      0,
      WINDOW_MS,
    ]);
  });

  it('is shown by its start line, or by its size', () => {
    expect(observe(record({ strays: [arrived(5), arrived(6, 'gar\u0007bage')] })).strays).toEqual([
      { atMs: 5, at: 'voicemail', kind: 'call', text: 'INVITE sip:x@y SIP/2.0' },
      { atMs: 6, at: 'voicemail', kind: 'call', text: '8 bytes that are no SIP message' },
    ]);
    const control = arrived(5, 'INVITE sip:x@y SIP/2.0\r\n\r\n');
    const odd = { ...control.item, message: message(5, 'server', 'voicemail', 'INVITE sip:\u0007@y SIP/2.0') };
    expect(observe(record({ strays: [{ ...control, item: odd }] })).strays[0]?.text).toBe(
      'INVITE sip:\ufffd@y SIP/2.0',
    );
  });

  it('is not of a call that it cannot be of', () => {
    const candidates = (...numbers: number[]) => new Set(numbers.map((number) => cellKey('test', number)));
    expect(straysAt({ strays: [{ ...arrived(5), candidates: candidates(2, 3) }] })).toEqual([]);
    expect(straysAt({ strays: [{ ...arrived(5), candidates: candidates(1, 3) }] })).toEqual([5]);
  });

  it("is not of another policy's domain", () => {
    const to = (domain: string) => arrived(5, `INVITE sip:x@${domain} SIP/2.0\r\n\r\n`);
    expect(straysAt({ strays: [to('plain.test')] })).toEqual([]);
    expect(straysAt({ strays: [to('MS-SIPRE.test')] })).toEqual([5]);
    expect(straysAt({ strays: [to('outside.test')] })).toEqual([5]);
    expect(straysAt({ strays: [to('plain.test;x=ms-sipre.test')] })).toEqual([5]);
  });
});
