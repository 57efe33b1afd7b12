import type { CellRow, RunRows } from '../model/results.ts';
import { CELL_POLICIES } from '../model/words.ts';

/** The cells in matrix order: server, policy, situation, variant, transport, path; situations and variants as the run lists them. */
export function inMatrixOrder<Row extends CellRow>(
  results: Pick<RunRows, 'situations' | 'variants'> & { readonly cells: readonly Row[] },
): Row[] {
  const situation = rankOf(results.situations.map((row) => row.id));
  const variant = rankOf(results.variants.map((row) => row.id));
  const policy = rankOf(CELL_POLICIES);
  return results.cells.toSorted(
    (a, b) =>
      compareText(a.server, b.server) ||
      policy(a.policy) - policy(b.policy) ||
      situation(a.situation) - situation(b.situation) ||
      variant(a.variant) - variant(b.variant) ||
      compareText(a.id, b.id),
  );
}

function rankOf(ids: readonly string[]): (id: string) => number {
  const ranks = new Map(ids.map((id, index) => [id, index]));
  return (id) => ranks.get(id) ?? ranks.size;
}

/** By code unit, so that the order does not hang on anybody's locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
