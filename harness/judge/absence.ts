/** "It was not reached" is true of every broken lab. What must hold before it is said of a server; one clause each. */

import type { Observation, Stray } from '../model/observation.ts';
import type { Expectation } from '../model/results.ts';
import type { Scenario, Trap } from '../model/scenario.ts';
import { TRAP_NAMES } from '../model/words.ts';
import type { Case, Outcome } from './case.ts';
import { phoneLegs, unexplainedEnd } from './reached.ts';
import { after, quote } from './words.ts';

/** A trap that was not reached proves something only if it was alive before and after, through the same server. */
export function absenceUnproven(
  seen: Observation,
  scenario: Scenario,
  outcome: Outcome,
  elsewhere: Expectation['elsewhere'] = {},
): string | null {
  if (outcome === 'unknown') return unexplainedEnd(seen) ?? 'where the call ended is not known';
  if (outcome === 'engaged') return null;
  const trap = TRAP_NAMES[scenario.trap];
  const { before, after: closing } = seen.canary;
  if (before?.reachedMs == null) return `no canary reached ${trap} before the call: the trap may be dead`;
  if (closing?.reachedMs == null) return `no canary reached ${trap} after the window: the trap may have died`;
  if (seen.window.closedMs === null) return `the window in which ${trap} must stay silent was not closed`;
  return otherNotice(scenario.trap, seen) ?? strayAt(scenario.trap, seen, elsewhere);
}

/** What the server told the caller on the way, held against the control's: it may speak of somebody who is not on record. */
export function saidOtherwise({ seen, control }: Case, outcome: Outcome): string | null {
  if (outcome !== 'suppressed') return null;
  return forwardedToNobody(seen, control) ?? rungByNobody(seen, control) ?? answeredUnlike(seen, control);
}

/** That the callee's own phone stayed silent: an absence like any other. */
export function silenceUnproven(seen: Observation): string | null {
  const { before, after: closing } = seen.phoneCanary;
  if (before?.reachedMs == null) return 'no canary reached a phone before the call: phones may be dead';
  if (closing?.reachedMs == null) return 'no canary reached a phone after the call: phones may have died';
  const stray = seen.strays.find(({ at, kind }) => at === 'phone' && kind !== 'notice');
  if (stray !== undefined) return strayText(stray);
  return seen.headerCanary?.outcome === 'silent'
    ? `a canary with this header did not reach a phone either, and was not refused (${seen.headerCanary.seen}): whether the server or the path to the phones drops it was not shown`
    : null;
}

/** A request outside of the call that names it, and nobody knows what it says: it may be the notice. */
function otherNotice(trap: Trap, { notifications }: Observation): string | null {
  if (trap !== 'missed-call-inbox') return null;
  const other = notifications.find(({ kind }) => kind === 'other');
  return other === undefined
    ? null
    : `${other.form ?? 'a request'} ${after(other.atMs)} names this callee, and what it says is not known: it may note the missed call`;
}

/** Only where it matters: at the trap itself, or at one that the sources forbid as well. */
function strayAt(trap: Trap, { strays }: Observation, elsewhere: NonNullable<Expectation['elsewhere']>): string | null {
  const stray = strays.find(({ at, kind }) => {
    if (at === 'caller') return kind === 'call';
    if (trap === 'missed-call-inbox') return kind === 'notice' || at === 'voicemail';
    return kind !== 'notice' && (at === trap || (at !== 'phone' && elsewhere[at]?.outcome === 'suppressed'));
  });
  return stray === undefined ? null : strayText(stray);
}

function strayText({ at, atMs, text }: Stray): string {
  return `${quote(text)} came to ${at} ${after(atMs)} and names no call of this run: it may have been of this one`;
}

/** 181 Call Is Being Forwarded, RFC 3261 21.1.3, and nobody on record to whom. */
function forwardedToNobody(seen: Observation, control: Observation | null): string | null {
  const own = forwardings(seen);
  const [last] = own.slice(-1);
  if (last === undefined || seen.legs.some(({ role, startMs }) => role !== 'phone' && startMs >= last - NEAR_MS)) {
    return null;
  }
  // Nothing is meant by it, and it is as good as unsaid; one more than that is another matter.
  if (own.length <= (seen.caller.usualForwardings ?? 0)) return null;
  if (control !== null) {
    const others = forwardings(control);
    // A server that says so of every call says it of the control once more.
    if (own.length < others.length) return null;
    const reached = control.legs.filter(({ role }) => role !== 'phone').map(({ startMs }) => startMs);
    const ofDiversion = others.some((atMs) => reached.some((startMs) => Math.abs(startMs - atMs) <= NEAR_MS));
    if (others.length > 0 && !ofDiversion) return null;
  }
  return `the caller was told that the call is being forwarded (181, ${after(last)}), and no leg to anybody is on record`;
}

/** From a 181 to the leg that it announces. */
const NEAR_MS = 250;

function forwardings({ caller }: Observation): number[] {
  return caller.provisionals.filter(({ status }) => status === 181).map(({ atMs }) => atMs);
}

/** 180 or 183 in a dialog of nobody's, from a server that in the control handed everybody's own dialogs on. */
function rungByNobody(seen: Observation, control: Observation | null): string | null {
  if (control === null) return null;
  const ringing = ({ caller }: Observation): Observation['caller']['provisionals'] =>
    caller.provisionals.filter(({ status }) => status === 180 || status === 183);
  const ofControl = ringing(control);
  if (ofControl.length === 0 || ofControl.some(({ known }) => !known)) return null;
  const nobodys = ringing(seen).find(({ known }) => !known);
  return nobodys === undefined
    ? null
    : `the caller was told of somebody who rings (${nobodys.status}, ${after(nobodys.atMs)}) in a dialog that is none of the legs on record`;
}

/** An answer that only its time connects with a leg, from a server that in the control handed the answerer's own tag on. */
function answeredUnlike(seen: Observation, control: Observation | null): string | null {
  const odd = seen.caller.answers.find(({ knownBy }) => knownBy === 'time');
  if (odd === undefined || control === null || control.caller.answers.length === 0) return null;
  return control.caller.answers.every(({ knownBy }) => knownBy === 'tag')
    ? `the caller was answered ${after(odd.atMs)} in a dialog that is none of the legs on record, where this server hands those of others on: who took the call is not known`
    : null;
}

/** Whether the callee's own phone rang or answered. */
export function calleeRang(seen: Observation): boolean {
  return phoneLegs(seen).some((leg) => leg.rang || leg.answered);
}
