/** May we speak at all? Without these, a record says nothing of the server. */
import { calleePhone, misplay } from '../model/callee.ts';
import type { Check } from '../model/checks.ts';
import type { HeadersAtPhone, Observation } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { CANCELLED_BEFORE } from '../plan/unplaced.ts';
import { callerMisplayed } from './caller-part.ts';
import { aside, check, failed } from './check.ts';
import { quote } from './words.ts';

/** Design, "Evidence": no verdict without the INVITE as sent and its final response on record. Of a call that was not placed, no more is asked. */
export function evidence(seen: Observation, planned: readonly string[], scenario: Scenario): Check[] {
  const { headersSent, finalStatus } = seen.caller;
  if (seen.startedAtEpochMs === null && seen.troubles.includes(CANCELLED_BEFORE)) {
    return [aside('lab', 'it was not asked'), failed('invite', CANCELLED_BEFORE)];
  }
  const placed = [
    check('lab', labTrouble(seen), 'nothing went wrong, every phone was registered'),
    check(
      'invite',
      notAsPlanned(seen, planned),
      `INVITE on record, with ${linesOr('no header of any variant', headersSent)}`,
    ),
  ];
  if (seen.startedAtEpochMs === null) return placed;
  return [
    ...placed,
    check('final', finalStatus === null ? 'the INVITE has no final response on record' : null, `final ${finalStatus}`),
    headerPath(seen),
    check('played', misplayed(scenario, seen), 'as the situation says'),
  ];
}

function labTrouble({ troubles, unregistered }: Observation): string | null {
  if (troubles.length > 0) return troubles.join('; ');
  return unregistered.length > 0 ? `REGISTER was not answered with 200 for ${unregistered.join(', ')}` : null;
}

function notAsPlanned({ startedAtEpochMs, caller }: Observation, planned: readonly string[]): string | null {
  if (startedAtEpochMs === null) return 'the call was not placed: the caller has no INVITE on record';
  if (sameLines(caller.headersSent, planned)) return null;
  const sent = linesOr('no header of any variant', caller.headersSent);
  return `the INVITE on record carries ${sent} where ${linesOr('none', planned)} was to be sent`;
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
  return misplay(calleePhone(scenario), seen.legs, seen.window.slackMs) ?? callerMisplayed(scenario, seen);
}

/**
 * Our phones do what they are told as soon as they can: one that had done nothing yet when its leg ended was late, whatever
 * the lab's clocks say. Of a user agent under test it may be a fault.
 */
export function wasSlow(scenario: Scenario, { legs, window, phoneUnderTest }: Observation): boolean {
  if (phoneUnderTest === true) return false;
  const waiting = legs.filter(({ result }) => result === 'cancelled' || result === 'open');
  return misplay(calleePhone(scenario), waiting, window.slackMs) !== null;
}

function sameLines(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}
