/** What was seen, held against what the sources demand. */

import type { Check, CheckId } from '../model/checks.ts';
import type { Leg, Observation } from '../model/observation.ts';
import type { Scenario, Trap } from '../model/scenario.ts';
import { TRAP_NAMES } from '../model/words.ts';
import { calleeRang, silenceUnproven } from './absence.ts';
import type { Case, Outcome } from './case.ts';
import { aside, check } from './check.ts';
import { BESIDE, phoneLegs, reachedBy, trapReached } from './reached.ts';
import { after, arrivalsText, cite, quote } from './words.ts';

/** `doubt`: what takes the proof from the finding, where something does. */
export interface Deviation {
  readonly finding: string;
  readonly doubt: string | null;
  /** The doubt is that the lab was late. */
  readonly late?: boolean;
}

const proven = (finding: string): Deviation => ({ finding, doubt: null });

/** One demand of the sources. */
interface Demand {
  readonly id: CheckId;
  /** null: nobody demands anything of it, or what was seen agrees. */
  readonly deviation: Deviation | null;
  readonly demanded: boolean;
  readonly seen: string;
}

export function demands(item: Case, outcome: Outcome): Demand[] {
  const { expected, scenario, seen } = item;
  const trap = TRAP_NAMES[scenario.trap];
  const others = reachedBy(seen).flatMap(({ role }) =>
    role === 'phone' || role === scenario.trap ? [] : [TRAP_NAMES[role]],
  );
  return [
    {
      id: 'expectation',
      deviation: outcomeDeviation(item, outcome),
      demanded: expected.outcome !== 'unspecified',
      seen:
        outcome === 'engaged' ? `${trap} was reached${whenReached(scenario.trap, seen)}` : `${trap} was not reached`,
    },
    {
      id: 'elsewhere',
      deviation: otherTrapDeviation(item),
      demanded: true,
      seen: others.length === 0 ? 'to no other trap' : `to ${[...new Set(others)].join(' and ')}, as it may`,
    },
    ...(scenario.otherTraps ?? []).map((other) => otherDemand(other, item)),
    {
      id: 'over-blocking',
      deviation: calleeDeviation(item) ?? cutShort(item),
      demanded: expected.callee !== 'unspecified',
      seen: calleeRang(seen) ? "the callee's own phone rang" : "the callee's own phone did not ring",
    },
    {
      id: 'status',
      deviation: statusDeviation(item),
      demanded: expected.statuses.length > 0,
      seen: `final ${seen.caller.finalStatus}`,
    },
  ];
}

/** Of a trap beside the one that the situation is about. That it was reached where it must not be, `elsewhere` says. */
function otherDemand(trap: Exclude<Trap, 'missed-call-inbox'>, { seen, expected }: Case): Demand {
  const reached = trapReached(trap, seen);
  const demanded = expected.elsewhere?.[trap];
  const missing = demanded?.outcome === 'engaged' && !reached;
  return {
    id: 'other-trap',
    deviation: missing ? proven(`${TRAP_NAMES[trap]} was not reached, but ${cite(demanded)} says it must be`) : null,
    demanded: demanded !== undefined,
    seen: reached ? `${TRAP_NAMES[trap]} was reached${whenReached(trap, seen)}` : `${TRAP_NAMES[trap]} was not reached`,
  };
}

/** @param stands The first deviation is held against the server: those after it are, too, as far as they are proven. */
export function demandCheck({ id, deviation, demanded, seen }: Demand, stands: boolean): Check {
  if (deviation === null) return demanded ? check(id, null, seen) : aside(id, `${seen}; no source says`);
  const { finding, doubt } = deviation;
  return stands && doubt === null ? check(id, finding, seen) : aside(id, finding);
}

function outcomeDeviation({ expected, scenario, seen }: Case, outcome: Outcome): Deviation | null {
  if (expected.outcome === 'unspecified' || expected.outcome === outcome) return null;
  const trap = TRAP_NAMES[scenario.trap];
  if (expected.remedy !== undefined)
    return proven(`${trap} was reached${whenReached(scenario.trap, seen)}: ${notKeptOut(expected, seen)}`);
  return outcome === 'engaged'
    ? proven(`${trap} was reached${whenReached(scenario.trap, seen)}, but ${cite(expected)} says it must not be`)
    : proven(`${trap} was not reached (final ${seen.caller.finalStatus}), but ${cite(expected)} says it must be`);
}

/** What the application did not send, and what it sent instead. */
function notKeptOut({ remedy, claims }: Case['expected'], { caller }: Observation): string {
  const { headersSent, headersLater = [] } = caller;
  const sent = headersSent.length === 0 ? 'no header that the matrix knows' : headersSent.map(quote).join(' and ');
  const later = headersLater.length === 0 ? '' : ` (its ${headersLater.join(' and its ')} did)`;
  return `its INVITE carried ${sent}${later}, and ${remedy} would have kept the call out, says ${cite({ claims })}`;
}

