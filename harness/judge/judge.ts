import { type Check, conclusionOf, firstFailing } from '../model/checks.ts';
import { type Observation, wasRatherLate } from '../model/observation.ts';
import type { Verdict } from '../model/results.ts';
import type { Scenario } from '../model/scenario.ts';
import { TRAP_NAMES } from '../model/words.ts';
import { absence, calleeRang } from './absence.ts';
import { applicationCheck } from './application.ts';
import { talkedOn } from './caller-part.ts';
import { callLog, cancelCause, cancelCopied, cancelTold, notMissed } from './cancel.ts';
import type { Case, Outcome } from './case.ts';
import { check, failed } from './check.ts';
import { controlCheck, gaveUpTooSoon } from './control.ts';
import { demandCheck, demands } from './deviation.ts';
import { evidence, wasSlow } from './evidence.ts';
import { inTime } from './lateness.ts';
import { outcomeOf, phoneLegs } from './reached.ts';
import { told } from './told.ts';
import { cite } from './words.ts';

export type { Case, Outcome } from './case.ts';
export { outcomeOf } from './reached.ts';

export interface Judgement {
  /** All that was asked, in the order of {@link CHECK_IDS}. */
  readonly checks: readonly Check[];
  /** As the checks say; so are {@link why} and {@link late}. */
  readonly verdict: Verdict;
  /** One sentence; null on `pass`. */
  readonly why: string | null;
  /** Inconclusive in a lab, or with a phone of ours, that was too late for this call or its control: in time it may not be. */
  readonly late: boolean;
  readonly outcome: Outcome;
  readonly controlOutcome: Outcome | null;
  readonly calleeRang: boolean;
}

/**
 * Expectation + observation -> verdict, and all that was asked on the way. Pure: no clock, no I/O.
 *
 * The order of the questions is the point. First whether we may speak at all (evidence, set-up, who ended the call, control,
 * canaries, window), then what the sources demand. Nothing that fails the first half can become `pass` or `fail`.
 */
export function judge(item: Case): Judgement {
  const outcome = outcomeOf(item.scenario, item.seen);
  const checks = checksOf(item, outcome);
  const { verdict, why } = conclusionOf(checks);
  return {
    checks,
    verdict,
    why,
    late: verdict === 'inconclusive' && isOfLateness(item, checks),
    outcome,
    controlOutcome: item.control === null ? null : outcomeOf(item.scenario, item.control),
    calleeRang: calleeRang(item.seen),
  };
}

function isOfLateness(item: Case, checks: readonly Check[]): boolean {
  return wasLate(checks) || phoneWasSlow(item) || timersWereSlow(item) || hangUpWasSlow(item) || cameLate(item, checks);
}

function wasLate(checks: readonly Check[]): boolean {
  return checks.some(({ id, holds }) => id === 'in-time' && holds !== true);
}

function phoneWasSlow({ scenario, seen, control }: Case): boolean {
  return wasSlow(scenario, seen) || (control !== null && wasSlow(scenario, control));
}

/** The control came late to the trap, and so did the lab to something: it need not be the server that waits for longer than was said. */
function timersWereSlow({ scenario, seen, control }: Case): boolean {
  if (control === null || gaveUpTooSoon(scenario, seen, control) === null) return false;
  return [seen, control].some(wasRatherLate);
}

/**
 * Where a caller gives up by a clock of its own, which was late, whoever came before that is no finding; nor is that a caller was told
 * late of what is said of every call at once.
 */
function cameLate({ scenario, seen, control }: Case, checks: readonly Check[]): boolean {
  const givesUp = scenario.caller === 'hang-up-while-ringing' || scenario.application !== undefined;
  const missing = firstFailing(checks)?.id;
  if (missing !== 'told' && !(givesUp && GIVING_UP.has(missing))) return false;
  return (control === null ? [seen] : [seen, control]).some(wasRatherLate);
}

/** What does not hold where a caller gives up too late. */
const GIVING_UP: ReadonlySet<Check['id'] | undefined> = new Set(['played', 'control', 'application'] as const);

