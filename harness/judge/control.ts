import type { Check } from '../model/checks.ts';
import { firstFailing } from '../model/checks.ts';
import { TRAP_NAMES } from '../model/words.ts';
import { absence } from './absence.ts';
import type { Case } from './case.ts';
import { check, failed } from './check.ts';
import { evidence } from './evidence.ts';
import { outcomeOf, phoneLegs, trapReached } from './reached.ts';

/** The same call without the headers must do what they are to prevent, and must itself be believed. */
export function controlCheck({ scenario, seen, control }: Case): Check {
  const reference = control ?? seen;
  const subject = control === null ? 'this control' : 'the control (the same call without the headers)';
  const outcome = outcomeOf(scenario, reference);
  if (control !== null) {
    const gap = firstFailing([
      ...evidence(control, { caller: [], server: [] }, scenario),
      ...absence(control, scenario, outcome),
    ]);
    if (gap !== null) return failed('control', `${subject} is inconclusive itself: ${gap.seen}`);
  }
  const without = control === null ? '' : 'without the header ';
  const final = `final ${reference.caller.finalStatus ?? 'none'}`;
  if (scenario.kind === 'over-blocking') {
    const answered = phoneLegs(reference).some((leg) => leg.answered);
    return check(
      'control',
      answered
        ? null
        : `${subject} was not answered by the callee's own phone, so nothing can be said of over-blocking`,
      `${without}answered by the callee's own phone, ${final}`,
    );
  }
  const traps = [scenario.trap, ...(scenario.otherTraps ?? [])];
  const missed = outcome === 'engaged' ? traps.find((trap) => !trapReached(trap, reference)) : scenario.trap;
  return check(
    'control',
    missed === undefined
      ? null
      : `${subject} did not reach ${TRAP_NAMES[missed]} (${final}), so its absence proves nothing`,
    `${without}${traps.map((trap) => TRAP_NAMES[trap]).join(' and ')} ${traps.length > 1 ? 'were' : 'was'} reached, ${final}`,
  );
}
