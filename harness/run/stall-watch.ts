import { nowEpochMs } from '../now.ts';

/** A time in which this process did not get to run, in milliseconds since the epoch. */
export interface Stall {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

const TICK_MS = 25;

/**
 * Phones and voice mail live in this process. When it is held up (a busy machine, a suspended laptop) they answer late,
 * and what the server then does is no fact about the server. A stall longer than the slack that every window has is
 * told, so that calls in flight are not judged on it.
 */
export class StallWatch {
  #stalls: readonly Stall[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #now: () => number;
  #lastEpochMs: number;

  /** @param now milliseconds since the epoch */
  constructor(thresholdMs: number, now: () => number = nowEpochMs) {
    this.#now = now;
    this.#lastEpochMs = now();
    this.#timer = setInterval(() => this.#tick(thresholdMs), TICK_MS);
  }

  /** So far. */
  get stalls(): readonly Stall[] {
    return this.#stalls;
  }

  /** Nobody asks any more what was before. */
  forget(beforeEpochMs: number): void {
    this.#stalls = this.#stalls.filter(({ endEpochMs }) => endEpochMs >= beforeEpochMs);
  }

  stop(): readonly Stall[] {
    clearInterval(this.#timer);
    return this.#stalls;
  }

  #tick(thresholdMs: number): void {
    const startEpochMs = this.#lastEpochMs;
    this.#lastEpochMs = this.#now();
    if (this.#lastEpochMs - startEpochMs > thresholdMs + TICK_MS) {
      this.#stalls = [...this.#stalls, { startEpochMs, endEpochMs: this.#lastEpochMs }];
    }
  }
}
