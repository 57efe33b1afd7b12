import { type CellRow, type ClaimResult, isUnsteady, type Verdict } from '../../model/results.ts';

/** What was seen: a full circle, the feature took the call; an empty one, it was kept out. */
export const OUTCOME_SYMBOLS: Readonly<Record<CellRow['observed']['outcome'], string>> = {
  engaged: '●',
  suppressed: '○',
  unknown: '·',
};

/** What it means; `pass` is silent, so that the eye stops at what is not. */
export const VERDICT_SYMBOLS: Readonly<Record<Verdict, string>> = {
  pass: ' ',
  fail: '!',
  inconclusive: '?',
  unsupported: '-',
  unspecified: '~',
};

/** In the place of the verdict's: of several calls not all went the same way. */
export const UNSTEADY_SYMBOL = '≠';

/** Outcome and mark: `●`, `○!`, `●≠`. */
export function cellSymbol(cell: CellRow): string {
  const mark = isUnsteady(cell) ? UNSTEADY_SYMBOL : VERDICT_SYMBOLS[cell.verdict].trim();
  return OUTCOME_SYMBOLS[cell.observed.outcome] + mark;
}

export const HELD_WORDS: Readonly<Record<ClaimResult['held'], string>> = {
  holds: 'holds',
  'does-not-hold': 'does not',
  'not-settled': 'open',
};
