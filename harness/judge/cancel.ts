/** Why the callee's phone stopped ringing, and what it was told of that. */
import type { Check } from '../model/checks.ts';
import type { Leg, Observation } from '../model/observation.ts';
import { isElsewhere, reasonValues } from '../model/reason.ts';
import type { Scenario } from '../model/scenario.ts';
import { aside, check, failed } from './check.ts';
import { isBeside, phoneLegs } from './reached.ts';
import { quote } from './words.ts';

const CAUSES = {
  caller: 'the caller gave up',
  answer: 'somebody else answered',
  timer: "the server's time was over",
} as const;
type Cause = keyof typeof CAUSES;

/** Between two stamps of one moment. */
const SAME_MOMENT_MS = 50;

/** @returns nothing where the situation does not ask, as the next */
export function cancelCause({ cancelledBy }: Scenario, seen: Observation): Check[] {
  if (cancelledBy === undefined) return [];
  const legs = cancelledLegs(seen);
  const causes = [...new Set(legs.map((leg) => causeOf(leg, seen)))];
  const told = legs.flatMap(({ cancelReasons = [] }) => cancelReasons);
  const text = `${causes.map((cause) => CAUSES[cause]).join(' and ') || 'no phone was cancelled'}; the phone was told ${told.map(quote).join(', ') || 'nothing of it'}${hopsTold(legs)}`;
  const asPlanned = legs.length > 0 && causes.every((cause) => cause === cancelledBy);
  return [check('cancel-cause', asPlanned ? null : `${text}, where ${CAUSES[cancelledBy]} was to be the cause`, text)];
}

/** Of those behind the server who told the phone something else than they were told. */
function hopsTold(legs: readonly Leg[]): string {
  const kept = legs.find(
    ({ hopCancelReasons, cancelReasons = [] }) => !isSame(hopCancelReasons ?? cancelReasons, cancelReasons),
  );
  return kept === undefined ? '' : `; ${lastHop(kept)} had been told ${linesText(kept.hopCancelReasons ?? [])}`;
}

/** Of a leg whose INVITE came through further servers, or of whose last one there is a record: it may hide its name. */
function lastHop(leg: Leg): string {
  const names = severalHops(leg);
  return names === null ? 'the hop behind the server' : `the hop ${names.at(-1)} behind the server`;
}

function severalHops({ hops }: Leg): readonly string[] | null {
  return hops !== undefined && hops.length > 1 ? hops : null;
}

/**
 * A server is told nothing by what was lost before it: which hop lost it is said. One that only writes the same values on other
 * lines has told it.
 *
 * @param onCancel lines that the caller's CANCEL was to carry
 */
export function cancelTold({ cancelledBy }: Scenario, onCancel: readonly string[], seen: Observation): Check[] {
  const { cancelledMs, cancelReasons = [] } = seen.caller;
  if (cancelledBy !== 'caller' || onCancel.length === 0 || cancelledMs === null) return [];
  const told = linesText(cancelReasons);
  if (isSame(cancelReasons, onCancel)) return [check('cancel-told', null, `its CANCEL carried ${told}`)];
  const { b2bua } = seen;
  const isLostAtB2bua = b2bua?.cancelReasons !== undefined && isSame(b2bua.cancelReasons, onCancel);
  const where = isLostAtB2bua
    ? `the B2BUA got a CANCEL with ${linesText(onCancel)}, and sent one with ${told}`
    : `the caller was to send a CANCEL with ${linesText(onCancel)}, and sent one with ${linesText(b2bua === undefined ? cancelReasons : (b2bua.cancelReasons ?? []))}`;
  return [
    isSame(cancelReasons.flatMap(reasonValues), onCancel.flatMap(reasonValues))
      ? aside('cancel-told', where)
      : failed('cancel-told', where),
  ];
}

/** @param onCancel lines that the caller's CANCEL was to carry */
export function cancelCopied({ cancelledBy }: Scenario, onCancel: readonly string[], seen: Observation): Check[] {
  const { cancelReasons = [] } = seen.caller;
  return cancelledBy === 'caller' && onCancel.length > 0 ? [copied(cancelledLegs(seen), cancelReasons)] : [];
}

