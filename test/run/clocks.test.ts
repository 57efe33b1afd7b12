import { describe, expect, it } from 'vitest';
import { causesFirst, causeTroubles, clockAheadMs } from '../../harness/run/clocks.ts';
import { leg, missedCall } from '../helpers/observations.ts';
import { message, START_EPOCH_MS } from '../helpers/wire.ts';

const left = (atMs: number) => message('caller', 'out', atMs, { line: 'INVITE sip:a@b' });
const arrived = (atMs: number) => message('phone', 'in', atMs, { line: 'INVITE sip:a@127.0.0.4' });
const call = (leftMs: number, arrivedMs: number) =>
  [left(leftMs), arrived(arrivedMs)].toSorted((a, b) => a.atEpochMs - b.atEpochMs);

describe('a cause stands before its effect', () => {
  it.for([
    [0, 5, 0],
    [7, 5, 2],
    [505, 5, 500],
  ] as const)('INVITE stamped at %i, seen at %i: late by %i', ([leftMs, arrivedMs, lateMs]) => {
    const corrected = causesFirst(call(leftMs, arrivedMs));
    expect(corrected.lateMs).toBe(lateMs);
    expect(corrected.messages.map(({ from }) => from)).toEqual(['caller', 'server']);
    expect(corrected.messages[0]?.atEpochMs).toBe(START_EPOCH_MS + Math.min(leftMs, arrivedMs));
  });

  it('by more than a busy machine explains nothing is corrected', () => {
    const messages = call(506, 5);
    expect(causesFirst(messages)).toEqual({ messages, lateMs: 501 });
  });

  it('nothing is corrected where nothing is late, or where one of the two is missing', () => {
    const records = [[arrived(5), left(5)], [arrived(5)], [left(5)]];
    for (const messages of records) expect(causesFirst(messages)).toEqual({ messages, lateMs: 0 });
  });

  it('takes the INVITE of the caller, not what it had sent before', () => {
    const options = message('caller', 'out', 3, { line: 'OPTIONS sip:a@b' });
    expect(causesFirst([options, ...call(7, 5)]).lateMs).toBe(2);
  });

  it('takes the arrival at an endpoint, not what the caller gets', () => {
    const toCaller = message('caller', 'in', 1, { line: 'INVITE sip:customer@b' });
    expect(causesFirst([toCaller, ...call(7, 5)]).lateMs).toBe(2);
  });

  it('keeps what came before the call where it is', () => {
    const notify = message('phone', 'in', -900, { line: 'NOTIFY sip:a@b' });
    expect(
      causesFirst([notify, ...call(7, 5)]).messages.map(({ cseqMethod, from }) => `${from} ${cseqMethod}`),
    ).toEqual(['server NOTIFY', 'caller INVITE', 'server INVITE']);
  });
});

describe('clocks do not agree when', () => {
  const nothing = { messages: [], legs: [], notifications: [] };
  const ringing = (phoneMs: number, callerMs: number, tag = 'p') =>
    [
      message('phone', 'out', phoneMs, { line: '180 Ringing', to: '<sip:a@b>;tag=p' }),
      message('caller', 'in', callerMs, { line: '180 Ringing', to: `<sip:a@b>;tag=${tag}` }),
    ].toSorted((a, b) => a.atEpochMs - b.atEpochMs);

  it.for([
    [
      'a leg stands before the INVITE',
      { ...nothing, legs: [leg('voicemail', { startMs: -1 })] },
      /leg to voicemail stands 1 ms before/,
    ],
    [
      'a notice stands before the INVITE',
      { ...nothing, notifications: [{ ...missedCall, atMs: -51 }] },
      /missed-call notice stands 51 ms/,
    ],
    [
      'the caller has a response before it was sent',
      { ...nothing, messages: ringing(100, 49) },
      /a 180 51 ms before it was sent/,
    ],
  ] as const)('%s', ([, seen, why]) => {
    expect(causeTroubles(seen)).toEqual([expect.stringMatching(why)]);
  });

  it.for([
    ['a leg at the INVITE', { ...nothing, legs: [leg('voicemail', { startMs: 0 })] }],
    ['a notice a moment before', { ...nothing, notifications: [{ ...missedCall, atMs: -50 }] }],
    ['a response a moment before it was sent', { ...nothing, messages: ringing(100, 50) }],
    ["somebody else's response before", { ...nothing, messages: ringing(100, 10, 'q') }],
  ] as const)('but they do with %s', ([, seen]) => {
    expect(causeTroubles(seen)).toEqual([]);
  });

  const tagged = (over: { line?: string; cseq?: string; tag?: string } = {}) => ({
    line: over.line ?? '200 OK',
    to: `<sip:a@b>;tag=${over.tag ?? 'p'}`,
    ...(over.cseq !== undefined && { cseq: over.cseq }),
  });
  const got = message('caller', 'in', 300, tagged());
  it.for([
    ['of its own', [got, message('caller', 'out', 500, tagged())]],
    ['of the server', [got, message('phone', 'in', 500, tagged())]],
    ['to another request', [got, message('phone', 'out', 500, tagged({ cseq: '2 BYE' }))]],
    ['given once more', [message('phone', 'out', 299, tagged()), got, message('phone', 'out', 600, tagged())]],
    [
      'without a tag',
      [message('caller', 'in', 5, { line: '100 Trying' }), message('phone', 'out', 500, { line: '100 Trying' })],
    ],
    [
      'that the server gave itself to a request in the dialog',
      [
        message('caller', 'in', 10, tagged({ line: '100 Trying', cseq: '2 INVITE' })),
        message('voicemail', 'out', 100, tagged({ line: '100 Trying', cseq: '2 INVITE' })),
      ],
    ],
    [
      'at somebody else',
      [
        message('team', 'in', 10, tagged()),
        message('phone', 'out', 100, tagged()),
        message('caller', 'in', 101, tagged()),
      ],
    ],
    [
      'that it got to another request',
      [message('caller', 'in', 10, tagged({ cseq: '2 BYE' })), message('phone', 'out', 100, tagged())],
    ],
    [
      'that is a request',
      [
        message('caller', 'in', 300, tagged({ line: 'INVITE sip:customer@b' })),
        message('phone', 'out', 500, tagged({ line: 'INVITE sip:a@b' })),
      ],
    ],
  ] as const)('and not by a response %s', ([, messages]) => {
    expect(causeTroubles({ ...nothing, messages })).toEqual([]);
  });

  it('and are said not to agree once for all responses', () => {
    expect(causeTroubles({ ...nothing, messages: [...ringing(900, 49), ...ringing(900, 50)] })).toHaveLength(1);
  });

  it('calls that reached nobody, or whose caller is not on record, say nothing of a caller`s clock', () => {
    const late = [60, 70, 80, 90, 100].map((ms) => call(ms, 0));
    expect(clockAheadMs([[left(900)], ...late, [arrived(0)]])).toBe(60);
  });

  it('every INVITE of a caller stands behind its arrival', () => {
    const calls = (aheadMs: number[]) => aheadMs.map((ms) => call(ms, 0));
    expect(clockAheadMs(calls([60, 70, 51, 90, 100]))).toBe(51);
    expect(clockAheadMs(calls([60, 70, 50, 90, 100]))).toBeNull();
    expect(clockAheadMs(calls([501, 900]))).toBe(501);
    expect(clockAheadMs(calls([500, 900])), 'few calls may all be stamped late').toBeNull();
    expect(clockAheadMs([])).toBeNull();
    expect(clockAheadMs([[left(900)], [left(900)], [left(900)], [left(900)], [left(900)]])).toBeNull();
  });
});
