import type { Check } from '../model/checks.ts';
import type { Observation } from '../model/observation.ts';
import type { Case, Outcome } from './case.ts';
import { aside, check, failed } from './check.ts';
import type { Deviation } from './deviation.ts';

/** What was found when all else was asked. */
interface Found {
  readonly outcome: Outcome;
  /** The first, if any. */
  readonly deviation: Deviation | null;
}

/**
 * A lab that was late may have lost a race that decides the call. Then it accuses nobody, and it does not take for
 * suppressed what the caller itself ended: the server's timer may have been just about to fire. Where nothing hangs on it, or
 * on that of the control, it is said all the same.
 *
 * @param found null: the evidence does not hold, which may be why
 */
export function inTime({ scenario, seen, control }: Case, found: Found | null): Check {
  const ofControl = control === null ? '' : `, in the control ${Math.round(control.lateMs)} ms`;
  const times = `at most ${Math.round(seen.lateMs)} ms late${ofControl}, ${Math.round(seen.window.slackMs)} ms allowed`;
  const late = wasLate(seen) || (control !== null && wasLate(control));
  if (found === null) return check('in-time', late ? times : null, times);
  const { outcome, deviation } = found;
  if (deviation?.late === true) return failed('in-time', times);
  if (!late) return check('in-time', null, times);
  const callerEndedIt = outcome === 'suppressed' && scenario.caller === 'patient' && seen.caller.cancelledMs !== null;
  if (!wasLate(seen) || (deviation === null && !callerEndedIt)) return aside('in-time', times);
  const finding = deviation?.finding ?? 'the caller gave up before the trap was reached';
  return failed(
    'in-time',
    `${finding}; but the lab was up to ${Math.round(seen.lateMs)} ms late during the call, so it proves nothing: this machine is too busy, the rate too high, or the server stood still`,
  );
}

function wasLate({ lateMs, window }: Observation): boolean {
  return lateMs > window.slackMs;
}
