/** What was seen, held against what the sources demand. */

import type { Check, CheckId } from '../model/checks.ts';
import type { Leg, Observation } from '../model/observation.ts';
import type { Scenario, Trap } from '../model/scenario.ts';
import { TRAP_NAMES } from '../model/words.ts';
import { calleeRang, silenceUnproven, unseenInside } from './absence.ts';
import type { Case, Outcome } from './case.ts';
import { aside, check } from './check.ts';
import { cutShort } from './cut-short.ts';
import { phoneLegs, reachedBy, trapReached, unexplainedEnd } from './reached.ts';
import { answerTooLate, phoneTooLate } from './too-late.ts';
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
  return {
    id: 'other-trap',
    deviation: demanded?.outcome === 'engaged' && !reached ? notReached(trap, demanded.claims, seen) : null,
    demanded: demanded !== undefined,
    seen: reached ? `${TRAP_NAMES[trap]} was reached${whenReached(trap, seen)}` : `${TRAP_NAMES[trap]} was not reached`,
  };
}

/** A voice mail inside of the server may have taken the call unseen. */
function notReached(trap: Trap, claims: Case['expected']['claims'], seen: Observation): Deviation {
  const finding = `${TRAP_NAMES[trap]} was not reached, but ${cite({ claims })} says it must be`;
  return { finding, doubt: trap === 'voicemail' ? (unexplainedEnd(seen) ?? unseenInside(seen)) : null };
}

/** @param stands The first deviation is held against the server: those after it are, too, as far as they are proven. */
export function demandCheck({ id, deviation, demanded, seen }: Demand, stands: boolean): Check {
  if (deviation === null) return demanded ? check(id, null, seen) : aside(id, `${seen}; no source says`);
  const { finding, doubt } = deviation;
  return stands && doubt === null ? check(id, finding, seen) : aside(id, finding);
}

function outcomeDeviation(item: Case, outcome: Outcome): Deviation | null {
  const { expected, scenario, seen } = item;
  if (expected.outcome === 'unspecified' || expected.outcome === outcome) return null;
  const trap = TRAP_NAMES[scenario.trap];
  if (expected.remedy !== undefined)
    return proven(`${trap} was reached${whenReached(scenario.trap, seen)}: ${notKeptOut(expected, seen)}`);
  return outcome === 'engaged'
    ? unlessLate(
        item,
        `${trap} was reached${whenReached(scenario.trap, seen)}, but ${cite(expected)} says it must not be`,
      )
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
function otherTrapDeviation(item: Case): Deviation | null {
  const { scenario, seen, control, expected } = item;
  for (const leg of reachedBy(seen)) {
    const { role } = leg;
    if (role === 'phone' || role === scenario.trap) continue;
    const reached = `${TRAP_NAMES[role]} was reached ${after(leg.startMs)}`;
    const found = expected.elsewhere?.[role];
    if (found?.outcome === 'suppressed') {
      return unlessLate(item, `${reached}, but ${cite(found)} says it must not be either`);
    }
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
function calleeDeviation(item: Case): Deviation | null {
  const { expected, seen } = item;
  const rang = calleeRang(seen);
  const overBlocked = (what: string): Deviation => {
    const finding = `over-blocked: the callee's own phone did not ${what} (final ${seen.caller.finalStatus}), but ${cite(expected)} says it must`;
    const unproven = silenceUnproven(seen);
    const tooLate = unproven === null ? phoneTooLate(item) : null;
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

function statusDeviation(item: Case): Deviation | null {
  const { expected, seen } = item;
  const status = seen.caller.finalStatus;
  if (expected.statuses.length === 0 || status === null || expected.statuses.includes(status)) return null;
  return unlessLate(
    item,
    `the call ended with ${status}, but ${cite(expected)} says ${expected.statuses.join(' or ')}`,
  );
}

/** A server that has waited for the answer of a phone for as long as it says is not to blame for what became of the answer on its way. */
function unlessLate(item: Case, finding: string): Deviation {
  const doubt = answerTooLate(item);
  return { finding, doubt, late: doubt !== null && item.seen.phoneUnderTest !== true };
}

function whenReached(trap: Trap, seen: Observation): string {
  const [arrival] = trap === 'voicemail' ? (seen.innerVoicemail?.arrivals ?? []) : [];
  if (arrival !== undefined) return ` (${arrivalsText(seen)})`;
  const leg = seen.legs.find((each) => each.role === trap);
  return leg === undefined ? '' : ` ${after(leg.startMs)}`;
}
