import { counted } from '../counted.ts';
import { type CellRow, isUnsteady } from '../model/results.ts';
import { OUTCOME_WORDS } from '../model/words.ts';

/** What somebody has to look at: a verdict, or a cell whose calls did not go the same way. */
export const FINDING_KINDS = ['fail', 'unsteady', 'inconclusive'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** Cells with the same finding for the same reason. Never empty. */
export interface Cause {
  readonly kind: FindingKind;
  /** The reason of the first cell; others may differ in numbers. */
  readonly why: string;
  readonly first: CellRow;
  readonly cells: readonly CellRow[];
}

/**
 * What went wrong, failures first, then what is unsteady, then what is not proven; within each, what most cells share: a
 * dead trap is one finding, not three hundred. A cell that is unsteady is so whatever its verdict.
 */
export function causesOf(cells: readonly CellRow[]): Cause[] {
  return FINDING_KINDS.flatMap((kind) => causes(cells, kind, kind === 'unsteady' ? unsteadyReason : reason));
}

/** The kinds of findings that a cell is among. */
export function isFinding(cell: CellRow, kind: FindingKind): boolean {
  return kind === 'unsteady' ? isUnsteady(cell) : cell.verdict === kind;
}

function causes(cells: readonly CellRow[], kind: FindingKind, whyOf: (cell: CellRow) => string): Cause[] {
  const wrong = cells.filter((cell) => isFinding(cell, kind));
  const groups = Map.groupBy(wrong, (cell) => whyOf(cell).replaceAll(/\d+/g, '#'));
  return [...groups.values()]
    .flatMap(([first, ...others]) =>
      first === undefined ? [] : [{ kind, why: whyOf(first), first, cells: [first, ...others] }],
    )
    .toSorted((a, b) => b.cells.length - a.cells.length);
}

function reason({ why }: CellRow): string {
  return why ?? 'no reason on record';
}

/** `of 5 calls not all went the same way: pass, suppressed, final 603; call 3: fail, engaged, final 200 (...)`. */
export function unsteadyReason({ verdict, observed, repeats }: CellRow): string {
  const own = wayText({ verdict, ...observed });
  const others = (repeats?.others ?? []).map(
    (other) => `call ${other.attempt}: ${wayText(other)}${other.why === null ? '' : ` (${other.why})`}`,
  );
  return `of ${repeats?.count ?? 0} calls not all went the same way: ${[own, ...others].join('; ')}`;
}

type Way = Pick<CellRow, 'verdict'> & Pick<CellRow['observed'], 'outcome' | 'status' | 'calleeRang'>;

function wayText({ verdict, outcome, status, calleeRang }: Way): string {
  return `${verdict}, ${OUTCOME_WORDS[outcome]}, final ${status ?? 'none'}${calleeRang ? ', the phone rang' : ''}`;
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
  return `${counted(unique.length, one, many)}${names}`;
}
