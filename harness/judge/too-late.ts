/**
 * Whether the callee's phone had the time that it needs, and was heard in time: what the network and a busy machine take from it is not
 * the server's doing.
 */
import { answerAfterMs, answersWithinMs, calleePhone, playOf } from '../model/callee.ts';
import type { Leg, Observation } from '../model/observation.ts';
import { TRAP_NAMES } from '../model/words.ts';
import type { Case } from './case.ts';
import { cameTo, isBeside, NEXT, phoneLegs } from './reached.ts';
import { cameLater, explainedOtherwise, laterThan, longest, refusedMs, TIMERS_DIFFER_MS } from './rings.ts';

/** Why the callee's phone did not come to ring, or to answer; one clause, null where it had the time to. */
export function phoneTooLate(item: Case): string | null {
  return overtaken(item.seen) ?? speechless(item.seen) ?? timedOut(item.seen, item.control) ?? askedTooLate(item);
}

/** Why the server went on without the phone's answer, though it waited for it; one clause, null where it did not wait or had it. */
export function answerTooLate(item: Case): string | null {
  return askedTooLate(item) ?? answerMissed(item);
}

/** A phone of ours that is in time has said 180 by then: it takes a few milliseconds. */
const PROMPT_MS = 20;

/** A lab that is no later than this is in time: a server that calls nobody is then to blame for it. */
const IN_TIME_MS = 150;

/**
 * Somebody beside it took the call before the callee's phone had said anything, which it was late with, or late to be
 * asked. A server that takes the call from it at once is another matter. One clause; null when it was not so.
 */
function overtaken(seen: Observation): string | null {
  const [beside] = seen.legs.flatMap(({ role, answered, startMs }) =>
    answered && isBeside(role) ? [{ name: TRAP_NAMES[role], startMs }] : [],
  );
  if (beside === undefined) return null;
  if (phoneLegs(seen).length === 0) return takenSoon(seen, beside.name);
  const phone = silentPhone(seen);
  if (phone === undefined || phone.endMs <= beside.startMs) return null;
  const silentMs = phone.endMs - phone.startMs;
  const laterMs = phone.startMs - beside.startMs;
  if (Math.max(silentMs, laterMs) <= PROMPT_MS) return null;
  const when = `${Math.round(Math.abs(laterMs))} ms ${laterMs > 0 ? 'before' : 'after'} it`;
  return `it had had the call for ${Math.round(silentMs)} ms and said nothing yet when ${beside.name}, called ${when}, took it: it was late, not left out`;
}

/** A call that was taken within the time by which everybody was late: the phone's INVITE may have been on its way. */
function takenSoon({ caller, lateMs }: Observation, byWhom: string): string | null {
  const [taken] = caller.answers;
  if (taken === undefined || lateMs <= IN_TIME_MS || taken.atMs > lateMs) return null;
  return `the lab was late by ${Math.round(lateMs)} ms, and ${byWhom} had taken the call after ${Math.round(taken.atMs)} ms`;
}

/**
 * The server took the call back from it when it had had the time to say something, and had not, in a lab that was late by as much: no
 * phone of ours is silent for that long otherwise. One clause; null when it was not so.
 */
function speechless(seen: Observation): string | null {
  const phone = silentPhone(seen);
  if (phone === undefined) return null;
  const silentMs = phone.endMs - phone.startMs;
  if (silentMs <= PROMPT_MS || silentMs > seen.lateMs) return null;
  return `it had had the call for ${Math.round(silentMs)} ms and said nothing yet when the server took it back, and the lab was late by ${Math.round(seen.lateMs)} ms`;
}

function silentPhone(seen: Observation): (Leg & { readonly endMs: number }) | undefined {
  return phoneLegs(seen).find(
    (leg): leg is Leg & { readonly endMs: number } => !leg.rang && leg.result === 'cancelled' && leg.endMs !== null,
  );
}

/**
 * The server's own timer is over before it, or the phone, has come to do anything: a server on a busy machine starts it before it
 * asks the phone. One clause; null when neither the lab nor the phone's INVITE was as late as that.
 */
function timedOut(seen: Observation, control: Observation | null): string | null {
  if (control === null) return null;
  const usual = longest(control, 'phone');
  if (usual === null || !usual.cut) return null;
  const lateMs = seen.lateMs + control.lateMs;
  const own = longest(seen, 'phone');
  const shorterMs = usual.ms - (own?.ms ?? 0) - TIMERS_DIFFER_MS;
  if (shorterMs > lateMs)
    return own === null ? null : explainedOtherwise(shorterMs, lateMs, laterThan(own, usual).mostMs);
  return `the lab was late by ${Math.round(lateMs)} ms, with its control, and the server lets a phone ring for ${Math.round(usual.ms)} ms, so that proves nothing`;
}

/**
 * A phone that was to answer was given up before it did, and its INVITE had come so late that it had no time to: as early as the
 * control's, it would have answered, or been found late itself. One clause; null when it was not so.
 */
function askedTooLate({ scenario, seen, control }: Case): string | null {
  const byMs = answersWithinMs(calleePhone(scenario));
  const usual = control === null ? null : longest(control, 'phone');
  const own = longest(seen, 'phone');
  if (byMs === null || usual === null || own === null) return null;
  const { mostMs: laterMs } = laterThan(own, usual);
  if (laterMs <= TIMERS_DIFFER_MS) return null;
  const gaveUp = own.cut ? own.ms + laterMs > byMs : answeredAfterwards(seen);
  return gaveUp ? cameLater(laterMs) : null;
}

/** It answered when the server had told the caller otherwise, or was just about to. */
function answeredAfterwards(seen: Observation): boolean {
  const toldMs = seen.caller.finalMs ?? Number.POSITIVE_INFINITY;
  return phoneLegs(seen).some(
    ({ unheardAnswerMs = Number.NEGATIVE_INFINITY }) => unheardAnswerMs > toldMs - TIMERS_DIFFER_MS,
  );
}

/**
 * The phone was to answer, and the server went on when it should have. The caller got that answer after all, or the server had had no
 * more than two chances to: an answer that is lost is sent again (RFC 3261 13.3.1.4), or somebody was slow with it. A server that keeps
 * answers from the caller is another matter. One clause.
 */
function answerMissed({ scenario, seen, transport = 'udp' }: Case): string | null {
  const behaviour = calleePhone(scenario);
  const [phone] = phoneLegs(seen).filter(({ answered }) => answered);
  if (playOf(behaviour) !== 'answer' || phone === undefined) return null;
  const wentOnMs = Math.min(
    refusedMs(seen.caller),
    cameTo(seen, (role) => NEXT.has(role)),
  );
  if (wentOnMs < phone.startMs + answerAfterMs(behaviour)) return null;
  const answer = seen.caller.answers.find(({ by, atMs }) => by === 'phone' && atMs >= wentOnMs);
  if (answer !== undefined) {
    return `the caller got the answer of the callee's own phone after that, ${Math.round(answer.atMs)} ms after the INVITE, as one that was lost and sent again, or that somebody was slow with`;
  }
  const { unheardAnswerMs } = phone;
  const isLossy = transport === 'udp' && unheardAnswerMs !== undefined;
  if (!isLossy || wentOnMs > unheardAnswerMs + THIRD_ANSWER_MS + seen.lateMs) return null;
  return `the callee's own phone answered ${Math.round(unheardAnswerMs)} ms after the INVITE, and until then sent that at most once more: what is sent over UDP may be lost`;
}

/** T1, and 2 T1 after that. That three in a row are lost nobody need believe. */
const THIRD_ANSWER_MS = 1500;
