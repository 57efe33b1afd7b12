/** May we speak at all? Without these, a record says nothing of the server. */
import { calleePhone, misplay, playOf } from '../model/callee.ts';
import type { Check } from '../model/checks.ts';
import { fieldChanges, sameFields } from '../model/header-lines.ts';
import type { HeadersAtPhone, Observation } from '../model/observation.ts';
import type { LinesOnTheWay } from '../model/path.ts';
import type { Scenario } from '../model/scenario.ts';
import { CANCELLED_BEFORE } from '../plan/unplaced.ts';
import { callerMisplayed } from './caller-part.ts';
import { aside, check, failed } from './check.ts';
import { quote } from './words.ts';

/** Design, "Evidence": no verdict without the INVITE as sent and its final response on record. Of a call that was not placed, no more is asked. */
export function evidence(seen: Observation, planned: LinesOnTheWay, scenario: Scenario): Check[] {
  const { headersSent } = seen.caller;
  if (seen.startedAtEpochMs === null && seen.troubles.includes(CANCELLED_BEFORE)) {
    return [aside('lab', 'it was not asked'), failed('invite', CANCELLED_BEFORE)];
  }
  const placed = [
    check('lab', labTrouble(seen), 'nothing went wrong, every phone was registered'),
    check(
      'invite',
      notAsPlanned(seen, planned),
      `INVITE on record${hopOf(seen)}, with ${linesOr('no header of any variant', headersSent)}${changedAtB2bua(seen)}`,
    ),
  ];
  if (seen.startedAtEpochMs === null) return placed;
  return [
    ...placed,
    check('final', noFinal(seen, scenario), `final ${seen.caller.finalStatus}`),
    headerPath(seen),
    check('played', misplayed(scenario, seen), 'as the situation says'),
  ];
}

function labTrouble({ troubles, unregistered }: Observation): string | null {
  if (troubles.length > 0) return troubles.join('; ');
  return unregistered.length > 0 ? `REGISTER was not answered with 200 for ${unregistered.join(', ')}` : null;
}

function notAsPlanned({ startedAtEpochMs, caller, b2bua }: Observation, planned: LinesOnTheWay): string | null {
  if (b2bua !== undefined) {
    if (b2bua.got === null) return 'the call was not placed: the caller has no INVITE to the B2BUA on record';
    const wrong = otherLines("the caller's INVITE to the B2BUA", b2bua.got, planned.caller, sameLines);
    if (wrong !== null) return wrong;
    if (startedAtEpochMs === null) {
      return "the B2BUA placed no call: the caller's INVITE to it is on record, and none of its own";
    }
    // A B2BUA writes a header anew: it means the same, and is not spelled so.
    return otherLines("the B2BUA's INVITE", caller.headersSent, planned.server, sameFields);
  }
  if (startedAtEpochMs === null) return 'the call was not placed: the caller has no INVITE on record';
  return otherLines('the INVITE on record', caller.headersSent, planned.server, sameLines);
}

function otherLines(
  invite: string,
  lines: readonly string[],
  planned: readonly string[],
  same: typeof sameLines,
): string | null {
  if (same(lines, planned)) return null;
  const sent = linesOr('no header of any variant', lines);
  return `${invite} carries ${sent} where ${linesOr('none', planned)} was to be sent`;
}

/** What an application sends is its own choice: where it was looked at is said. */
function hopOf({ callerUnderTest }: Observation): string {
  return callerUnderTest === true ? ', from the application to the server' : '';
}

/** Where on the way a header was lost, or put in. */
function changedAtB2bua({ caller, b2bua }: Observation): string {
  if (b2bua?.got == null) return '';
  const { lost, added } = fieldChanges(b2bua.got, caller.headersSent);
  return [
    ...(lost.length > 0 ? [`; lost at the B2BUA: ${lost.map(quote).join(', ')}`] : []),
    ...(added.length > 0 ? ['; put in by the B2BUA'] : []),
  ].join('');
}

function noFinal(
  { caller: { finalStatus, cancelledMs }, b2bua }: Observation,
  { application }: Scenario,
): string | null {
  if (finalStatus === null) return 'the INVITE has no final response on record';
  if (b2bua === undefined) return null;
  if (b2bua.finalStatus === null) {
    return `the B2BUA got a final ${finalStatus}, and gave its own caller none: it did not live to the end of the call`;
  }
  // Who is given up answers by itself, and an application does with the call what it is for.
  return application !== undefined || b2bua.finalStatus === finalStatus || cancelledMs !== null
    ? null
    : `the B2BUA got a final ${finalStatus} and told its own caller ${b2bua.finalStatus}: one of them is no answer of the server's`;
}

function linesOr(none: string, lines: readonly string[]): string {
  return lines.map(quote).join(', ') || none;
}

function headerPath(seen: Observation): Check {
  const { headersAtPhone } = seen;
  if (headersAtPhone === null) return aside('header-path', "the callee's phone got no INVITE");
  const kept = headersAtPhone.lost.join(', ');
  return check(
    'header-path',
    headerMisplaced(headersAtPhone, seen.headerCanary),
    kept === ''
      ? "the callee's phone got what was sent"
      : `the callee's phone did not get ${kept}, and nothing shows that this server passes it on`,
  );
}

/**
 * What the caller says it sent, held against what the callee's phone got. A server that keeps a header to itself has shown so
 * with the canary that carried it; one that is known to pass it on and did not, never got it.
 */
function headerMisplaced(atPhone: HeadersAtPhone, headerCanary: Observation['headerCanary']): string | null {
  const [added] = atPhone.added;
  if (added !== undefined) {
    return `the callee's phone got a header ${added} that the caller did not send and that this server does not add to other calls`;
  }
  const lost = atPhone.lost.find((name) => headerCanary?.passedOn.includes(name));
  return lost === undefined
    ? null
    : `the callee's phone did not get the header ${lost}, which this server passes on in other calls: it may not have got as far as the server`;
}

/** What the call did is an answer to this situation only if the callee's phone and the caller did their part. */
function misplayed(scenario: Scenario, seen: Observation): string | null {
  return misplay(calleePhone(scenario), seen.legs) ?? callerMisplayed(scenario, seen);
}

/**
 * Our phones do what they are told as soon as they can: one that had done nothing yet when its leg ended, or answered when nobody
 * heard it any more, was late, whatever the lab's clocks say. Of a user agent under test it may be a fault.
 */
export function wasSlow(scenario: Scenario, { legs, phoneUnderTest }: Observation): boolean {
  if (phoneUnderTest === true) return false;
  const behaviour = calleePhone(scenario);
  const mayAnswer = playOf(behaviour) === 'answer';
  const slow = legs.filter(
    ({ result }) => result === 'cancelled' || result === 'open' || (mayAnswer && result === 'answered'),
  );
  return misplay(behaviour, slow) !== null;
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}
