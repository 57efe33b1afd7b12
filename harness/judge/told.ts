/** What the server told the caller on the way, held against the control's: it may speak of somebody who is not on record. */
import type { Check } from '../model/checks.ts';
import type { Observation } from '../model/observation.ts';
import type { Case, Outcome } from './case.ts';
import { aside, check } from './check.ts';
import { cameTo, phoneLegs, reachedBy } from './reached.ts';
import { after } from './words.ts';

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

/**
 * A server refuses an INVITE for many reasons. That of an application differs from the control's in more than its header, and where it
 * rang nobody that the control rang, nothing shows what it was for.
 */
function refusedByNobody({ seen, control, expected }: Case): string | null {
  const { finalStatus } = seen.caller;
  if (seen.callerUnderTest !== true || expected.callee === 'silent') return null;
  if ((finalStatus ?? 0) < 300 || seen.legs.length + seen.misdirected.length > 0) return null;
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
  if (control !== null) {
    const divertedMs = cameTo(control, (role) => role !== 'phone');
    const ofNothing = saidAtOnce(control, divertedMs).length;
    if (saidAtOnce(seen, divertedMs).length === own.length && own.length <= ofNothing) return null;
  }
  return `the caller was told that the call is being forwarded (181, ${after(last)}), and no leg to anybody is on record`;
}

/** From a 181 to the leg that it announces, in a lab that is in time; and from the INVITE to what is said of every call at once. */
const NEAR_MS = 250;
/** Two records of one moment differ by less. */
const SAME_MOMENT_MS = 20;

function forwardings({ caller }: Observation): number[] {
  return caller.provisionals.filter(({ status }) => status === 181).map(({ atMs }) => atMs);
}

/**
 * Those that are told long before this server diverts anything, and while the callee's phone is asked: they cannot be of where the call
 * goes from it. When the phone was asked is no measure: in a late lab it may be asked just before that.
 */
function saidAtOnce(seen: Observation, divertedMs: number): number[] {
  const overMs = Math.max(...phoneLegs(seen).map(({ endMs }) => endMs ?? Number.POSITIVE_INFINITY));
  const byMs = Math.min(NEAR_MS, divertedMs / 2, overMs - SAME_MOMENT_MS);
  return forwardings(seen).filter((atMs) => atMs <= byMs);
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
