/** Calls are placed batch by batch: one is read while the next are placed, and then let go. */
import type { Cell } from '../plan/plan.ts';
import { windowMs } from './call-groups.ts';

/** Enough to keep SIPp busy for a moment, few enough to be read in one. */
export const BATCH_CELLS = 400;

/**
 * The cells in the order in which they are called. A control is in the batch of the cells that it is the control of, so
 * that a batch can be judged by itself. What takes long comes first: the run then does not end with one slow call.
 */
export function inBatches(cells: readonly Cell[], size: number = BATCH_CELLS, firstSize = size): Cell[][] {
  const families = [...Map.groupBy(cells, ({ id, control }) => control ?? id).values()].toSorted(
    (a, b) => longestMs(b) - longestMs(a) || script(a).localeCompare(script(b)),
  );
  const batches: Cell[][] = [];
  let batch: Cell[] = [];
  for (const family of families) {
    if (batch.length > 0 && batch.length + family.length > (batches.length === 0 ? firstSize : size)) {
      batches.push(batch);
      batch = [];
    }
    for (const cell of family) batch.push(cell);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** Calls of one kind are placed by one SIPp: side by side, they need fewer of them. */
function script([first]: readonly Cell[]): string {
  return `${first?.transport} ${first?.scenario.caller} ${first?.scenario.dials ?? ''}`;
}

function longestMs(family: readonly Cell[]): number {
  return Math.max(...family.map(({ scenario }) => windowMs(scenario)));
}
