import { UsageError } from '../errors.ts';
import { ladderOf } from '../ladder/model.ts';
import type { Flow } from '../ladder/rows.ts';
import { ladderSvg } from '../ladder/svg.ts';
import type { CellRow } from '../model/results.ts';
import { visible } from '../report/visible.ts';
import type { StoredRun } from '../results/stored-run.ts';
import type { Change } from './compare.ts';
import { type ChangeGroup, transition } from './groups.ts';

/** Drawings of a page; of each group the first change has one. */
const DRAWN = 20;

/** By the first change of a group: the call as it was beside the call as it is, as SVG, or what keeps it from being drawn. */
export type ChangeLadders = ReadonlyMap<Change, { readonly svg: string } | { readonly missing: string }>;

/** Of cells that both runs have. */
export async function laddersOf(groups: readonly ChangeGroup[], a: StoredRun, b: StoredRun): Promise<ChangeLadders> {
  const drawn = new Map<Change, { readonly svg: string } | { readonly missing: string }>();
  for (const { first } of groups) {
    const { before, after } = first;
    if (before === null || after === null) continue;
    if (drawn.size === DRAWN) break;
    try {
      drawn.set(first, { svg: drawing(first, after.id, await flowOf(b, after), await flowOf(a, before)) });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      drawn.set(first, { missing: error.message });
    }
  }
  return drawn;
}

function drawing(change: Change, id: string, now: Flow, then: Flow): string {
  return ladderSvg(ladderOf(now, then, 'the first run'), {
    title: visible(id),
    description: visible(transition(change)),
    ownTitle: 'After',
    controlTitle: 'Before',
  });
}

async function flowOf({ detailsOf, traceOf }: StoredRun, row: CellRow): Promise<Flow> {
  const [cell] = await detailsOf([row]);
  if (cell === undefined) throw new UsageError(`results.json has no details of ${row.id}: was it written again?`);
  return { cell, messages: await traceOf(row) };
}
