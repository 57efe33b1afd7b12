import type { PhoneBehaviour, RoutingFlag, RoutingList, Scenario, Trap } from '../model/scenario.ts';
import type { Course } from './course.ts';
import type { Unanswered } from './reading.ts';

/** A destination beside the callee's own phones and whether the call gets that far. */
export interface Stage {
  readonly trap: Trap;
  readonly reached: 'yes' | 'no' | 'unknown';
  /** Who says that the server goes there. */
  readonly claims: readonly string[];
  /** Who says what keeps the call from getting there. */
  readonly preventedBy: readonly string[];
}

export interface Timeline {
  readonly blocked: boolean;
  readonly stages: readonly Stage[];
  readonly callee: Course['callee'];
  readonly calleePoint: Course['calleePoint'];
  /** The caller hangs up while only the callee's phones ring, long before anything else is due. */
  readonly cancelledWhileRinging: boolean;
  readonly unanswered: Unanswered | null;
}

/** Times closer together than this are not told apart: what wins such a race is nobody's requirement. */
const MARGIN_MS = 100;
/** A caller that hangs up while it rings does so within this. */
const HUNG_UP_BY_MS = 1000;

interface Due {
  readonly trap: Trap;
  readonly afterMs: number;
  readonly claims: readonly string[];
}

/** Lays a call without any header out in time: which destinations are due when, and what ends the call before. */
export function timelineOf(scenario: Scenario): Timeline {
  const { subscriber, callee, caller, dials } = scenario;
  const has = (flag: RoutingFlag): boolean => subscriber.flags.includes(flag);
  if (dials === 'voice-mail-gruu') return { ...NOTHING_KNOWN, blocked: false };
  if (has('block')) return { ...NOTHING_KNOWN, blocked: true, callee: { does: 'silent', claims: ['ms-sipre-block'] } };

  const point = calleePoint(scenario);
  const due = destinations(scenario);
  const answersMs = point === 'ringing' ? answersAfterMs(callee) : null;
  const rings = point === 'ringing' && phoneRings(callee);
  const firstDueMs = Math.min(...due.map((each) => each.afterMs));
  const cancelledWhileRinging =
    caller === 'hang-up-while-ringing' && rings && answersMs === null && firstDueMs >= HUNG_UP_BY_MS;
  return {
    blocked: false,
    stages: due.map((each) => stageOf(each, scenario, { rings, answersMs, point })),
    callee: calleeDoes(scenario, point, { rings, answersMs, firstDueMs }),
    calleePoint: point,
    cancelledWhileRinging,
    unanswered: rings && answersMs === null && caller !== 'hang-up-while-ringing' ? companions(scenario, due) : null,
  };
}

const NOTHING_KNOWN = {
  stages: [],
  callee: { does: 'unspecified', claims: [] },
  calleePoint: null,
  cancelledWhileRinging: false,
  unanswered: null,
} as const;

/** MS-SIPRE 3.9.5.2.2: the first of team ring, delegate ring, do-not-disturb, primary targets that applies. */
function destinations(scenario: Scenario): Due[] {
  const { flags, lists, waits, doNotDisturb, voicemail } = scenario.subscriber;
  const has = (flag: RoutingFlag, list?: RoutingList): boolean =>
    flags.includes(flag) && (list === undefined || lists.includes(list));
  const offline = scenario.callee === 'unregistered';

  if (flags.includes('team_ring')) {
    // Product help sends do-not-disturb calls to voice mail, the specification to the team: nobody decides.
    if (!has('team_ring', 'team') || doNotDisturb) return [];
    const joins: Due = offline
      ? { trap: 'team', afterMs: 0, claims: ['help-offline-team'] }
      : { trap: 'team', afterMs: waits.userMs, claims: ['ms-sipre-team-ring'] };
    return [joins];
  }
  if (flags.includes('delegate_ring')) {
    if (!has('delegate_ring', 'delegates') || offline) return [];
    const claims = ['ms-sipre-delegate-ring'];
    if (doNotDisturb) claims.push('ms-sipre-delegates-do-not-disturb');
    return [{ trap: 'delegate', afterMs: doNotDisturb ? 0 : waits.userMs, claims }];
  }
  if (flags.includes('skip_primary')) return [];
  const forwards = flags.includes('enablecf');
  if (forwards ? !lists.includes('forwardto') : !voicemail) return simultaneousRing(scenario);
  const trap: Trap = forwards ? 'forward-target' : 'voicemail';
  if (doNotDisturb) return forwards ? [] : [{ trap, afterMs: 0, claims: ['help-do-not-disturb-voicemail'] }];
  if (flags.includes('forward_immediate')) return [{ trap, afterMs: 0, claims: ['ms-sipre-forward-immediate'] }];
  const timer = forwards ? 'ms-sipre-unanswered-forward' : 'ms-sipre-unanswered-voicemail';
  const serial = refusal(scenario.callee);
  const last: Due =
    serial === null ? { trap, afterMs: waits.totalMs, claims: [timer] } : { trap, afterMs: 0, claims: [serial, timer] };
  return [...simultaneousRing(scenario), last];
}

