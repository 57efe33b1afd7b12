import type { Notification } from '../model/observation.ts';
import type { Expectation } from '../model/results.ts';
import type { Scenario, Trap } from '../model/scenario.ts';
import type { KnownOutcome } from '../model/words.ts';
import type { Unanswered } from './reading.ts';
import { type Timeline, timelineOf } from './timeline.ts';

/** What becomes of a call without any header, as far as the sources say: MS-SIPRE 3.9.5.2.2 from top to bottom. */
export interface Course {
  readonly trap: { readonly outcome: KnownOutcome | 'unspecified'; readonly claims: readonly string[] };
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

export type TrapOutcome = Course['trap'];
const UNKNOWN: TrapOutcome = { outcome: 'unspecified', claims: [] };
const engaged = (...claims: string[]): TrapOutcome => ({ outcome: 'engaged', claims });
const suppressed = (...claims: string[]): TrapOutcome => ({ outcome: 'suppressed', claims });

export function courseOf(scenario: Scenario): Course {
  const timeline = timelineOf(scenario);
  const missedCall = scenario.trap === 'missed-call-inbox' ? missedCallOf(scenario, timeline) : null;
  return {
    trap: missedCall?.trap ?? trapOutcome(scenario.trap, scenario, timeline),
    missedCallBy: missedCall?.by ?? null,
    callee: timeline.callee,
    calleePoint: timeline.calleePoint,
    final: finalOf(scenario, timeline),
    unanswered: timeline.unanswered,
  };
}

function trapOutcome(trap: Trap, { subscriber, dials }: Scenario, timeline: Timeline): TrapOutcome {
  if (dials === 'voice-mail-gruu') {
    return trap === 'voicemail' && subscriber.voicemail ? engaged('ms-eumr-direct-voicemail') : UNKNOWN;
  }
  if (timeline.blocked) return suppressed('ms-sipre-block');
  const stage = timeline.stages.find((each) => each.trap === trap);
  if (stage === undefined) return UNKNOWN;
  if (stage.reached === 'yes') return engaged(...stage.claims);
  return stage.reached === 'no' ? suppressed(...stage.preventedBy) : UNKNOWN;
}

/** Who notes a missed call depends on when the caller hangs up; a subscriber without a mailbox has no inbox either. */
function missedCallOf(scenario: Scenario, timeline: Timeline): { trap: TrapOutcome; by: Course['missedCallBy'] } {
  const { caller, subscriber } = scenario;
  if (!subscriber.voicemail || timeline.blocked) return { trap: UNKNOWN, by: null };
  const voicemail = trapOutcome('voicemail', scenario, timeline);
  if (timeline.cancelledWhileRinging) return { trap: engaged('missed-call-while-ringing'), by: 'server' };
  if (voicemail.outcome !== 'engaged') return { trap: UNKNOWN, by: null };
  if (caller === 'hang-up-in-greeting') {
    return { trap: engaged('missed-call-in-greeting', ...voicemail.claims), by: 'voicemail' };
  }
  if (caller === 'patient') return { trap: suppressed('missed-call-message-left'), by: 'voicemail' };
  return { trap: UNKNOWN, by: null };
}

function finalOf(scenario: Scenario, timeline: Timeline): Course['final'] {
  if (timeline.blocked) return { statuses: [480], claims: ['ms-sipre-block'] };
  if (timeline.cancelledWhileRinging) return { statuses: [487], claims: ['rfc3261-cancelled-487'] };
  if (timeline.callee.does === 'answers' && scenario.caller !== 'hang-up-while-ringing') {
    return { statuses: [200], claims: ['rfc3261-answer-relayed'] };
  }
  return { statuses: [], claims: [] };
}
