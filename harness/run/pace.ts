/** Calls are placed as fast as the lab keeps time. */
import type { Beat } from './pulse.ts';

export interface PaceOptions {
  /** Calls begun per second, at most. */
  readonly maxPerSecond: number;
  /** How late the lab is at this moment. */
  readonly lateMs: () => number;
  /** Told of every change, and of the rate to begin with. */
  readonly onRate: (perSecond: number) => void;
  /** From one look to the next. @default 250 */
  readonly everyMs?: number;
}

/** Far below the slack that verdicts have, so that the rate gives way long before they suffer. */
const TOO_LATE_MS = 200;
const IN_TIME_MS = 100;
/** Of the highest rate: where a run begins, what is added while the lab is in time, and what is never gone below. */
const BEGIN = 1 / 2;
const STEP = 1 / 10;
const LEAST = 1 / 12;
const BACK = 0.6;
/** Looks to pass after a step back: what is under way keeps the lab late for a while. */
const REST = 3;

/** Additive up, multiplicative down, as TCP does it (RFC 5681 3.1). */
export class Pace {
  readonly #options: PaceOptions;
  readonly #timer: NodeJS.Timeout;
  #rate: number;
  #resting = 0;
  #lookedAtMs = performance.now();

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#rate = Math.max(1, options.maxPerSecond * BEGIN);
    const everyMs = options.everyMs ?? 250;
    this.#timer = setInterval(() => this.#look(everyMs), everyMs);
    options.onRate(this.#rate);
  }

  get perSecond(): number {
    return this.#rate;
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #look(everyMs: number): void {
    const nowMs = performance.now();
    const heldUpMs = nowMs - this.#lookedAtMs - everyMs; // this process, by its own timer
    this.#lookedAtMs = nowMs;
    const rate = this.#next(Math.max(heldUpMs, this.#options.lateMs()));
    if (rate === this.#rate) return;
    this.#rate = rate;
    this.#options.onRate(rate);
  }

  #next(lateMs: number): number {
    const { maxPerSecond } = this.#options;
    if (this.#resting > 0) this.#resting -= 1;
    if (lateMs > TOO_LATE_MS && this.#resting === 0) {
      this.#resting = REST;
      return Math.max(1, maxPerSecond * LEAST, this.#rate * BACK);
    }
    return lateMs < IN_TIME_MS ? Math.min(maxPerSecond, this.#rate + maxPerSecond * STEP) : this.#rate;
  }
}

/** How late the server is at this moment, by its latest answers and by those that are due. */
export function latenessNow(beats: readonly Beat[], nowEpochMs: number): number {
  const recent = beats.map(({ dueEpochMs, answeredEpochMs }) => {
    if (answeredEpochMs === null) return nowEpochMs - dueEpochMs;
    return nowEpochMs - answeredEpochMs < RECENT_MS ? answeredEpochMs - dueEpochMs : 0;
  });
  return Math.max(0, ...recent);
}

const RECENT_MS = 500;
