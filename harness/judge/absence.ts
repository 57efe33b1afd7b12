/** "It was not reached" is true of every broken lab. What must hold before it is said of a server. */

import type { Check, CheckId } from '../model/checks.ts';
import type { CanarySighting, Observation, Stray } from '../model/observation.ts';
import type { Expectation } from '../model/results.ts';
import type { Scenario, Trap } from '../model/scenario.ts';
import { TRAP_NAMES } from '../model/words.ts';
import type { Case, Outcome } from './case.ts';
import { aside, check, failed } from './check.ts';
import { endOf, phoneLegs, reachedBy, trapReached, unexplainedEnd } from './reached.ts';
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
  const nothing =
    trap === 'voicemail' && shown.length === 0
      ? 'nothing that canaries have shown voice mail by, before the call and after it, was looked for throughout'
      : null;
  const said = `${shown.join(', ')}, by which canaries have shown voice mail on both sides: nothing of this call`;
  const wrong = doubt ?? nothing;
  return [outcome === 'suppressed' ? check('inner-voicemail', wrong, said) : aside('inner-voicemail', wrong ?? said)];
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

/** What the server told the caller on the way, held against the control's: it may speak of somebody who is not on record. */
export function told(item: Case, outcome: Outcome): Check {
  const { seen, control } = item;
  const otherwise =
    refusedByNobody(item) ??
    refusedOtherwise(item) ??
    forwardedToNobody(seen, control) ??
    rungByNobody(seen, control) ??
    answeredUnlike(seen, control);
  const held = 'it speaks of nobody but those on record';
  return outcome === 'suppressed' ? check('told', otherwise, held) : aside('told', otherwise ?? held);
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

/**
 * A server refuses an INVITE for many reasons. That of an application differs from the control's in more than its header, and where it
 * rang nobody that the control rang, nothing shows what it was for.
 */
function refusedByNobody({ seen, control, expected }: Case): string | null {
  const { finalStatus } = seen.caller;
  if (seen.callerUnderTest !== true || expected.callee === 'silent') return null;
  if (finalStatus === null || finalStatus < 300 || seen.legs.length + seen.misdirected.length > 0) return null;
  return control !== null && phoneLegs(control).length > 0
    ? `the server refused the call (${finalStatus}) and asked nobody, where the control came to the callee's phone: whether it did so for a header is not known`
    : null;
}

/** Final responses of a server that has no room, or whose line to that account is taken (RFC 3261 21.4.24, 21.5.4, RFC 6585). */
const FULL: readonly number[] = [429, 486, 503, 600];
/** Of one that is out of order. */
const OUT_OF_ORDER: readonly number[] = [408, 500, 504];

/**
 * A server that has no room for a call, or takes one at a time of each account, has kept it out of nothing. Nor has one that is
 * out of order, as it is where a canary with this header was let through to a phone: that is not what the header is refused for.
 */
function refusedOtherwise({ scenario, seen, control, expected }: Case): string | null {
  const { finalStatus } = seen.caller;
  if (control === null || expected.callee === 'silent' || finalStatus === null) return null;
  if (seen.legs.length + seen.misdirected.length > 0 || seen.caller.cancelledMs !== null) return null;
  const refused = `the server refused the call (${finalStatus}) and asked nobody`;
  if (FULL.includes(finalStatus) && !(scenario.subscriber.doNotDisturb && finalStatus !== 503))
    return `${refused}: it says that it has no room or line just now, not that the header forbids anything`;
  if (!OUT_OF_ORDER.includes(finalStatus)) return null;
  return phoneLegs(control).length === 0 || seen.headerCanary?.outcome !== 'reached'
    ? null
    : `${refused}, where the control came to the callee's phone and a canary with the same header to another: what it was refused for is not known`;
}

/**
 * 181 Call Is Being Forwarded, RFC 3261 21.1.3, and nobody on record to whom. How long after it the control's next leg came says
 * nothing: an INVITE that is lost comes T1 later (RFC 3261 17.1.1.2), or its endpoint is late.
 */
function forwardedToNobody(seen: Observation, control: Observation | null): string | null {
  const own = forwardings(seen);
  const [last] = own.slice(-1);
  if (
    last === undefined ||
    reachedBy(seen).some(({ role, startMs }) => role !== 'phone' && startMs >= last - NEAR_MS)
  ) {
    return null;
  }
  // Nothing is meant by it, and it is as good as unsaid; one more than that is another matter.
  if (own.length <= (seen.caller.usualForwardings ?? 0)) return null;
  const ofNothing = control === null ? 0 : beforeDiversion(control).length;
  if (beforeDiversion(seen).length === own.length && own.length <= ofNothing) return null;
  return `the caller was told that the call is being forwarded (181, ${after(last)}), and no leg to anybody is on record`;
}

/** From a 181 to the leg that it announces, in a lab that is in time; and from when the phone is asked to when the caller is told. */
const NEAR_MS = 250;
/** Two records of one moment differ by less. */
const SAME_MOMENT_MS = 20;

function forwardings({ caller }: Observation): number[] {
  return caller.provisionals.filter(({ status }) => status === 181).map(({ atMs }) => atMs);
}

/** Those that are told when the callee's phone has just been asked and is asked still: they cannot be of where the call goes from it. */
function beforeDiversion(seen: Observation): number[] {
  const phones = phoneLegs(seen);
  const askedMs = Math.min(...phones.map(({ startMs }) => startMs));
  const overMs = Math.max(...phones.map(({ endMs }) => endMs ?? Number.POSITIVE_INFINITY));
  return forwardings(seen).filter((atMs) => atMs <= askedMs + NEAR_MS && atMs <= overMs - SAME_MOMENT_MS);
}

/** 180 or 183 in a dialog of nobody's, from a server that in the control handed everybody's own dialogs on. */
function rungByNobody(seen: Observation, control: Observation | null): string | null {
  const nobodys = ringing(seen).find(({ known }) => !known);
  if (nobodys === undefined || control === null) return null;
  return (allKnown(ringing(control).map(({ known }) => known)) ?? allKnown(tagsOfAnswers(control)))
    ? `the caller was told of somebody who rings (${nobodys.status}, ${after(nobodys.atMs)}) in a dialog that is none of the legs on record`
    : null;
}

/** An answer that only its time connects with a leg, from a server that in the control handed the answerer's own tag on. */
function answeredUnlike(seen: Observation, control: Observation | null): string | null {
  const odd = seen.caller.answers.find(({ knownBy }) => knownBy === 'time');
  if (odd === undefined || control === null) return null;
  return (allKnown(tagsOfAnswers(control)) ?? allKnown(ringing(control).map(({ known }) => known)))
    ? `the caller was answered ${after(odd.atMs)} in a dialog that is none of the legs on record, where this server hands those of others on: who took the call is not known`
    : null;
}

/** null where there is nothing to go by: nothing rang, or its ringing was lost (it is sent once, RFC 3261 17.2.1), or nobody answered. */
function allKnown(known: readonly boolean[]): boolean | null {
  return known.length === 0 ? null : known.every(Boolean);
}

function tagsOfAnswers({ caller }: Observation): boolean[] {
  return caller.answers.map(({ knownBy }) => knownBy === 'tag');
}

function ringing({ caller }: Observation): Observation['caller']['provisionals'] {
  return caller.provisionals.filter(({ status }) => status === 180 || status === 183);
}

/** Whether the callee's own phone rang or answered. */
export function calleeRang(seen: Observation): boolean {
  return phoneLegs(seen).some((leg) => leg.rang || leg.answered);
}
