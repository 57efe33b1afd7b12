import { ASKED, type Check } from '../model/checks.ts';
import type { CellResult } from '../model/results.ts';

/** Of files of older runs, in which a verdict and its reason is all there is. */
export const NO_CHECKS = 'what was asked before the verdict is not on record: an older Ringfence wrote this run';

/** `✓` it holds, `✕` it does not, `–` it does not matter. */
export function signOf({ holds }: Check): string {
  if (holds === null) return '–';
  return holds ? '✓' : '✕';
}

export function askedOf({ id }: Check): string {
  return ASKED[id];
}

/** What the judge asked of a cell and saw, a line each: `✓ The lab was in time: at most 20 ms late, 1000 ms allowed`. */
export function checkLines({ checks }: Pick<CellResult, 'checks'>): string[] {
  if (checks === undefined) return [NO_CHECKS];
  return checks.map((check) => `${signOf(check)} ${askedOf(check)}: ${check.seen}`);
}