/** Spared this trap and hit another: every trap that a leg reached is asked for, and the control may have gone there too. */
function otherTrapDeviation({ scenario, seen, control, expected }: Case): Deviation | null {
  for (const leg of reachedBy(seen)) {
    const { role } = leg;
    if (role === 'phone' || role === scenario.trap) continue;
    const reached = `${TRAP_NAMES[role]} was reached ${after(leg.startMs)}`;
    const found = expected.elsewhere?.[role];
    if (found?.outcome === 'suppressed') return proven(`${reached}, but ${cite(found)} says it must not be either`);
    const inControl = control !== null && reachedBy(control).some((other) => other.role === role);
    if (inControl || found?.outcome === 'engaged' || leadsTo(scenario, role)) continue;
    const finding = `${reached}, which neither the callee's rules nor the control leads to`;
    return { finding, doubt: 'no source says what must happen there' };
  }
  const [elsewhere] = seen.misdirected;
  if (elsewhere === undefined) return null;
  return proven(
    `the call went to ${elsewhere.user}, the phone of another callee, ${after(elsewhere.startMs)}: ${cite(expected)} does not send it there`,
  );
}

/** The callee's own settings name the trap, so that a server may come to it when another destination is gone. */
function leadsTo({ subscriber }: Scenario, role: Exclude<Leg['role'], 'phone'>): boolean {
  switch (role) {
    case 'voicemail':
      return subscriber.voicemail;
    case 'forward-target':
      return subscriber.lists.includes('forwardto');
    case 'simultaneous-ring':
      return subscriber.lists.includes('simultaneous_ring');
    case 'team':
      return subscriber.lists.includes('team');
    case 'delegate':
      return subscriber.lists.includes('delegates');
  }
}

/** Design, "Over-blocking": a server that rejects everything must not look good. */
function calleeDeviation({ expected, seen, control }: Case): Deviation | null {
  const rang = calleeRang(seen);
  const overBlocked = (what: string): Deviation => {
    const finding = `over-blocked: the callee's own phone did not ${what} (final ${seen.caller.finalStatus}), but ${cite(expected)} says it must`;
    const unproven = silenceUnproven(seen);
    const tooLate = unproven === null ? (overtaken(seen) ?? timedOut(seen, control)) : null;
    return { finding, doubt: unproven ?? tooLate, late: tooLate !== null && seen.phoneUnderTest !== true };
  };
  switch (expected.callee) {
    case 'rings':
      return rang ? null : overBlocked('ring');
    case 'answers':
      return phoneLegs(seen).some((leg) => leg.answered) ? null : overBlocked('get to answer');
    case 'silent':
      return rang ? proven(`the callee's own phone rang, but ${cite(expected)} says it must not`) : null;
    case 'unspecified':
      return null;
  }
}

/** A phone of ours that is in time has said 180 by then: it takes a few milliseconds. */
const PROMPT_MS = 20;

/**
 * Somebody beside it took the call before the callee's phone had said anything, which it was late with, or late to be
 * asked. A server that takes the call from it at once is another matter. One clause; null when it was not so.
 */
function overtaken(seen: Observation): string | null {
  const [beside] = seen.legs.flatMap(({ role, answered, startMs }) =>
    answered && role !== 'phone' && BESIDE.has(role) ? [{ name: TRAP_NAMES[role], startMs }] : [],
  );
  const phone = phoneLegs(seen).find(({ rang, result }) => !rang && result === 'cancelled');
  if (beside === undefined || phone === undefined || phone.endMs === null || phone.endMs <= beside.startMs) return null;
  const silentMs = phone.endMs - phone.startMs;
  const laterMs = phone.startMs - beside.startMs;
  if (Math.max(silentMs, laterMs) <= PROMPT_MS) return null;
  const when = `${Math.round(Math.abs(laterMs))} ms ${laterMs > 0 ? 'before' : 'after'} it`;
  return `it had had the call for ${Math.round(silentMs)} ms and said nothing yet when ${beside.name}, called ${when}, took it: it was late, not left out`;
}

/**
 * The server's own timer is over before it, or the phone, has come to do anything: a server on a busy machine starts it before it
 * asks the phone. One clause; null when the lab was not as late as that.
 */
function timedOut(seen: Observation, control: Observation | null): string | null {
  const usual = control === null ? null : longest(withoutLostCancel(control), 'phone');
  if (control === null || usual === null || !usual.cut) return null;
  const lateMs = seen.lateMs + control.lateMs;
  const shorterMs = usual.ms - (longest(seen, 'phone')?.ms ?? 0);
  if (shorterMs > TIMERS_DIFFER_MS + lateMs) return null;
  return `the lab was late by ${Math.round(lateMs)} ms, with its control, and the server lets a phone ring for ${Math.round(usual.ms)} ms, so that proves nothing`;
}

