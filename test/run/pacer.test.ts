import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallerRecord, CallsUnderWay } from '../../harness/callers/caller.ts';
import { Pacer } from '../../harness/run/pacer.ts';

const LOOK_MS = 100;
const MAX_PER_SECOND = 300;

/** Begins as many calls as its rate asks for, with each look at the lab; one that is slow to start begins none at first. */
class Caller implements CallsUnderWay {
  readonly rates: number[] = [];
  readonly result: Promise<CallerRecord>;
  readonly #ended = Promise.withResolvers<CallerRecord>();
  readonly #begins: NodeJS.Timeout;
  #left: number;

  constructor(calls: number, { slowMs = 0 } = {}) {
    this.#left = calls;
    this.result = this.#ended.promise;
    const fromMs = performance.now() + slowMs;
    this.#begins = setInterval(() => {
      if (performance.now() > fromMs)
        this.#left = Math.max(0, this.#left - ((this.rates.at(-1) ?? 0) * LOOK_MS) / 1000);
    }, LOOK_MS);
  }

  get left(): number {
    return this.#left;
  }

  setRate(perSecond: number): void {
    this.rates.push(perSecond);
  }

  stop(): Promise<void> {
    clearInterval(this.#begins);
    this.#left = 0;
    this.#ended.resolve({ messages: [], trouble: null, clockTrouble: null });
    return Promise.resolve();
  }
}

let pacer: Pacer;
let lateMs: number;
const callers: Caller[] = [];

function caller(calls: number, options: { slowMs?: number } = {}): Caller {
  const added = new Caller(calls, options);
  callers.push(added);
  return added;
}

/** Whether this has settled by now. */
async function isSettled(begun: Promise<void>): Promise<boolean> {
  return Promise.race([begun.then(() => true), Promise.resolve().then(() => Promise.resolve(false))]);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  lateMs = 0;
  pacer = new Pacer({ maxPerSecond: MAX_PER_SECOND, lateMs: () => lateMs });
});
afterEach(async () => {
  pacer.stop();
  for (const each of callers.splice(0)) await each.stop();
  vi.useRealTimers();
});

describe('callers of one wave', () => {
  it('share the rate by the calls that they have left', () => {
    const [few, many] = [caller(200), caller(400)];
    void pacer.add([few, many]);
    expect([few.rates, many.rates]).toEqual([[100], [200]]);
    expect([pacer.shareOf(200, 600), pacer.shareOf(400, 600)]).toEqual([100, 200]);
    expect(pacer.left).toBe(600);
  });

  it('are told when the lab gets late', () => {
    const only = caller(600);
    void pacer.add([only]);
    lateMs = 1000;
    vi.advanceTimersByTime(LOOK_MS);
    expect(only.rates).toEqual([300, 180]);
  });

  it('leave nobody without a rate, in whole numbers', () => {
    const [one, many] = [caller(1), caller(2000)];
    void pacer.add([one, many]);
    expect(one.rates).toEqual([1]);
  });
});

describe('waves', () => {
  it('are asked for while the last calls of the one before have yet to begin, and not sooner', async () => {
    const begun = pacer.add([caller(80)]);
    vi.advanceTimersByTime(LOOK_MS);
    expect(await isSettled(begun)).toBe(false);
    vi.advanceTimersByTime(LOOK_MS);
    expect(pacer.left).toBeGreaterThan(0);
    expect(await isSettled(begun)).toBe(true);
  });

  it('that come second have what the first does not need', () => {
    const [first, second] = [caller(12), caller(500)];
    void pacer.add([first]);
    void pacer.add([second]);
    expect(first.rates.at(-1)).toBe(120); // its calls within a tenth of a second
    expect(second.rates.at(-1)).toBe(MAX_PER_SECOND - 120);
  });

  it('have all of the rate when nobody comes after them', () => {
    const [first, only] = [caller(12), caller(16)];
    void pacer.add([first]);
    expect(first.rates).toEqual([MAX_PER_SECOND]);
    vi.advanceTimersByTime(LOOK_MS);
    void pacer.add([only]);
    expect(only.rates).toEqual([MAX_PER_SECOND]);
  });

  it('that end keep a tenth of the rate: their last calls do not begin ever more slowly', () => {
    const [first, second] = [caller(1), caller(2000)];
    void pacer.add([first]);
    void pacer.add([second]);
    expect(first.rates.at(-1)).toBe(MAX_PER_SECOND / 10);
    vi.advanceTimersByTime(LOOK_MS);
    expect(first.left).toBe(0);
  });

  it('that have begun all their calls leave the whole rate, and what a slow caller still has to begin it begins at once', () => {
    const [first, second] = [caller(12), caller(2000)];
    void pacer.add([first]);
    void pacer.add([second]);
    vi.advanceTimersByTime(2 * LOOK_MS);
    expect(first.left).toBe(0);
    expect(first.rates.at(-1)).toBe(MAX_PER_SECOND);
    expect(second.rates.at(-1)).toBe(MAX_PER_SECOND);
  });

  it('whose caller is slow to start wait for it with their rate', () => {
    const [slow, next] = [caller(30, { slowMs: 350 }), caller(2000)];
    void pacer.add([slow]);
    void pacer.add([next]);
    vi.advanceTimersByTime(3 * LOOK_MS);
    expect(slow.rates.at(-1)).toBe(MAX_PER_SECOND);
    vi.advanceTimersByTime(2 * LOOK_MS);
    expect(slow.left).toBe(0);
  });

  it('whose caller has ended, whatever it left, go on to the next', async () => {
    const dead = caller(600);
    const begun = pacer.add([dead]);
    await dead.stop();
    await dead.result;
    expect(await isSettled(begun)).toBe(true);
    expect(pacer.left).toBe(0);
  });

  it('are all let go when the run is stopped', async () => {
    const begun = pacer.add([caller(6000)]);
    pacer.stop();
    expect(await isSettled(begun)).toBe(true);
  });
});