/** A caller of ours hung up when the greeting was over; or one of anybody's did, or voice mail had noted nothing yet, and so was the lab. */
function hangUpWasSlow({ scenario, seen, control }: Case): boolean {
  if (scenario.caller !== 'hang-up-in-greeting') return false;
  const calls = control === null ? [seen] : [seen, control];
  const late = calls.filter((call) => talkedOn(scenario, call) !== null);
  if (late.some(({ callerUnderTest }) => callerUnderTest !== true)) return true;
  return calls.some(wasRatherLate) && (late.length > 0 || calls.some(notNotedYet));
}

/** Of what voice mail of ours took, it notes something as soon as it hears of the end. */
function notNotedYet({ caller, legs, notifications }: Observation): boolean {
  const taken = legs.some(({ role, answered }) => role === 'voicemail' && answered);
  return taken && caller.byeMs !== null && !notifications.some(({ by }) => by === 'voicemail');
}

function checksOf(item: Case, outcome: Outcome): Check[] {
  const { scenario, planned, plannedAtCaller = planned, seen, control, expected } = item;
  const unplayable = seen.unplayable ?? control?.unplayable ?? null;
  const playable = check('playable', unplayable, 'nothing is missing');
  if (unplayable !== null) return [playable];
  const placed = seen.startedAtEpochMs !== null;
  const maySpeak = [
    playable,
    ...evidence(seen, { caller: plannedAtCaller, server: planned }, scenario),
    ...(placed
      ? [
          ...absence(seen, scenario, outcome, expected.elsewhere),
          controlCheck(item),
          told(item, outcome),
          ...cancelTold(scenario, item.onCancel ?? [], seen),
          ...cancelCause(scenario, seen),
          ...callLog(scenario, seen),
          ...applicationCheck(scenario, seen, outcome),
        ]
      : []),
  ];
  return [...maySpeak, ...(firstFailing(maySpeak) === null ? demandChecks(item, outcome) : [inTime(item, null)])];
}

/** The second half: a deviation counts only where nothing takes the proof from it. */
function demandChecks(item: Case, outcome: Outcome): Check[] {
  const all = demands(item, outcome);
  const deviation = all.find((each) => each.deviation !== null)?.deviation ?? null;
  const doubts = deviation?.doubt == null ? [] : [failed('proven', `${deviation.finding}; but ${deviation.doubt}`)];
  const timely = inTime(item, { outcome, deviation });
  const stands = doubts.length === 0 && timely.holds !== false;
  return [
    ...all.map((demand) => demandCheck(demand, stands)),
    ...cancelCopied(item.scenario, item.onCancel ?? [], item.seen),
    ...notMissed(item.scenario, item.seen),
    ...doubts,
    timely,
    specified(item, outcome),
  ];
}

/** The weakest evidence that there is. */
function seenByItsLookAlone({ trap }: Scenario, { innerVoicemail }: Observation): string {
  const strongest = trap === 'voicemail' ? innerVoicemail?.arrivals[0] : undefined;
  return strongest?.by === 'fingerprint'
    ? ', or another voice of the same server (by the look of the answer alone)'
    : '';
}

/** Nobody demands that a phone rings, or that a call goes on: so it is said where one did not. */
function endAndPhone(seen: Observation, control: Observation | null): string {
  const { finalStatus, finalMs, cancelledMs } = seen.caller;
  const gaveUp = finalStatus === 487 && cancelledMs !== null && (finalMs ?? 0) >= cancelledMs;
  const spared = control !== null && calleeRang(control) && !calleeRang(seen) && phoneLegs(seen).length === 0;
  return `final ${finalStatus}${gaveUp ? ' when the caller gave up' : ''}${spared ? "; the callee's own phone, which the control came to, was not called" : ''}`;
}

function specified({ scenario, seen, control, expected }: Case, outcome: Outcome): Check {
  const reached = outcome === 'engaged' ? `reached${seenByItsLookAlone(scenario, seen)}` : 'not reached';
  const observed = `observed: ${TRAP_NAMES[scenario.trap]} ${reached}, ${endAndPhone(seen, control)}`;
  return check(
    'specified',
    expected.outcome === 'unspecified' ? `no source says what must happen; ${observed}` : null,
    cite(expected),
  );
}
