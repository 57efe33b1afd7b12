import { type Check, conclusionOf, withCheck } from '../model/checks.ts';
import type { Leg } from '../model/observation.ts';
import type { CellResult } from '../model/results.ts';

/**
 * The window was closed and the cell judged, and then the call got to somebody all the same. What was proven of its absence
 * is taken back: at the trap that the sources forbid it is a deviation, anywhere else nothing is certain any more. Another
 * check, or another answer to one that was asked, says so. Pure.
 *
 * @param leg of the call, not on its record; `startMs` since its INVITE
 */
export function takenBack(result: CellResult, leg: Leg): CellResult {
  const { observed, expected, proof, verdict } = result;
  const after = { ...result, observed: { ...observed, legs: [...observed.legs, leg] } };
  if (leg.role === 'phone' || observed.outcome !== 'suppressed') return after;
  const what = `the call reached ${leg.role} ${Math.round(leg.startMs)} ms after its INVITE, when its window had been closed`;
  const said = (id: Check['id'], seen: string): CellResult => {
    const checks = withCheck(result.checks ?? [], { id, holds: false, seen });
    return { ...after, checks, ...conclusionOf(checks) };
  };
  if (verdict === 'unspecified') return said('specified', `${result.why}; ${what}`);
  if (verdict !== 'pass') return after;
  const forbidden = leg.role === proof?.canary.trap && expected.outcome === 'suppressed';
  return said(forbidden ? 'expectation' : 'afterwards', what);
}
