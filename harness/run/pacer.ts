import type { CallsUnderWay } from '../callers/caller.ts';
import { Pace } from './pace.ts';

export interface PacerOptions {
  /** Calls begun per second, over all callers, at most. */
  readonly maxPerSecond: number;
  /** How late the lab is at this moment: the rate gives way to it. */
  readonly lateMs: () => number;
}

/** What it takes until another caller begins its first call, on a busy machine (measured): the lab need not stand idle for it. */
const AHEAD_MS = 200;

/**
 * A wave that ends, where another has begun, is given what it needs to begin its last calls within this, and no less than a tenth
 * of the rate.
 */
const LAST_CALLS_MS = 100;
const LEAST_PART = 0.1;

interface Wave {
  readonly callers: readonly CallsUnderWay[];
  readonly tell: () => void;
}

/** Shares the rate of the run among the callers that have calls to begin: those of the first wave first. */
export class Pacer {
  readonly #pace: Pace;
  readonly #waves = new Set<Wave>();

  constructor({ maxPerSecond, lateMs }: PacerOptions) {
    this.#pace = new Pace({ maxPerSecond, lateMs, onRate: () => this.#share() });
  }

  get perSecond(): number {
    return this.#pace.perSecond;
  }

  /** How long so many calls take to begin from now on. */
  msFor(calls: number): number {
    return this.#pace.msFor(calls);
  }

  /** Calls that have not begun yet, of the callers that were added. */
  get left(): number {
    return [...this.#waves].reduce((sum, { callers }) => sum + leftOf(callers), 0);
  }

  /** What a caller with so many calls may begin with, beside others that begin with it. */
  shareOf(calls: number, ofTotal: number): number {
    return share(this.#pace.perSecond, calls, ofTotal);
  }

  /** Settles when all calls of these have begun or are about to, by their rate, or they have ended. */
  add(callers: readonly CallsUnderWay[]): Promise<void> {
    const begun = Promise.withResolvers<void>();
    this.#waves.add({ callers, tell: begun.resolve });
    void Promise.all(callers.map(({ result }) => result)).then(() => this.#share());
    this.#share();
    return begun.promise;
  }

  /** As {@link Pace.slowDown}. */
  slowDown(part: number, leastPerSecond: number): void {
    this.#pace.slowDown(part, leastPerSecond);
  }

  stop(): void {
    this.#pace.stop();
    for (const { tell } of this.#waves) tell();
    this.#waves.clear();
  }

  #share(): void {
    const { perSecond } = this.#pace;
    let unshared = perSecond;
    const last = [...this.#waves].findLast(({ callers }) => leftOf(callers) > 0);
    for (const wave of this.#waves) {
      const left = leftOf(wave.callers);
      if (this.#pace.msFor(left) < AHEAD_MS) wave.tell();
      if (left === 0) {
        this.#waves.delete(wave);
        // One that was slow to start has calls left all the same, whatever its rate should have done.
        for (const caller of wave.callers) caller.setRate(share(perSecond, 1, wave.callers.length));
        continue;
      }
      const needed = Math.max((left / LAST_CALLS_MS) * 1000, perSecond * LEAST_PART);
      const rate = wave === last ? unshared : Math.min(unshared, needed);
      unshared -= rate;
      for (const caller of wave.callers) if (caller.left > 0) caller.setRate(share(rate, caller.left, left));
    }
  }
}

function leftOf(callers: readonly CallsUnderWay[]): number {
  return callers.reduce((sum, { left }) => sum + left, 0);
}

/** SIPp takes whole numbers. */
function share(perSecond: number, calls: number, ofTotal: number): number {
  return Math.max(1, Math.round((perSecond * calls) / ofTotal));
}
