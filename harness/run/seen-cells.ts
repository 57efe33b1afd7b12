import type { Observation } from '../model/observation.ts';
import type { ReadBatch } from './reader.ts';

/** What was seen of each cell, where some are called again. Whoever holds them against each other wants one of each. */
export class SeenCells {
  readonly #seen = new Map<string, Observation>();
  /** Ids of those whose next observation counts instead of the last. */
  readonly #calledAgain = new Set<string>();

  get all(): ReadonlyMap<string, Observation> {
    return this.#seen;
  }

  /** @param attempt from 1 */
  take({ observations, afterthoughts }: Pick<ReadBatch, 'observations' | 'afterthoughts'>, attempt: number): void {
    for (const seen of observations) {
      // A control that only came along was seen before, and was late then if it is the reason why its variant is called again.
      const before = this.#seen.get(seen.cell);
      const isBetter = before !== undefined && seen.lateMs < before.lateMs;
      if (attempt === 1 || this.#calledAgain.delete(seen.cell) || isBetter) this.#seen.set(seen.cell, seen);
    }
    for (const { cell, leg } of afterthoughts) {
      const seen = this.#seen.get(cell);
      if (seen !== undefined) this.#seen.set(cell, { ...seen, legs: [...seen.legs, leg] });
    }
  }

  callAgain(ids: readonly string[]): void {
    for (const id of ids) this.#calledAgain.add(id);
  }
}
