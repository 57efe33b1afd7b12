import type { Observation } from '../model/observation.ts';
import type { ReadBatch } from './reader.ts';
import type { Batch } from './work.ts';

/**
 * What was seen of each cell, where some are called again, and of the control that was called with it: another time's may have
 * gone another way, and nobody would call again what does not hold against that.
 */
export class SeenCells {
  readonly #seen = new Map<string, Observation>();
  readonly #controls = new Map<string, Observation>();
  /** Ids of those whose next observation counts instead of the last. */
  readonly #calledAgain = new Set<string>();

  get all(): ReadonlyMap<string, Observation> {
    return this.#seen;
  }

  /** By the id of the cell that is held against it. */
  get controls(): ReadonlyMap<string, Observation> {
    return this.#controls;
  }

  /** @returns ids of those that count now: not of a control that only came along with what is called again */
  take(
    { cells, attempt }: Pick<Batch, 'cells' | 'attempt'>,
    { observations, afterthoughts }: Pick<ReadBatch, 'observations' | 'afterthoughts'>,
  ): ReadonlySet<string> {
    const seenOf = new Map(observations.map((seen) => [seen.cell, seen]));
    const counted = new Set<string>();
    for (const { id, control } of cells) {
      const seen = seenOf.get(id);
      if (seen === undefined || (attempt > 1 && !this.#calledAgain.delete(id))) continue;
      counted.add(id);
      this.#seen.set(id, seen);
      const against = control === null ? undefined : seenOf.get(control);
      if (against !== undefined) this.#controls.set(id, against);
    }
    for (const { cell, leg } of afterthoughts) {
      for (const kept of [this.#seen, this.#controls]) {
        for (const [id, seen] of kept) if (seen.cell === cell) kept.set(id, { ...seen, legs: [...seen.legs, leg] });
      }
    }
    return counted;
  }

  callAgain(ids: readonly string[]): void {
    for (const id of ids) this.#calledAgain.add(id);
  }
}