/** Two calls whose timers are the same end within this of each other; Kamailio's timers run up to 130 ms long. */
export const TIMERS_DIFFER_MS = 150;
/** A ring that is not even this part of the control's is another one. */
const WELL_BEFORE = 2 / 3;

/** A phone that the server lets ring for a moment is as good as blocked, and so is a trap that it must go to, and did. */
function cutShort({ scenario, expected, seen, control }: Case): Deviation | null {
  if (control === null) return null;
  const rung: Leg['role'] | null = expected.callee === 'rings' ? 'phone' : null;
  const trap = expected.outcome === 'engaged' ? legRole(scenario.trap) : null;
  for (const role of [rung, trap]) {
    if (role === null) continue;
    const usual = longest(withoutLostCancel(control), role);
    const own = longest(seen, role);
    // A ring without an end on record is no measure.
    if (usual === null || !Number.isFinite(usual.ms) || own === null || !own.cut) continue;
    const shorterMs = usual.ms - own.ms;
    if (own.ms >= usual.ms * WELL_BEFORE || shorterMs <= TIMERS_DIFFER_MS) continue;
    const whose = role === 'phone' ? "the callee's own phone" : TRAP_NAMES[role];
    const lateMs = seen.lateMs + control.lateMs;
    const doubt = explainedOtherwise(shorterMs - TIMERS_DIFFER_MS, lateMs, own.startMs - usual.startMs);
    return {
      finding: `over-blocked: the server let ${whose} ring for ${Math.round(own.ms)} ms, where the control's rang for ${Math.round(usual.ms)} ms, but ${cite(expected)} says it must ring`,
      doubt,
      late: doubt !== null,
    };
  }
  return null;
}

function legRole(trap: Trap): Exclude<Leg['role'], 'phone'> | null {
  return trap === 'missed-call-inbox' ? null : trap;
}

/**
 * @param laterMs by how much its INVITE came later: one that was lost is sent again after T1 (RFC 3261 17.1.1.2), one that the
 *   server was slow with comes when it comes, and the server's own timer has run meanwhile
 */
function explainedOtherwise(shorterMs: number, lateMs: number, laterMs: number): string | null {
  if (shorterMs <= lateMs) return 'the lab was late by as much, so that proves nothing';
  return shorterMs > lateMs + Math.max(0, laterMs)
    ? null
    : `its INVITE came ${Math.round(laterMs)} ms later than the control's, as one does that was lost and sent again, or that a busy server was slow with`;
}

/** They come one after the other: what rings beside the callee's phone is none of them. */
const NEXT: ReadonlySet<Leg['role']> = new Set(['voicemail', 'forward-target']);

/**
 * Who rings and whose CANCEL got lost rings on until it is sent again, T1 or more later (RFC 3261 17.1.2.2), and the call has long
 * been at its next destination by then: that is no ring that another call must have.
 */
function withoutLostCancel(control: Observation): Observation {
  const legs = control.legs.map((leg): Leg => {
    const next = control.legs.filter(({ role, startMs }) => NEXT.has(role) && startMs > leg.startMs);
    const endMs = Math.min(leg.endMs ?? Number.POSITIVE_INFINITY, ...next.map(({ startMs }) => startMs));
    return { ...leg, endMs: Number.isFinite(endMs) ? endMs : null };
  });
  return { ...control, legs };
}

/** The longest that a role was offered the call. `cut`: the server took it back, not the caller, and for nobody else. */
function longest(
  { legs, caller }: Observation,
  role: Leg['role'],
): { readonly startMs: number; readonly ms: number; readonly cut: boolean } | null {
  const answeredBeside = legs.some((leg) => leg.answered && BESIDE.has(leg.role));
  const durations = legs
    .filter((leg) => leg.role === role)
    .map((leg) => ({
      startMs: leg.startMs,
      ms: leg.endMs === null ? Number.POSITIVE_INFINITY : leg.endMs - leg.startMs,
      cut:
        leg.result === 'cancelled' &&
        leg.endMs !== null &&
        !answeredBeside &&
        (caller.cancelledMs === null || leg.endMs < caller.cancelledMs),
    }));
  return durations.toSorted((a, b) => b.ms - a.ms)[0] ?? null;
}

function statusDeviation({ expected, seen }: Case): Deviation | null {
  const status = seen.caller.finalStatus;
  if (expected.statuses.length === 0 || status === null || expected.statuses.includes(status)) return null;
  return proven(`the call ended with ${status}, but ${cite(expected)} says ${expected.statuses.join(' or ')}`);
}

function whenReached(trap: Trap, seen: Observation): string {
  const [arrival] = trap === 'voicemail' ? (seen.innerVoicemail?.arrivals ?? []) : [];
  if (arrival !== undefined) return ` (${arrivalsText(seen)})`;
  const leg = seen.legs.find((each) => each.role === trap);
  return leg === undefined ? '' : ` ${after(leg.startMs)}`;
}
