/** A phone that the server lets ring for a moment is as good as blocked, and so is a trap that it must go to, and did. */
import type { Leg } from '../model/observation.ts';
import type { SubscriberSettings } from '../model/scenario.ts';
import { TRAP_NAMES } from '../model/words.ts';
import type { Case } from './case.ts';
import type { Deviation } from './deviation.ts';
import { explainedOtherwise, isBelow, isWellBelow, laterThan, longest, type Ring, TIMERS_DIFFER_MS } from './rings.ts';
import { cite } from './words.ts';

/** null: nobody who must ring was given up early. */
export function cutShort({ scenario, expected, seen, control }: Case): Deviation | null {
  if (control === null) return null;
  const mustRing: Leg['role'][] = [];
  if (expected.callee === 'rings') mustRing.push('phone');
  if (expected.outcome === 'engaged' && scenario.trap !== 'missed-call-inbox') mustRing.push(scenario.trap);
  for (const role of mustRing) {
    const usual = longest(control, role);
    const own = longest(seen, role);
    // Whether a phone that was to answer could, the status says where one is demanded; a ring without an end on record is no measure.
    if (role === 'phone' && usual?.answered === true && expected.statuses.length > 0) continue;
    if (usual === null || !Number.isFinite(usual.ms) || own === null || !own.cut) continue;
    const late = { seenMs: seen.lateMs, bothMs: seen.lateMs + control.lateMs };
    const waitMs = waitForMs(role, scenario.subscriber);
    const cut = usual.answered ? beforeAnswer(own, usual, late) : beforeTimer(own, usual, late, waitMs);
    if (cut === null) continue;
    const whose = role === 'phone' ? "the callee's own phone" : TRAP_NAMES[role];
    const did = usual.answered ? 'answered after' : 'rang for';
    return {
      finding: `over-blocked: the server let ${whose} ring for ${Math.round(own.ms)} ms, where the control's ${did} ${Math.round(usual.ms)} ms, but ${cite(expected)} says it must ring`,
      doubt: cut.doubt,
      late: cut.doubt !== null,
    };
  }
  return null;
}

/** How long the server waits for whoever it rings, MS-SIPRE 4.7.2 and 4.7.4: the callee's phones ring on while others join. */
function waitForMs(role: Leg['role'], { flags, waits }: SubscriberSettings): number {
  const othersJoin = flags.includes('team_ring') || flags.includes('delegate_ring');
  if (!othersJoin) return waits.totalMs;
  return role === 'phone' ? waits.userMs + waits.team2Ms : waits.team2Ms;
}

interface Late {
  readonly seenMs: number;
  readonly bothMs: number;
}

type Cut = Pick<Deviation, 'doubt'> | null;

/** No server gives anybody up sooner than this by itself. */
const CHANCE_MS = 150;

/** In time an endpoint answers as the control's did: what had longer than that, and did not, was late itself. */
function beforeAnswer(own: Ring, usual: Ring, { bothMs }: Late): Cut {
  const shorterMs = Math.max(usual.ms, CHANCE_MS) - own.ms;
  if (shorterMs > 0) return { doubt: explainedOtherwise(shorterMs, bothMs, laterThan(own, usual).mostMs) };
  return { doubt: "it had the call for as long as the control's, and did not answer: it was late" };
}

/**
 * A ring that need not have been more than the lab's being late is as long as the control's only where it is so by both measures: a
 * moment that a server rings becomes half a second where its refusal is half a second late. And had the control's INVITE come as early,
 * that would have rung for longer. A control's ring may be long because a busy server came late to what it does next: whoever had all
 * of the server's wait was not given up early.
 */
function beforeTimer(own: Ring, usual: Ring, { seenMs, bothMs }: Late, waitMs: number): Cut {
  const later = laterThan(own, usual);
  if (isWellBelow(own.ms, usual.ms)) {
    if (waitMs > CHANCE_MS && own.ms >= waitMs)
      return {
        doubt: `that are all of the ${waitMs} ms that the server was said to wait, so the control's are no measure: its server was late, or waits longer`,
      };
    return { doubt: explainedOtherwise(usual.ms - own.ms - TIMERS_DIFFER_MS, bothMs, later.mostMs) };
  }
  const mayBeShort = (than: number): boolean => {
    if (own.ms <= seenMs) return isBelow(own.ms, than);
    return own.ms <= seenMs + TIMERS_DIFFER_MS ? than - own.ms > TIMERS_DIFFER_MS : isWellBelow(own.ms + bothMs, than);
  };
  if (mayBeShort(usual.ms))
    return { doubt: `the lab was late by ${Math.round(seenMs)} ms, and that ring need not have been more than that` };
  const earlierMs = -later.leastMs;
  if (!mayBeShort(usual.ms + earlierMs)) return null;
  return {
    doubt: `the control's INVITE came ${Math.round(earlierMs)} ms later than this one, so that its ring is no measure`,
  };
}
