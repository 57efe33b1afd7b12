/** Calls are placed as fast as the lab keeps time. */
import type { Beat } from './pulse.ts';

export interface PaceOptions {
  /** Calls begun per second, at most. */
  readonly maxPerSecond: number;
  /** How late the lab is at this moment. */
  readonly lateMs: () => number;
  /** Told of every look, and of the rate from then on. */
  readonly onRate: (perSecond: number) => void;
  /** From one look to the next. @default 100 */
  readonly everyMs?: number;
}

const LOOK_MS = 100;
/** Far below the slack that verdicts have, so that the rate gives way long before they suffer. */
const TOO_LATE_MS = 180;
const IN_TIME_MS = 80;
/** Where a run begins, at most: what one slow core was seen to do without getting late. */
const BEGIN_PER_SECOND = 300;
/** Added with each look while the lab is in time. */
const STEP_PER_SECOND = 60;
/** Slower than this, a run takes so long that being late is the lesser evil: what is late is called again. */
const LEAST_PER_SECOND = 60;
const BACK = 0.6;
/** No step back for so long after one: what is under way keeps the lab late for a while. */
const REST_MS = 750;

/** Additive up, multiplicative down, as TCP does it (RFC 5681 3.1). */
export class Pace {
  readonly #options: PaceOptions;
  readonly #timer: NodeJS.Timeout;
  #max: number;
  #rate: number;
  /** When it last gave way; null: never yet. */
  #lateAtMs: number | null = null;
  #lookedAtMs = performance.now();

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#max = options.maxPerSecond;
    // The first canaries all call at once: a lab that was late for them has no time for as many calls.
    const bearable = BEGIN_PER_SECOND * Math.min(1, TOO_LATE_MS / options.lateMs());
    this.#rate = Math.max(1, Math.min(this.#max, Math.max(LEAST_PER_SECOND, bearable)));
    const everyMs = options.everyMs ?? LOOK_MS;
    this.#timer = setInterval(() => this.#look(everyMs), everyMs);
  }

  get perSecond(): number {
    return this.#rate;
  }

  /** How long so many calls take to begin: at this rate, or at a rising one as long as the lab has not been late. */
  msFor(calls: number): number {
    const rising = this.#lateAtMs === null || performance.now() - this.#lateAtMs > REST_MS;
    const highest = rising ? this.#max : this.#rate;
    let [rate, left, ms] = [this.#rate, calls, 0];
    while (left > 0 && rate < highest) {
      left -= (rate * LOOK_MS) / 1000;
      ms += LOOK_MS;
      rate = Math.min(this.#max, rate + STEP_PER_SECOND);
    }
    return ms + (Math.max(0, left) / rate) * 1000;
  }

  /** From now on no more than this part of the highest rate, nor of the one of this moment, but the least if it was allowed before. */
  slowDown(part: number, leastPerSecond: number): void {
    const least = Math.min(this.#max, leastPerSecond);
    this.#max = Math.max(least, Math.round(this.#max * part));
    this.#rate = Math.max(least, Math.min(this.#max, Math.round(this.#rate * part)));
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #look(everyMs: number): void {
    const nowMs = performance.now();
    const heldUpMs = nowMs - this.#lookedAtMs - everyMs; // this process, by its own timer
    this.#lookedAtMs = nowMs;
    this.#rate = this.#next(Math.max(heldUpMs, this.#options.lateMs()), nowMs);
    this.#options.onRate(this.#rate);
  }

  #next(lateMs: number, nowMs: number): number {
    if (lateMs > TOO_LATE_MS && nowMs >= (this.#lateAtMs ?? nowMs - REST_MS) + REST_MS) {
      this.#lateAtMs = nowMs;
      return Math.max(1, Math.min(this.#max, LEAST_PER_SECOND), this.#rate * BACK);
    }
    return lateMs < IN_TIME_MS ? Math.min(this.#max, this.#rate + STEP_PER_SECOND) : this.#rate;
  }
}

/** How late the lab is at this moment, by the latest answers and by those that are due. */
export function latenessNow(beats: readonly Beat[], nowEpochMs: number): number {
  const recent = beats.map(({ dueEpochMs, answeredEpochMs }) => {
    if (answeredEpochMs === null) return nowEpochMs - dueEpochMs;
    return nowEpochMs - answeredEpochMs < RECENT_MS ? answeredEpochMs - dueEpochMs : 0;
  });
  return Math.max(0, ...recent);
}

const RECENT_MS = 500;
