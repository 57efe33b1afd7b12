import type { Observation } from '../model/observation.ts';
import type { Cell } from '../plan/plan.ts';
import { unplaced, whyNotPlaced } from '../plan/unplaced.ts';
import { Reader } from './reader.ts';
import { type Reading, runBatches } from './run-batches.ts';
import type { RunOptions, RunOutcome } from './run-options.ts';
import { SeenCells } from './seen-cells.ts';
import { AGAIN, mayBeInTime } from './work.ts';

export type { Progress, RunOptions, RunOutcome } from './run-options.ts';

export interface RunCellsOptions extends RunOptions {
  /**
   * Which of these cells proved nothing because the lab was late; they are called again then, and so is what the lab lost:
   * `ReadBatch.lost`.
   * @default none: what a late lab saw is what there is
   */
  readonly late?: (cells: readonly Cell[], observations: ReadonlyMap<string, Observation>) => readonly string[];
  /** How often, at most. @default as a run does */
  readonly again?: number;
}

/**
 * Places every call of the plan in one lab and reports what was seen, all of it at the end and on this thread: for as many
 * calls as fit into memory. It judges nothing.
 *
 * @throws {LabError} when the lab does not come up, or the first calls cannot be placed; what goes wrong later stands in `ended` and `trouble`
 */
export async function runCells(options: RunCellsOptions): Promise<RunOutcome> {
  const { slackMs = 1000, late, again = AGAIN } = options;
  const reader = new Reader({ ...options, slackMs });
  const cells = new SeenCells();
  const reading: Reading = {
    take: (...taken) => reader.take(...taken),
    takeCallers: async (messages, placed, nowEpochMs) => reader.takeCallers(messages, placed, nowEpochMs),
    stillOpen: async (placed) => reader.stillOpen(placed),
    read: async (batch, record) => {
      const read = reader.read(record);
      const counted = cells.take(batch, read);
      if (late === undefined) return [];
      const seenOf = new Map(read.observations.map((seen) => [seen.cell, seen]));
      const controlOf = new Map(batch.cells.map(({ id, control }) => [id, control ?? id]));
      const found = late(batch.cells, seenOf).filter((id) =>
        mayBeInTime(batch.attempt, [seenOf.get(id), seenOf.get(controlOf.get(id) ?? id)]),
      );
      const calledAgain = [...new Set([...found, ...read.lost])].filter((id) => counted.has(id));
      if (batch.attempt <= again) cells.callAgain(calledAgain);
      return calledAgain;
    },
  };
  const { unplayable, ...facts } = await runBatches({ ...options, reading, again: late === undefined ? 0 : again });
  const observations = new Map(cells.all);
  for (const cell of options.cells) {
    if (observations.has(cell.id)) continue;
    const why = unplayable.get(cell.id);
    const troubles = why === undefined ? [whyNotPlaced(facts.ended)] : [];
    observations.set(cell.id, unplaced(cell, { unplayable: why ?? null, troubles }));
  }
  return { ...facts, observations, controls: cells.controls };
}
