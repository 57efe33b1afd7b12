import type { SeenMessage } from '../model/observation.ts';
import type { CellRow } from '../model/results.ts';
import type { TraceOf } from '../results/stored-run.ts';
import { causesOf } from './causes.ts';
import { firstDeviation } from './html/client/deviation.js';

/** The message with which a call left the course that was expected of it: the page marks the same one. */
export interface FirstDeviation {
  /** `forbidden`: it should not have come. `missing`: the control had it, this call did not. `different`: the control had none such. */
  readonly kind: 'forbidden' | 'missing' | 'different';
  /** A message of the call; of its control when `missing`. */
  readonly message: Pick<SeenMessage, 'atMs' | 'startLine'> & { readonly from: string; readonly to: string };
}

/** By cell id: of the first cell of each cause but unsteadiness, where there is one. The rest of a cause differs in numbers. */
export async function firstDeviations(
  cells: readonly CellRow[],
  traceOf: TraceOf,
): Promise<Map<string, FirstDeviation>> {
  const byId = new Map(cells.map((cell) => [cell.id, cell]));
  const found = new Map<string, FirstDeviation>();
  // One after the other: there may be thousands of causes, and a call may have thousands of messages.
  for (const { kind, first } of causesOf(cells)) {
    // What differs is told by its calls, not by the control.
    if (kind === 'unsteady') continue;
    const control = first.control === null ? undefined : byId.get(first.control.id);
    const messages = await traceOf(first);
    const deviation = firstDeviation(first, messages, control === undefined ? null : await traceOf(control));
    if (deviation !== null) found.set(first.id, deviation);
  }
  return found;
}