/** A log that has no missed call of what nobody took elsewhere is no witness: it may never have any. Where it keeps one at all. */
export function callLog({ cancelledBy }: Scenario, seen: Observation): Check[] {
  const legs = cancelledBy === undefined ? [] : loggedLegs(seen);
  if (legs.length === 0) return [];
  const silent = legs.some(({ loggedAs }) => loggedAs === 'nothing');
  const deaf = legs.find((leg) => !wasToldElsewhere(leg) && leg.loggedAs !== 'missed');
  const text = legs.map(({ loggedAs }) => loggedAs).join(', ');
  const wrong = silent
    ? 'the phone did not say what it has of the call in its call log'
    : deaf &&
      `nobody told the phone that somebody else took the call, and its call log has it as "${deaf.loggedAs}", not as missed`;
  return [check('call-log', wrong ?? null, `it has the call as "${text}"`)];
}

/** RFC 3326 1: to log it as missed is not appropriate when the call was picked up elsewhere. */
export function notMissed({ cancelledBy }: Scenario, seen: Observation): Check[] {
  const legs = cancelledBy === undefined ? [] : loggedLegs(seen).filter(wasToldElsewhere);
  const [first] = legs;
  if (first === undefined) return [];
  const deaf = legs.find(({ loggedAs }) => loggedAs === 'missed');
  const told = ({ cancelReasons = [] }: Leg): string => linesText(cancelReasons);
  return [
    check(
      'not-missed',
      deaf === undefined
        ? null
        : `the phone's CANCEL carried ${told(deaf)}, and its call log has a missed call all the same, but rfc3326-elsewhere-not-missed says that this is not appropriate`,
      `told ${told(first)}, it has the call as "${first.loggedAs}"`,
    ),
  ];
}

function loggedLegs(seen: Observation): Leg[] {
  return cancelledLegs(seen).filter(({ loggedAs }) => loggedAs !== undefined);
}

function wasToldElsewhere({ cancelReasons }: Leg): boolean {
  return cancelReasons?.some(isElsewhere) ?? false;
}

function cancelledLegs(seen: Observation): Leg[] {
  return phoneLegs(seen).filter(({ result }) => result === 'cancelled');
}

function causeOf({ endMs }: Leg, { caller, legs }: Observation): Cause {
  const endedMs = endMs ?? Number.POSITIVE_INFINITY;
  if (caller.cancelledMs !== null && caller.cancelledMs <= endedMs + SAME_MOMENT_MS) return 'caller';
  return legs.some(({ role, answered }) => answered && isBeside(role)) ? 'answer' : 'timer';
}

/** Byte for byte: phones in the field look for the very text. */
function copied(legs: readonly Leg[], sent: readonly string[]): Check {
  const other = legs.find(({ cancelReasons = [] }) => !isSame(cancelReasons, sent));
  return check(
    'cancel-copied',
    other === undefined
      ? null
      : `the caller's CANCEL carried ${linesText(sent)}, and the phone's carried ${linesText(other.cancelReasons ?? [])}${whereLost(other, sent)}, but rfc3326-cancel-copied says that it is copied`,
    `the phone's CANCEL carried ${linesText(sent)}, byte for byte`,
  );
}

/** Behind the server there may be further hops: the last one's record, where there is one, says on which side of it. */
function whereLost(leg: Leg, sent: readonly string[]): string {
  const { hopCancelReasons } = leg;
  const names = severalHops(leg);
  if (hopCancelReasons === undefined)
    return names === null ? '' : ` (through ${names.join(' and ')}: which lost it is not on record)`;
  if (isSame(hopCancelReasons, sent)) return ` (lost at ${lastHop(leg)}, which got what the caller sent)`;
  const before = names === null ? '' : `: at ${names.slice(0, -1).join(' or ')}`;
  return ` (lost before ${lastHop(leg)}, whose CANCEL carried ${linesText(hopCancelReasons)}${before})`;
}

function isSame(lines: readonly string[], others: readonly string[]): boolean {
  return lines.length === others.length && lines.every((line, index) => line === others[index]);
}

function linesText(lines: readonly string[]): string {
  return lines.map(quote).join(', ') || 'none';
}
