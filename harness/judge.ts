import { calleePhone, misplay } from './callee.ts';
import type { Leg, Observation } from './model/observation.ts';
import type { CellResult, Expectation, Verdict } from './model/results.ts';
import type { Feature, Scenario, Trap } from './model/scenario.ts';

export type Outcome = CellResult['observed']['outcome'];

/** A cell as the judge sees it: what was planned, what was seen, what its control saw, what the oracle demands. */
export interface Case {
  readonly scenario: Scenario;
  /** Header lines that the caller was told to add, as they must appear on the wire. */
  readonly planned: readonly string[];
  readonly seen: Observation;
  /** What was seen of the control; null when the case is itself a control. */
  readonly control: Observation | null;
  readonly expected: Expectation;
  /** Features that the server is known not to have. */
  readonly lacks: readonly Feature[];
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly outcome: Outcome;
  readonly controlOutcome: Outcome | null;
  readonly calleeRang: boolean;
  /** One sentence; null on `pass`. */
  readonly why: string | null;
}

const TRAP_NAMES: Readonly<Record<Trap, string>> = {
  voicemail: 'voice mail',
  'forward-target': 'the forward target',
  'simultaneous-ring': 'the simultaneous-ring phone',
  team: 'the team phone',
  delegate: "the delegate's phone",
  'missed-call-inbox': 'the missed-call inbox',
};

/**
 * Expectation + observation -> verdict. Pure: no clock, no I/O.
 *
 * The order of the questions is the point. First whether we may speak at all (evidence, set-up, control, canaries,
 * window), then what the sources demand. Nothing that fails the first half can become `pass` or `fail`.
 */
export function judge(item: Case): Judgement {
  const outcome = outcomeOf(item.scenario, item.seen);
  const controlOutcome = item.control === null ? null : outcomeOf(item.scenario, item.control);
  const calleeRang = phoneLegs(item.seen).some((leg) => leg.rang || leg.answered);
  const says = (verdict: Verdict, why: string | null): Judgement => ({
    verdict,
    outcome,
    controlOutcome,
    calleeRang,
    why,
  });

  const unplayable = item.seen.unplayable ?? item.control?.unplayable ?? null;
  if (unplayable !== null) return says('unsupported', unplayable);
  const gap =
    missingEvidence(item.seen, item.planned) ??
    misplayed(item.scenario, item.seen) ??
    absenceUnproven(item.seen, item.scenario, outcome);
  if (gap !== null) return says('inconclusive', gap);
  const weakness = controlWeakness(item);
  if (weakness !== null) {
    if (item.lacks.includes(item.scenario.feature)) {
      return says('unsupported', `the server has no ${item.scenario.feature}: ${weakness}`);
    }
    return says('inconclusive', weakness);
  }
  const deviation = outcomeDeviation(item, outcome) ?? calleeDeviation(item) ?? statusDeviation(item);
  const doubt = lateness(item, outcome, deviation);
  if (doubt !== null) return says('inconclusive', doubt);
  if (deviation !== null) return says('fail', deviation);
  if (item.expected.outcome === 'unspecified') {
    return says('unspecified', `no source says what must happen; ${describe(item, outcome)}`);
  }
  return says('pass', null);
}

/** `engaged` when the trap was reached, `suppressed` when the call ran its course without, `unknown` when it was never placed or never ended. */
export function outcomeOf(scenario: Scenario, seen: Observation): Outcome {
  if (seen.startedAtEpochMs === null) return 'unknown';
  if (trapReached(scenario.trap, seen)) return 'engaged';
  return seen.caller.finalStatus === null ? 'unknown' : 'suppressed';
}

function trapReached(trap: Trap, seen: Observation): boolean {
  if (trap === 'missed-call-inbox') return seen.notifications.some((entry) => entry.kind === 'missed-call');
  return seen.legs.some((leg) => leg.role === trap);
}

/** Design, "Evidence": no verdict without the INVITE as sent and its final response on record. */
function missingEvidence(seen: Observation, planned: readonly string[]): string | null {
  if (seen.troubles.length > 0) return seen.troubles.join('; ');
  if (seen.unregistered.length > 0) {
    return `REGISTER was not answered with 200 for ${seen.unregistered.join(', ')}`;
  }
  if (seen.startedAtEpochMs === null) return 'the call was not placed: the caller has no INVITE on record';
  if (!sameLines(seen.caller.headersSent, planned)) {
    const sent = seen.caller.headersSent.map(quote).join(', ') || 'no header of any variant';
    return `the INVITE on record carries ${sent} where ${planned.map(quote).join(', ') || 'none'} was to be sent`;
  }
  if (seen.caller.finalStatus === null) return 'the INVITE has no final response on record';
  return null;
}

