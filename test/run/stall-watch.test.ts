import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Stall, StallWatch } from '../../harness/run/stall-watch.ts';

const TICK_MS = 25;
const THRESHOLD_MS = 100;
const ORIGIN_EPOCH_MS = 1_800_000_000_000;

/** Time that passes as the test says, and a process that gets to run when the test says. */
let clockMs: number;
const nowEpochMs = (): number => ORIGIN_EPOCH_MS + clockMs;

function runs({ afterMs }: { readonly afterMs: number }): void {
  clockMs += afterMs;
  vi.advanceTimersByTime(TICK_MS);
}

const stall = (startMs: number, endMs: number): Stall => ({
  startEpochMs: ORIGIN_EPOCH_MS + startMs,
  endEpochMs: ORIGIN_EPOCH_MS + endMs,
});

describe('StallWatch', () => {
  beforeEach(() => {
    clockMs = 5000;
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells when this process was held up for longer than the threshold, from when to when', () => {
    const watch = new StallWatch(THRESHOLD_MS, nowEpochMs);
    runs({ afterMs: 30 });
    runs({ afterMs: 300 });
    runs({ afterMs: 30 });
    expect(watch.stop()).toEqual([stall(5030, 5330)]);
  });

  it('tells every one, also the one that begins with it', () => {
    const watch = new StallWatch(THRESHOLD_MS, nowEpochMs);
    runs({ afterMs: 200 });
    runs({ afterMs: TICK_MS });
    runs({ afterMs: 400 });
    expect(watch.stop()).toEqual([stall(5000, 5200), stall(5225, 5625)]);
  });

  it('leaves to every tick its own time and the threshold: many that are nearly late are none', () => {
    const watch = new StallWatch(THRESHOLD_MS, nowEpochMs);
    for (let tick = 0; tick < 100; tick += 1) runs({ afterMs: TICK_MS + THRESHOLD_MS });
    expect(watch.stop()).toEqual([]);
  });

  it('is late one millisecond later', () => {
    const watch = new StallWatch(THRESHOLD_MS, nowEpochMs);
    runs({ afterMs: TICK_MS + THRESHOLD_MS + 1 });
    expect(watch.stop()).toEqual([stall(5000, 5126)]);
  });

  it('sees nothing after its end, and keeps no process alive', () => {
    const watch = new StallWatch(THRESHOLD_MS, nowEpochMs);
    expect(watch.stop()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
