/** Whether an application that has the call in its hands did with it what it is for. */
import type { Check } from '../model/checks.ts';
import type { Answer, Observation } from '../model/observation.ts';
import type { CellResult } from '../model/results.ts';
import type { Scenario } from '../model/scenario.ts';
import { TRAP_NAMES } from '../model/words.ts';
import type { Outcome } from './case.ts';
import { aside, check } from './check.ts';

/** @returns nothing where there is no application */
export function applicationCheck({ application }: Scenario, seen: Observation, outcome: Outcome): Check[] {
  if (application === undefined) return [];
  const { next, knows, parallel, roundRobin } = application;
  if (knows !== undefined) return isSuccess(seen.caller.finalStatus) ? [hangingUp(seen, knows)] : [];
  if (next === undefined) return [];
  const [earliest] = seen.caller.answers;
  if (outcome === 'engaged' && earliest !== undefined) {
    return [aside('application', `the customer got ${nameOf(earliest.by)}${customer(seen)}`)];
  }
  const turns = seen.b2bua?.others.filter(({ role }) => role === next) ?? [];
  const before = turns.some(({ startMs, result }) => startMs < 0 && result === 'cancelled');
  const served = turns.some(({ answered }) => answered) && (before || roundRobin !== true);
  const isThrough = isSuccess(seen.b2bua?.finalStatus);
  const gaveUp =
    seen.caller.cancelledMs === null
      ? 'did not give the callee up'
      : `gave the callee up after ${Math.round(seen.caller.cancelledMs)} ms`;
  const whom = next === 'voicemail' ? 'voice mail by its address' : 'the next agent';
  const first = before ? 'another agent first, ' : '';
  const text = `the application called ${first}${whom} ${parallel === true ? 'at once' : 'next'} and ${gaveUp}`;
  return [
    check(
      'application',
      served && isThrough ? null : `${text}, and the customer was not put through${customer(seen)}`,
      `${text}; ${whom} answered the customer`,
    ),
  ];
}

function nameOf(by: Answer['by']): string {
  if (by === null) return 'somebody who is not on record';
  return by === 'phone' ? "the callee's own phone" : TRAP_NAMES[by];
}

/** By which signs, how soon, and what was left: of an answered call, where the application is there to hang up. */
export function hangUpOf({ application }: Scenario, seen: Observation): CellResult['observed']['hangUp'] {
  const { finalStatus, finalMs, byeMs } = seen.caller;
  if (application?.knows === undefined || !isSuccess(finalStatus)) return undefined;
  const isThrough = isSuccess(seen.b2bua?.finalStatus);
  const left = (wanted: string): boolean => seen.notifications.some(({ kind }) => kind === wanted);
  return {
    signs: application.hangsUpOn ?? [],
    afterMs: isThrough || finalMs === null || byeMs === null ? null : byeMs - finalMs,
    message: left('voice-message'),
    missedCall: left('missed-call'),
  };
}

/** Recognised, a greeting is hung up on: a missed call remains, and no message. Whoever is not taken for voice mail gets the customer. */
function hangingUp(seen: Observation, knows: boolean): Check {
  const { finalMs, byeMs } = seen.caller;
  const isThrough = isSuccess(seen.b2bua?.finalStatus);
  const left = seen.notifications.map(({ kind }) => kind);
  const afterMs = finalMs === null || byeMs === null ? null : Math.round(byeMs - finalMs);
  const noted = left.join(' and ') || 'nothing';
  const hungUp = byeMs === null ? `did not hang up${customer(seen)}` : `hung up ${afterMs ?? '?'} ms after the answer`;
  const text = isThrough ? `the customer was put through, and left ${noted}` : `${hungUp}; noted: ${noted}`;
  const byVoicemail = seen.caller.answers.some(({ by }) => by === 'voicemail');
  const isNoted = left.includes('missed-call') && !left.includes('voice-message');
  const isKnown = !isThrough && afterMs !== null && (isNoted || !byVoicemail);
  if (knows ? isKnown : isThrough) return check('application', null, text);
  return check(
    'application',
    `the application was ${knows ? '' : 'not '}to know voice mail by these signs, and ${text}`,
    text,
  );
}

function isSuccess(status: number | null | undefined): boolean {
  return status != null && status >= 200 && status < 300;
}

function customer({ b2bua }: Observation): string {
  return ` (final ${b2bua?.finalStatus ?? 'none'})`;
}
