import type { SeenMessage } from '../model/observation.ts';
import type { CellResult, CellRow, RunResults, RunRows } from '../model/results.ts';

/** The messages in the file `trace` of a cell, in order of time. With another of its traces, those of that call. */
export type TraceOf = (cell: CellRow) => Promise<readonly SeenMessage[]>;

/** All that is on record of these cells, in the order given. Cells beside each other in the run are read at once. */
export type DetailsOf = (cells: readonly CellRow[]) => Promise<readonly CellResult[]>;

/** In the folder of a run, until `results.json` is whole. What an earlier run left behind has something appended. */
export const PARTIAL_RESULTS = 'results.partial.json';

/** A run as it lies in a folder: what came out, and where the rest of it is. */
export interface StoredRun {
  readonly results: RunRows;
  readonly detailsOf: DetailsOf;
  readonly traceOf: TraceOf;
}

/** A run that is in memory whole. */
export function runInMemory(results: RunResults, traceOf: TraceOf): StoredRun {
  const byId = new Map(results.cells.map((cell) => [cell.id, cell]));
  return {
    results,
    traceOf,
    detailsOf: async (cells) => cells.flatMap(({ id }) => byId.get(id) ?? []),
  };
}

/** All of a run in memory: for one that is known to be small. */
export async function wholeRun({ results, detailsOf }: StoredRun): Promise<RunResults> {
  return { ...results, cells: await detailsOf(results.cells) };
}
