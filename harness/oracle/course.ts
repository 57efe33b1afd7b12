import type { Notification } from '../model/observation.ts';
import type { Expectation } from '../model/results.ts';
import type { Scenario, Trap } from '../model/scenario.ts';
import type { Fate } from '../model/words.ts';
import { type Moments, moments } from './moments.ts';
import type { Unanswered } from './reading.ts';

/** What becomes of a call without any header, as far as the sources say: MS-SIPRE 3.9.5.2.2 from top to bottom. */
export interface Course {
  readonly trap: { readonly outcome: Fate | 'unspecified'; readonly claims: readonly string[] };
  /** Who notes the missed call; null when the trap is another one or nobody does. */
  readonly missedCallBy: Notification['by'] | null;
  readonly callee: {
    readonly does: Expectation['callee'];
    readonly claims: readonly string[];
  };
  /** Why the callee's phone does what it does: which point of a reading may change it. */
  readonly calleePoint: 'ringing' | 'immediate' | 'doNotDisturb' | 'skipped' | null;
  readonly final: { readonly statuses: readonly number[]; readonly claims: readonly string[] };
  /** Nobody answers unless a diversion does: who else is tried; null where somebody ends the call before. */
  readonly unanswered: Unanswered | null;
}

type TrapFate = Course['trap'];
const UNKNOWN: TrapFate = { outcome: 'unspecified', claims: [] };
const engaged = (...claims: string[]): TrapFate => ({ outcome: 'engaged', claims });
const suppressed = (...claims: string[]): TrapFate => ({ outcome: 'suppressed', claims });

export function courseOf(scenario: Scenario): Course {
  const plan = moments(scenario);
  const missedCall = scenario.trap === 'missed-call-inbox' ? missedCallOf(scenario, plan) : null;
  return {
    trap: missedCall?.fate ?? trapFate(scenario.trap, scenario, plan),
    missedCallBy: missedCall?.by ?? null,
    callee: plan.callee,
    calleePoint: plan.calleePoint,
    final: finalOf(scenario, plan),
    unanswered: plan.unanswered,
  };
}

function trapFate(trap: Trap, { subscriber, dials }: Scenario, plan: Moments): TrapFate {
  if (dials === 'voice-mail-gruu') {
    return trap === 'voicemail' && subscriber.voicemail ? engaged('ms-eumr-direct-voicemail') : UNKNOWN;
  }
  if (plan.blocked) return suppressed('ms-sipre-block');
  const stage = plan.stages.find((each) => each.trap === trap);
  if (stage === undefined) return UNKNOWN;
  if (stage.reached === 'yes') return engaged(...stage.claims);
  return stage.reached === 'no' ? suppressed(...stage.preventedBy) : UNKNOWN;
}

/** Who notes a missed call depends on when the caller hangs up; a subscriber without a mailbox has no inbox either. */
function missedCallOf(scenario: Scenario, plan: Moments): { fate: TrapFate; by: Course['missedCallBy'] } {
  const { caller, subscriber } = scenario;
  if (!subscriber.voicemail || plan.blocked) return { fate: UNKNOWN, by: null };
  const voicemail = trapFate('voicemail', scenario, plan);
  if (plan.cancelledWhileRinging) return { fate: engaged('missed-call-while-ringing'), by: 'server' };
  if (voicemail.outcome !== 'engaged') return { fate: UNKNOWN, by: null };
  if (caller === 'hang-up-in-greeting') {
    return { fate: engaged('missed-call-in-greeting', ...voicemail.claims), by: 'voicemail' };
  }
  if (caller === 'patient') return { fate: suppressed('missed-call-message-left'), by: 'voicemail' };
  return { fate: UNKNOWN, by: null };
}

function finalOf(scenario: Scenario, plan: Moments): Course['final'] {
  if (plan.blocked) return { statuses: [480], claims: ['ms-sipre-block'] };
  if (plan.cancelledWhileRinging) return { statuses: [487], claims: ['rfc3261-cancelled-487'] };
  if (plan.callee.does === 'answers' && scenario.caller !== 'hang-up-while-ringing') {
    return { statuses: [200], claims: ['rfc3261-answer-relayed'] };
  }
  return { statuses: [], claims: [] };
}
