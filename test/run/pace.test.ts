import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { latenessNow, Pace } from '../../harness/run/pace.ts';

const LOOK_MS = 250;

function paced(latenessMs: readonly number[]): { rates: readonly number[]; pace: Pace } {
  const rates: number[] = [];
  const left = [...latenessMs];
  const pace = new Pace({ maxPerSecond: 120, lateMs: () => left.shift() ?? 0, onRate: (rate) => rates.push(rate) });
  vi.advanceTimersByTime(LOOK_MS * latenessMs.length);
  pace.stop();
  return { rates, pace };
}

describe('the rate of a run', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('begins at half, and rises step by step while the lab is in time, to the highest', () => {
    const { rates, pace } = paced(Array.from({ length: 9 }, () => 99));
    expect(rates).toEqual([60, 72, 84, 96, 108, 120]);
    expect(pace.perSecond).toBe(120);
  });

  it('gives way at once when the lab is late, and then waits for what is under way', () => {
    expect(paced([0, 201, 900, 900]).rates).toEqual([60, 72, 72 * 0.6]);
    expect(paced([0, 201, 900, 900, 900]).rates).toEqual([60, 72, 72 * 0.6, 72 * 0.6 * 0.6]);
  });

  it('stays where it is when the lab is a little late', () => {
    expect(paced([100, 150, 200]).rates).toEqual([60]);
  });

  it('never falls below a twelfth of the highest, so that a run comes to an end', () => {
    const { rates } = paced(Array.from({ length: 60 }, () => 5000));
    expect(rates.at(-1)).toBe(10);
  });

  it('rises again', () => {
    expect(paced([500, 0, 0]).rates).toEqual([60, 36, 48, 60]);
  });

  it('is told nothing after the end', () => {
    const { rates } = paced([0]);
    vi.advanceTimersByTime(LOOK_MS * 5);
    expect(rates).toEqual([60, 72]);
  });
});

describe('how late the server is now', () => {
  const NOW = 10_000;
  const late = (...beats: (readonly [due: number, answered: number | null])[]): number =>
    latenessNow(
      beats.map(([dueEpochMs, answeredEpochMs]) => ({ dueEpochMs, answeredEpochMs })),
      NOW,
    );

  it.for([
    ['nothing was asked', [], 0],
    ['an answer is due', [[9_400, null]], 600],
    ['an answer is not due yet', [[10_300, null]], 0],
    ['an answer came late just now', [[9_000, 9_700]], 700],
    ['an answer came late some time ago', [[8_000, 9_500]], 0],
    [
      'the worst of all counts',
      [
        [9_900, 9_901],
        [9_300, 9_990],
        [9_950, null],
      ],
      690,
    ],
  ] as const)('when %s', ([, beats, ms]) => {
    expect(late(...beats)).toBe(ms);
  });
});
