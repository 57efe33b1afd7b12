import type { CellRow, ClaimResult, Verdict } from '../../model/results.ts';

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

export const HELD_WORDS: Readonly<Record<ClaimResult['held'], string>> = {
  holds: 'holds',
  'does-not-hold': 'does not',
  'not-settled': 'open',
};
