import type { Observation } from '../model/observation.ts';
import { unplaced } from '../unplaced.ts';
import { Reader } from './reader.ts';
import { type Reading, runBatches } from './run-batches.ts';
import type { RunOptions, RunOutcome } from './run-options.ts';

export type { Progress, RunOptions, RunOutcome } from './run-options.ts';

/**
 * Places every call of the plan in one lab and reports what was seen, all of it at the end and on this thread: for as many
 * calls as fit into memory. It judges nothing.
 *
 * @throws {LabError} as {@link runBatches}
 */
export async function runCells(options: RunOptions): Promise<RunOutcome> {
  const { slackMs = 1000 } = options;
  const reader = new Reader({ ...options, slackMs });
  const observations = new Map<string, Observation>();
  const reading: Reading = {
    take: (records, filed) => reader.take(records, filed),
    takeCallers: async (messages, placed, nowEpochMs) => reader.takeCallers(messages, placed, nowEpochMs),
    read: async (_batch, record) => {
      const read = reader.read(record);
      for (const seen of read.observations) observations.set(seen.cell, seen);
      for (const { cell, leg } of read.afterthoughts) {
        const seen = observations.get(cell);
        if (seen !== undefined) observations.set(cell, { ...seen, legs: [...seen.legs, leg] });
      }
      return [];
    },
  };
  const { unplayable, ...facts } = await runBatches({ ...options, reading });
  for (const cell of options.cells) {
    if (observations.has(cell.id)) continue;
    const why = unplayable.get(cell.id);
    const troubles = why === undefined ? ['the call was not placed: the run ended before'] : [];
    observations.set(cell.id, unplaced(cell, { unplayable: why ?? null, troubles }));
  }
  return { ...facts, observations };
}
