import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { latenessNow, Pace } from '../../harness/run/pace.ts';

const LOOK_MS = 100;

/** Rates after each look, of a lab that is this late then, and was so at the start. */
function paced(
  latenessMs: readonly number[],
  maxPerSecond = 460,
  startMs = 0,
): { rates: readonly number[]; pace: Pace } {
  const rates: number[] = [];
  const left = [startMs, ...latenessMs];
  const pace = new Pace({ maxPerSecond, lateMs: () => left.shift() ?? 0, onRate: (rate) => rates.push(rate) });
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

  it('rises step by step while the lab is in time, to the highest', () => {
    const { rates, pace } = paced(Array.from({ length: 5 }, () => 79));
    expect(rates).toEqual([360, 420, 460, 460, 460]);
    expect(pace.perSecond).toBe(460);
  });

  it('begins no faster than the highest', () => {
    expect(paced([0], 90).rates).toEqual([90]);
  });

  it('begins the slower the later the lab is before any call, but not below what brings a run to its end', () => {
    const beginsWith = (startMs: number, most = 460): number => paced([], most, startMs).pace.perSecond;
    expect([0, 180, 360, 540, 900, 5000].map((startMs) => beginsWith(startMs))).toEqual([300, 300, 150, 100, 60, 60]);
    expect(beginsWith(5000, 30)).toBe(30);
  });

  it('gives way at once when the lab is late, and then waits for what is under way', () => {
    expect(paced([0, 181, 900, 900]).rates).toEqual([360, 216, 216, 216]);
    expect(paced([0, 181, ...Array.from({ length: 8 }, () => 900)]).rates.at(-1)).toBeCloseTo(216 * 0.6);
  });

  it('stays where it is when the lab is a little late', () => {
    expect(paced([80, 100, 180]).rates).toEqual([300, 300, 300]);
  });

  it('never falls below what brings a run to its end, nor above the highest for that', () => {
    const late = Array.from({ length: 200 }, () => 5000);
    expect(paced(late).rates.at(-1)).toBe(60);
    expect(paced(late, 30).rates.at(-1)).toBe(30);
  });

  it('rises again', () => {
    expect(paced([500, 0, 0]).rates).toEqual([180, 240, 300]);
  });

  it('has a new highest when it is slowed down', () => {
    const { pace } = paced([0, 0, 0]);
    pace.slowDown(1 / 4, 30);
    expect(pace.perSecond).toBe(115);
    pace.slowDown(1 / 4, 30);
    expect(pace.perSecond).toBe(30);
    const slow = paced([0], 20).pace;
    slow.slowDown(1 / 4, 30);
    expect(slow.perSecond).toBe(20);
  });

  it('is known for what it will do while it rises, and goes on as it is when it is late', () => {
    const inTime = paced([0], 540).pace; // 360 a second now: 36, 42, 48 calls in the next tenths, then 540 a second
    expect(inTime.msFor(36 + 42 + 48 + 108)).toBe(500);
    const late = paced([0, 500], 540).pace;
    expect(late.msFor(216)).toBe(1000);
  });

  it('is told nothing after the end', () => {
    const { rates } = paced([0]);
    vi.advanceTimersByTime(LOOK_MS * 5);
    expect(rates).toEqual([360]);
  });
});

describe('how late the lab is now', () => {
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
