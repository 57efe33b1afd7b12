import { nowEpochMs } from '../now.ts';
import { until } from './until.ts';

/** Lets calls begin one after the other, so many a second, whoever places them. */
export class Turnstile {
  readonly #everyMs: number;
  readonly #signal: AbortSignal;
  #nextEpochMs = 0;

  /** @param signal ends all waiting */
  constructor(perSecond: number, signal: AbortSignal) {
    this.#everyMs = 1000 / perSecond;
    this.#signal = signal;
  }

  /** Settles when the first of so many may begin, and the others after it at this rate; with false when none may any more. */
  async pass(calls = 1): Promise<boolean> {
    const atEpochMs = Math.max(nowEpochMs(), this.#nextEpochMs);
    this.#nextEpochMs = atEpochMs + calls * this.#everyMs;
    await until(atEpochMs, this.#signal);
    return !this.#signal.aborted;
  }
}
