/** For how long somebody was offered a call, and when the server gave up. */
import { describe, expect, it } from 'vitest';
import { longest, refusedMs } from '../../harness/judge/rings.ts';
import type { Observation } from '../../harness/model/observation.ts';
import { diverted, leg, suppressed } from '../helpers/observations.ts';
import { withCaller } from './case.ts';

const answer = (atMs: number) => ({ atMs, by: 'phone', knownBy: 'tag' }) as const;

describe('a ring that was answered', () => {
  const talked = leg('phone', { startMs: 100, endMs: 2000, answered: true, result: 'answered', status: 200 });
  const ringOf = (...atMs: number[]) =>
    longest(withCaller(diverted({ legs: [talked] }), { answers: atMs.map(answer) }), 'phone');

  it.for([
    ['as soon as it may be', [100], 0],
    ['by whoever came after one that was taken before', [99, 250], 150],
    ['twice, on record in any order', [400, 250], 150],
    ['and heard by nobody', [], Number.POSITIVE_INFINITY],
  ] as const)('lasts until it was taken: %s', ([, atMs, ms]) => {
    expect(ringOf(...atMs)).toMatchObject({ ms, answered: true, cut: false });
  });
});

describe('a ring that nobody answered', () => {
  it('lasts until somebody else had taken the call, on record in any order', () => {
    const seen = withCaller(suppressed({ legs: [leg('phone', { startMs: 3, endMs: 900 })] }), {
      answers: [answer(700), answer(503)],
    });
    expect(longest(seen, 'phone')?.ms).toBe(500);
  });
});

describe('how long after the server had the call a phone was asked', () => {
  const asked = (over: Partial<Observation['caller']>) =>
    longest(withCaller(suppressed({ legs: [leg('phone', { startMs: 300 })] }), over), 'phone')?.asked;

  it('is known from its first word', () => {
    expect(asked({ provisionals: [{ status: 100, atMs: 40, known: false }] })).toEqual({ leastMs: 260, mostMs: 260 });
    expect(asked({ provisionals: [], finalMs: 40 }), 'a refusal, that came as the first').toEqual({
      leastMs: 260,
      mostMs: 260,
    });
  });

  it.for([
    ['nothing', { provisionals: [], finalMs: null }],
    ['a refusal afterwards', { provisionals: [], finalMs: 600 }],
    ['a provisional at that moment', { provisionals: [{ status: 100, atMs: 300, known: false }] }],
  ] as const)('is between nothing and all the time since the INVITE where it said %s', ([, over]) => {
    expect(asked(over)).toEqual({ leastMs: 0, mostMs: 300 });
  });
});

describe('the server refused the call by itself', () => {
  it.for([
    ['480', 480, 602, null, 602],
    ['300, which sends the caller elsewhere', 300, 602, null, 602],
    ['487, before the caller hung up', 487, 602, 603, 602],
    ['not: 487 as the caller hung up', 487, 602, 602, Number.POSITIVE_INFINITY],
    ['not: 487 when the caller had hung up', 487, 602, 500, Number.POSITIVE_INFINITY],
    ['not: 200', 200, 602, null, Number.POSITIVE_INFINITY],
    ['not: 299', 299, 602, null, Number.POSITIVE_INFINITY],
    ['not: nothing was heard', null, null, null, Number.POSITIVE_INFINITY],
    ['not: 480, it is not known when', 480, null, null, Number.POSITIVE_INFINITY],
  ] as const)('%s', ([, finalStatus, finalMs, cancelledMs, ms]) => {
    expect(refusedMs({ ...suppressed().caller, finalStatus, finalMs, cancelledMs })).toBe(ms);
  });
});
