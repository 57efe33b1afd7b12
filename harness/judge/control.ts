import { calleePhone, PLAY_NAMES, playOf } from '../model/callee.ts';
import type { Check } from '../model/checks.ts';
import { firstFailing } from '../model/checks.ts';
import type { Observation } from '../model/observation.ts';
import type { RoutingFlag, Scenario } from '../model/scenario.ts';
import { TRAP_NAMES } from '../model/words.ts';
import { absence } from './absence.ts';
import type { Case } from './case.ts';
import { check, failed } from './check.ts';
import { evidence } from './evidence.ts';
import { cameTo, outcomeOf, phoneLegs, trapReached } from './reached.ts';
import { TIMERS_DIFFER_MS } from './rings.ts';
import { after } from './words.ts';

/** The same call without the headers must do what they are to prevent, and must itself be believed. */
export function controlCheck({ scenario, seen, control, expected }: Case): Check {
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
  const names = traps.map((trap) => TRAP_NAMES[trap]).join(' and ');
  // Where the sources say of a control that the phone must ring, that it did not is the finding.
  const hasty = missed === undefined && control !== null ? gaveUpTooSoon(scenario, seen, control) : null;
  if (hasty !== null) return failed('control', hasty);
  const isDemanded = control === null && expected.callee !== 'unspecified';
  const otherwise = isDemanded ? null : otherSituation(scenario, phoneLegs(reference).length > 0);
  return check(
    'control',
    missed === undefined
      ? otherwise && `${subject} reached ${names}, and ${otherwise}`
      : `${subject} did not reach ${TRAP_NAMES[missed]} (${final}${givenUp(scenario, reference)}), so its absence proves nothing`,
    `${without}${names} ${traps.length > 1 ? 'were' : 'was'} reached, ${final}`,
  );
}

/**
 * Who gives up just when the control came to the trap has not waited for it: two calls are never equally fast. One clause; null
 * when the server ended the call, or had time.
 */
export function gaveUpTooSoon(
  scenario: Scenario,
  { caller, window }: Observation,
  control: Observation,
): string | null {
  const { cancelledMs, finalMs } = caller;
  if (scenario.caller !== 'patient' || cancelledMs === null || (finalMs !== null && finalMs < cancelledMs)) return null;
  const came = cameTo(control, (role) => role === scenario.trap);
  // An application gives an agent up when its own time is over: that is what its situation is about.
  const enoughMs = scenario.application === undefined ? window.slackMs / 2 : TIMERS_DIFFER_MS;
  if (!Number.isFinite(came) || cancelledMs - came >= enoughMs) return null;
  const { totalMs, userMs, team2Ms } = scenario.subscriber.waits;
  return `the control came to ${TRAP_NAMES[scenario.trap]} ${after(came)}, where the server was said to take ${totalMs + userMs + team2Ms} ms, and this caller gave up after ${Math.round(cancelledMs)} ms: that is too soon to tell; say that it waits longer`;
}

/** That nobody diverted it may only be that its caller did not wait for long enough. */
function givenUp({ caller: behaviour, subscriber: { waits } }: Scenario, { caller }: Observation): string {
  const { cancelledMs, finalMs } = caller;
  if (behaviour !== 'patient' || cancelledMs === null || (finalMs !== null && finalMs < cancelledMs)) return '';
  return `: the caller gave up after ${Math.round(cancelledMs)} ms, where the server was said to take ${waits.totalMs + waits.userMs + waits.team2Ms} ms`;
}

/** A server may divert for another reason than the one that the situation is about; what a header does then, nobody asked. */
function otherSituation(scenario: Scenario, phoneWasCalled: boolean): string | null {
  const play = playOf(calleePhone(scenario));
  if (play === null) return phoneWasCalled ? 'came to a phone of the callee, who was to have none' : null;
  if (phoneWasCalled || !mustCallPhone(scenario)) return null;
  return `the callee's phone, which was to ${PLAY_NAMES[play]}, was not called: it was diverted for another reason`;
}

/** Whoever is disturbed by nobody, or has all calls sent elsewhere, need not be asked. */
function mustCallPhone({ subscriber: { flags, doNotDisturb }, dials = 'aor' }: Scenario): boolean {
  return dials === 'aor' && !doNotDisturb && !PAST_THE_PHONE.some((flag) => flags.includes(flag));
}

const PAST_THE_PHONE: readonly RoutingFlag[] = ['forward_immediate', 'skip_primary', 'block'];