function simultaneousRing({ subscriber: { flags, lists, doNotDisturb } }: Scenario): Due[] {
  const applies = flags.includes('simultaneous_ring') && lists.includes('simultaneous_ring');
  if (!applies || doNotDisturb || flags.includes('forward_immediate')) return [];
  return [{ trap: 'simultaneous-ring', afterMs: 0, claims: ['ms-sipre-simultaneous-ring'] }];
}

interface OwnPhone {
  readonly rings: boolean;
  readonly answersMs: number | null;
  readonly point: Course['calleePoint'];
}

function stageOf({ trap, afterMs, claims }: Due, scenario: Scenario, phone: OwnPhone): Stage {
  const stage = { trap, claims, preventedBy: [] };
  const forked = trap === 'simultaneous-ring' || trap === 'team' || trap === 'delegate';
  // Whoever rings along may answer first, unless nobody does.
  const alongside =
    scenario.subscriber.flags.includes('simultaneous_ring') && !forked && scenario.colleagues === undefined;
  if (scenario.callee === 'decline-everywhere' && phone.point === 'ringing' && (afterMs > 0 || !forked)) {
    return alongside
      ? { ...stage, reached: 'unknown' }
      : { ...stage, reached: 'no', preventedBy: ['decline-605-stops'] };
  }
  if (afterMs === 0) return { ...stage, reached: alongside && phone.point === 'ringing' ? 'unknown' : 'yes' };
  if (phone.answersMs !== null && phone.answersMs <= afterMs + MARGIN_MS) {
    if (phone.answersMs > afterMs - MARGIN_MS) return { ...stage, reached: 'unknown' };
    return { ...stage, reached: 'no', preventedBy: ['rfc3261-answer-relayed'] };
  }
  if (alongside) return { ...stage, reached: 'unknown' }; // the simultaneous-ring phone may answer first
  if (scenario.caller === 'hang-up-while-ringing') {
    if (!phone.rings || afterMs < HUNG_UP_BY_MS) return { ...stage, reached: 'unknown' };
    return { ...stage, reached: 'no', preventedBy: ['rfc3261-cancelled-487'] };
  }
  return { ...stage, reached: 'yes' };
}

function calleePoint({ subscriber: { flags, doNotDisturb }, callee }: Scenario): Course['calleePoint'] {
  if (callee === 'unregistered') return null;
  if (flags.includes('skip_primary')) return 'skipped';
  if (doNotDisturb) return 'doNotDisturb';
  const shared = flags.includes('team_ring') || flags.includes('delegate_ring');
  return flags.includes('forward_immediate') && !shared ? 'immediate' : 'ringing';
}

const SILENT = {
  skipped: 'ms-sipre-skip-primary',
  doNotDisturb: 'help-do-not-disturb-voicemail',
  immediate: 'ms-sipre-forward-immediate',
} as const;

function calleeDoes(
  scenario: Scenario,
  point: Course['calleePoint'],
  phone: { readonly rings: boolean; readonly answersMs: number | null; readonly firstDueMs: number },
): Course['callee'] {
  if (point === null) return { does: 'unspecified', claims: [] };
  if (point !== 'ringing') return { does: 'silent', claims: [SILENT[point]] };
  if (!phone.rings) return { does: 'unspecified', claims: [] };
  const undisturbed = phone.answersMs !== null && phone.answersMs < phone.firstDueMs - MARGIN_MS;
  const answers = undisturbed && scenario.caller !== 'hang-up-while-ringing';
  return { does: answers ? 'answers' : 'rings', claims: ['ms-sipre-own-phones'] };
}

/** Who else is to be tried for a call that the callee's phone does not answer. */
function companions({ subscriber: { flags } }: Scenario, due: readonly Due[]): Unanswered | null {
  if (due.length === 0) return null;
  if (flags.includes('team_ring')) return 'team';
  if (flags.includes('delegate_ring')) return 'delegates';
  return flags.includes('simultaneous_ring') ? 'simultaneous-ring' : 'alone';
}

function answersAfterMs(phone: PhoneBehaviour): number | null {
  if (phone === 'answer') return 0;
  return typeof phone === 'object' ? phone.answerAfterMs : null;
}

function phoneRings(phone: PhoneBehaviour): boolean {
  return phone === 'ring' || phone === 'answer' || typeof phone === 'object';
}

/** Who says that the unanswered destination follows a phone that is not there or refuses. null: it rings. */
function refusal(phone: PhoneBehaviour): string | null {
  switch (phone) {
    case 'unregistered':
      return 'lab-offline-goes-on';
    case 'decline':
      return 'decline-603-goes-on';
    case 'busy':
    case 'do-not-disturb':
    case 'decline-everywhere':
      return 'lab-refusal-goes-on';
    default:
      return null;
  }
}
