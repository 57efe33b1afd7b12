/** A judged cell as one character. */
import { OUTCOMES, VERDICTS } from '../model/words.ts';
import { OUTCOME_SYMBOLS, VERDICT_SYMBOLS } from '../report/matrix/symbols.ts';
import type { CellCode } from './told.ts';

const FIRST = 'a'.charCodeAt(0);

export const NO_CELL = '.'.charCodeAt(0);
export const NOT_YET = '-'.charCodeAt(0);
export const CALLED = '+'.charCodeAt(0);

export const CODES: Readonly<Record<string, CellCode>> = Object.fromEntries(
  VERDICTS.flatMap((verdict) =>
    OUTCOMES.map((outcome) => [
      String.fromCharCode(codeOf(verdict, outcome)),
      { verdict, outcome, sign: OUTCOME_SYMBOLS[outcome] + VERDICT_SYMBOLS[verdict].trim() },
    ]),
  ),
);

export function codeOf(verdict: CellCode['verdict'], outcome: CellCode['outcome']): number {
  return FIRST + VERDICTS.indexOf(verdict) * OUTCOMES.length + OUTCOMES.indexOf(outcome);
}
