import type { CellRow, Verdict } from '../model/results.ts';

/** Cells with the same verdict for the same reason. Never empty. */
export interface Cause {
  readonly verdict: Extract<Verdict, 'fail' | 'inconclusive'>;
  /** The reason of the first cell; others may differ in numbers. */
  readonly why: string;
  readonly first: CellRow;
  readonly cells: readonly CellRow[];
}

/** What went wrong, failures first, then what most cells share: a dead trap is one finding, not three hundred. */
export function causesOf(cells: readonly CellRow[]): Cause[] {
  return [...causes(cells, 'fail'), ...causes(cells, 'inconclusive')];
}

function causes(cells: readonly CellRow[], verdict: Cause['verdict']): Cause[] {
  const wrong = cells.filter((cell) => cell.verdict === verdict);
  const groups = Map.groupBy(wrong, (cell) => reason(cell).replaceAll(/\d+/g, '#'));
  return [...groups.values()]
    .flatMap(([first, ...others]) =>
      first === undefined ? [] : [{ verdict, why: reason(first), first, cells: [first, ...others] }],
    )
    .toSorted((a, b) => b.cells.length - a.cells.length);
}

function reason({ why }: CellRow): string {
  return why ?? 'no reason on record';
}

/** `2 policies (ms-sipre, plain), 1 situation (voicemail-busy), 23 variants`: where a cause was seen. */
export function spread(cells: readonly CellRow[]): string {
  return [
    variety(
      cells.map((cell) => cell.policy),
      'policy',
      'policies',
    ),
    variety(
      cells.map((cell) => cell.situation),
      'situation',
      'situations',
    ),
    variety(
      cells.map((cell) => cell.variant),
      'variant',
      'variants',
    ),
  ].join(', ');
}

function variety(ids: readonly string[], one: string, many: string): string {
  const unique = [...new Set(ids)];
  const names = unique.length <= 2 ? ` (${unique.join(', ')})` : '';
  return `${unique.length} ${unique.length === 1 ? one : many}${names}`;
}