/** What the call did is an answer to this situation only if the callee's phone did its part. */
function misplayed(scenario: Scenario, seen: Observation): string | null {
  return misplay(calleePhone(scenario), seen.legs, seen.window.slackMs);
}

/** A trap that was not reached proves something only if it was alive before and after, through the same server. */
function absenceUnproven(seen: Observation, scenario: Scenario, outcome: Outcome): string | null {
  if (outcome !== 'suppressed') return null;
  const trap = TRAP_NAMES[scenario.trap];
  const { before, after } = seen.canary;
  if (before?.reachedMs == null) return `no canary reached ${trap} before the call: the trap may be dead`;
  if (after?.reachedMs == null) return `no canary reached ${trap} after the window: the trap may have died`;
  if (seen.window.closedMs === null) return `the window in which ${trap} must stay silent was not closed`;
  return null;
}

/**
 * A lab that was late may have lost a race that decides the call. Then it accuses nobody, and it does not take for
 * suppressed what the caller itself ended: the server's timer may have been just about to fire.
 */
function lateness({ scenario, seen }: Case, outcome: Outcome, deviation: string | null): string | null {
  if (seen.lateMs <= seen.window.slackMs) return null;
  const callerEndedIt = outcome === 'suppressed' && scenario.caller === 'patient' && seen.caller.cancelledMs !== null;
  if (deviation === null && !callerEndedIt) return null;
  const finding = deviation ?? 'the caller gave up before the trap was reached';
  return `${finding}; but the lab was up to ${Math.round(seen.lateMs)} ms late during the call, so it proves nothing: this machine is too busy, or the rate too high`;
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
    : `${subject} did not reach ${TRAP_NAMES[scenario.trap]} (final ${reference.caller.finalStatus ?? 'none'}), so its absence proves nothing`;
}

function outcomeDeviation(item: Case, outcome: Outcome): string | null {
  const { expected, scenario, seen } = item;
  if (expected.outcome === 'unspecified' || expected.outcome === outcome) return null;
  const trap = TRAP_NAMES[scenario.trap];
  if (outcome === 'engaged')
    return `${trap} was reached${whenReached(scenario.trap, seen)}, but ${cite(expected)} says it must not be`;
  return `${trap} was not reached (final ${seen.caller.finalStatus}), but ${cite(expected)} says it must be`;
}

/** Design, "Over-blocking": a server that rejects everything must not look good. */
function calleeDeviation({ expected, seen }: Case): string | null {
  const legs = phoneLegs(seen);
  const rang = legs.some((leg) => leg.rang || leg.answered);
  const final = `final ${seen.caller.finalStatus}`;
  switch (expected.callee) {
    case 'rings':
      return rang
        ? null
        : `over-blocked: the callee's own phone did not ring (${final}), but ${cite(expected)} says it must`;
    case 'answers':
      return legs.some((leg) => leg.answered)
        ? null
        : `over-blocked: the callee's own phone did not get to answer (${final}), but ${cite(expected)} says it must`;
    case 'silent':
      return rang ? `the callee's own phone rang, but ${cite(expected)} says it must not` : null;
    case 'unspecified':
      return null;
  }
}

function statusDeviation({ expected, seen }: Case): string | null {
  const status = seen.caller.finalStatus;
  if (expected.statuses.length === 0 || status === null || expected.statuses.includes(status)) return null;
  return `the call ended with ${status}, but ${cite(expected)} says ${expected.statuses.join(' or ')}`;
}

function describe({ scenario, seen }: Case, outcome: Outcome): string {
  const trap = TRAP_NAMES[scenario.trap];
  return `observed: ${trap} ${outcome === 'engaged' ? 'reached' : 'not reached'}, final ${seen.caller.finalStatus}`;
}

function whenReached(trap: Trap, seen: Observation): string {
  const leg = seen.legs.find((each) => each.role === trap);
  return leg === undefined ? '' : ` ${Math.round(leg.startMs)} ms after the INVITE`;
}

function phoneLegs(seen: Observation): Leg[] {
  return seen.legs.filter((leg) => leg.role === 'phone');
}

function cite(expected: Expectation): string {
  return expected.claims.join(', ') || 'the expectation';
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}

function quote(line: string): string {
  return `"${line.replaceAll('\r\n', '\\r\\n')}"`;
}
