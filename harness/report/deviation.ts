import { type Deviation, firstDeviation } from '../ladder/deviation.ts';
import type { CellRow } from '../model/results.ts';
import type { TraceOf } from '../results/stored-run.ts';
import { causesOf } from './causes.ts';

/** What the matrix and the console tell of a {@link Deviation}: the page marks the same message. */
export interface FirstDeviation {
  readonly kind: Deviation['kind'];
  readonly message: Pick<Deviation['message'], 'atMs' | 'startLine' | 'from' | 'to'>;
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
