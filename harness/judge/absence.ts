/** "It was not reached" is true of every broken lab. What must hold before it is said of a server. */

import type { Check, CheckId } from '../model/checks.ts';
import type { CanarySighting, Observation, Stray } from '../model/observation.ts';
import type { Expectation } from '../model/results.ts';
import type { Scenario, Trap } from '../model/scenario.ts';
import { TRAP_NAMES } from '../model/words.ts';
import type { Outcome } from './case.ts';
import { aside, check, failed } from './check.ts';
import { endOf, phoneLegs, trapReached, unexplainedEnd } from './reached.ts';
import { after, arrivalsText, quote } from './words.ts';

/**
 * A trap that was not reached proves something only if it was alive before and after, through the same server. That one was
 * reached needs no proof that it can be.
 */
export function absence(
  seen: Observation,
  scenario: Scenario,
  outcome: Outcome,
  elsewhere: NonNullable<Expectation['elsewhere']> = {},
): Check[] {
  const traps = [scenario.trap, ...(scenario.otherTraps ?? [])];
  const trap = traps.map((each) => TRAP_NAMES[each]).join(' and ');
  const spared = outcome === 'suppressed' || (outcome === 'engaged' && !traps.every((each) => trapReached(each, seen)));
  const { endMs, closedMs, cutShort } = seen.window;
  const needed = (id: CheckId, holds: boolean, said: string): Check => ({
    id,
    holds: spared ? holds : null,
    seen: said,
  });
  const before = arrival(seen.canary.before, trap);
  const closing = arrival(seen.canary.after, trap);
  const odd =
    otherNotice(scenario.trap, seen) ??
    traps.map((each) => strayAt(each, seen, elsewhere)).find((each) => each !== null) ??
    null;
  return [
    endCheck(seen, outcome),
    needed(
      'canary-before',
      before !== null,
      before ?? `no canary reached ${trap} before the call${whatFailed(seen.canary.before)}: the trap may be dead`,
    ),
    needed(
      'canary-after',
      closing !== null,
      closing ??
        (cutShort
          ? 'cancelled before a canary could close its window'
          : `no canary reached ${trap} after the window${whatFailed(seen.canary.after)}: the trap may have died`),
    ),
    ...looked(seen, scenario, outcome, elsewhere),
    needed(
      'window',
      closedMs !== null,
      closedMs === null
        ? `the window in which ${trap} must stay silent was not closed`
        : `watched for ${Math.round(endMs)} ms, closed by a canary at ${Math.round(closedMs)} ms`,
    ),
    needed('strays', odd === null, odd ?? strayless(seen)),
  ];
}

/** No leg shows a voice mail inside of the server: what would have shown it, and whether it was looked for. */
function looked(
  seen: Observation,
  { trap }: Scenario,
  outcome: Outcome,
  elsewhere: NonNullable<Expectation['elsewhere']>,
): Check[] {
  const isAsked = trap === 'voicemail' || elsewhere.voicemail?.outcome === 'suppressed';
  const { innerVoicemail: inner } = seen;
  if (inner === undefined || !isAsked) return [];
  const { arrivals, shown, doubt } = inner;
  if (arrivals.length > 0) return [aside('inner-voicemail', arrivalsText(seen))];
  const said =
    shown.length > 0
      ? `${shown.join(', ')}, by which canaries have shown voice mail on both sides: nothing of this call`
      : 'it was not looked for, and nobody took the call but those on record';
  const wrong = trap === 'voicemail' ? unseenInside(seen) : doubt;
  return [outcome === 'suppressed' ? check('inner-voicemail', wrong, said) : aside('inner-voicemail', wrong ?? said)];
}

/** Why nobody can say that a voice mail inside of the server did not take the call; one clause, null where somebody can. */
export function unseenInside({ innerVoicemail: inner }: Observation): string | null {
  if (inner === undefined) return null;
  if (inner.doubt !== null || inner.shown.length > 0) return inner.doubt;
  return 'nothing that canaries have shown voice mail by, before the call and after it, was looked for throughout';
}

function strayless({ strays }: Observation): string {
  if (strays.length === 0) return 'nothing else came';
  const each = strays.map(({ at, atMs, text }) => `${quote(text)} at ${at}, ${Math.round(atMs)} ms`);
  return `of no call, and nothing follows from it here: ${each.join('; ')}`;
}

function endCheck(seen: Observation, outcome: Outcome): Check {
  const unexplained = unexplainedEnd(seen);
  if (outcome === 'unknown' || seen.caller.finalStatus === null) {
    return failed('end', unexplained ?? 'where the call ended is not known');
  }
  return unexplained === null ? check('end', null, endOf(seen.caller)) : aside('end', unexplained);
}

function whatFailed(sighting: CanarySighting | null): string {
  return sighting?.failed === undefined ? '' : ` (${sighting.failed})`;
}

/** null: it did not reach the trap. */
function arrival(sighting: CanarySighting | null, trap: string): string | null {
  if (sighting?.reachedMs == null) return null;
  const { sentMs, reachedMs } = sighting;
  const atMs = Math.round(reachedMs);
  const side = atMs < 0 ? `${-atMs} ms before the INVITE` : after(atMs);
  const shown = sighting.by === undefined ? '' : `, as shown by ${sighting.by.join(', ')}`;
  return `a canary reached ${trap} ${side}, ${Math.round(reachedMs - sentMs)} ms under way${shown}`;
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

/** Whether the callee's own phone rang or answered. */
export function calleeRang(seen: Observation): boolean {
  return phoneLegs(seen).some((leg) => leg.rang || leg.answered);
}
