import type { Observation } from '../model/observation.ts';
import type { Verdict } from '../model/results.ts';
import { TRAP_NAMES } from '../model/words.ts';
import { absenceUnproven, calleeRang, saidOtherwise } from './absence.ts';
import type { Case, Outcome } from './case.ts';
import { type Deviation, deviationOf } from './deviation.ts';
import { misplayed, missingEvidence } from './evidence.ts';
import { outcomeOf, phoneLegs } from './reached.ts';

export type { Case, Outcome } from './case.ts';
export { outcomeOf } from './reached.ts';

export interface Judgement {
  readonly verdict: Verdict;
  readonly outcome: Outcome;
  readonly controlOutcome: Outcome | null;
  readonly calleeRang: boolean;
  /** One sentence; null on `pass`. */
  readonly why: string | null;
  /** Inconclusive in a lab that was too late for this call or its control: in one that is in time it may not be. */
  readonly late: boolean;
}

/**
 * Expectation + observation -> verdict. Pure: no clock, no I/O.
 *
 * The order of the questions is the point. First whether we may speak at all (evidence, set-up, who ended the call, control,
 * canaries, window), then what the sources demand. Nothing that fails the first half can become `pass` or `fail`.
 */
export function judge(item: Case): Judgement {
  const outcome = outcomeOf(item.scenario, item.seen);
  const controlOutcome = item.control === null ? null : outcomeOf(item.scenario, item.control);
  const says = (verdict: Verdict, why: string | null, tooLate = false): Judgement => ({
    verdict,
    outcome,
    controlOutcome,
    calleeRang: calleeRang(item.seen),
    why,
    late:
      verdict === 'inconclusive' && (tooLate || wasLate(item.seen) || (item.control !== null && wasLate(item.control))),
  });

  const unplayable = item.seen.unplayable ?? item.control?.unplayable ?? null;
  if (unplayable !== null) return says('unsupported', unplayable);
  const gap =
    missingEvidence(item.seen, item.planned) ??
    misplayed(item.scenario, item.seen) ??
    absenceUnproven(item.seen, item.scenario, outcome, item.expected.elsewhere);
  if (gap !== null) return says('inconclusive', gap);
  const weakness = controlWeakness(item);
  if (weakness !== null) return says('inconclusive', weakness);
  const contradiction = saidOtherwise(item, outcome);
  if (contradiction !== null) return says('inconclusive', contradiction);
  const deviation = deviationOf(item, outcome);
  if (deviation?.doubt != null) {
    return says('inconclusive', `${deviation.finding}; but ${deviation.doubt}`, deviation.late);
  }
  const late = lateness(item, outcome, deviation);
  if (late !== null) return says('inconclusive', late);
  if (deviation !== null) return says('fail', deviation.finding);
  if (item.expected.outcome === 'unspecified') {
    return says('unspecified', `no source says what must happen; ${describe(item, outcome)}`);
  }
  return says('pass', null);
}

function wasLate({ lateMs, window }: Observation): boolean {
  return lateMs > window.slackMs;
}

/**
 * A lab that was late may have lost a race that decides the call. Then it accuses nobody, and it does not take for
 * suppressed what the caller itself ended: the server's timer may have been just about to fire.
 */
function lateness({ scenario, seen }: Case, outcome: Outcome, deviation: Deviation | null): string | null {
  if (!wasLate(seen)) return null;
  const callerEndedIt = outcome === 'suppressed' && scenario.caller === 'patient' && seen.caller.cancelledMs !== null;
  if (deviation === null && !callerEndedIt) return null;
  const finding = deviation?.finding ?? 'the caller gave up before the trap was reached';
  return `${finding}; but the lab was up to ${Math.round(seen.lateMs)} ms late during the call, so it proves nothing: this machine is too busy, the rate too high, or the server stood still`;
}

function controlWeakness({ scenario, seen, control }: Case): string | null {
  const reference = control ?? seen;
  const subject = control === null ? 'this control' : 'the control (the same call without the headers)';
  if (control !== null) {
    const gap =
      missingEvidence(control, []) ??
      misplayed(scenario, control) ??
      absenceUnproven(control, scenario, outcomeOf(scenario, control));
    if (gap !== null) return `${subject} is inconclusive itself: ${gap}`;
  }
  const outcome = outcomeOf(scenario, reference);
  if (scenario.kind === 'over-blocking') {
    const answered = phoneLegs(reference).some((leg) => leg.answered);
    return answered
      ? null
      : `${subject} was not answered by the callee's own phone, so nothing can be said of over-blocking`;
  }
  return outcome === 'engaged'
    ? null
    : `${subject} did not reach ${TRAP_NAMES[scenario.trap]} (final ${reference.caller.finalStatus}), so its absence proves nothing`;
}

function describe({ scenario, seen }: Case, outcome: Outcome): string {
  const trap = TRAP_NAMES[scenario.trap];
  return `observed: ${trap} ${outcome === 'engaged' ? 'reached' : 'not reached'}, final ${seen.caller.finalStatus}`;
}
