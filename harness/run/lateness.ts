/** How late the lab was for one call: by canaries, pulses, stalls of this process, and the call's own messages. */
import { HANG_UP_AFTER_RINGING_MS } from '../model/words.ts';
import { beatsOf } from './canary-times.ts';
import { isFor, trapsNeeded } from './needed-canaries.ts';
import type { CallRecord } from './observe.ts';
import type { Beat } from './pulse.ts';
import type { WireMessage } from './wire-log.ts';

interface CallTimes {
  /** Of the call, in order of time. */
  readonly messages: readonly WireMessage[];
  readonly startEpochMs: number;
  /**
   * From its start to its last message at the caller, and to the end of its window. A call whose caller has no final response is over
   * with its window: a caller that was ended because this process stood still, had its last message before that.
   */
  readonly callEndMs: number;
  readonly endMs: number;
}

export function latenessOf(record: CallRecord, { messages, startEpochMs, callEndMs, endMs }: CallTimes): number {
  return Math.max(
    heldUpMs(record, startEpochMs, startEpochMs + callEndMs),
    canariesLostMs(record, startEpochMs, startEpochMs + endMs),
    cancelAnswerMs(messages),
    byePassedOnMs(messages),
    gaveUpLateMs(record, messages, startEpochMs),
  );
}

/** How late everybody was while the call was under way; canaries of every trap and policy tell, and the server's pulse. */
function heldUpMs({ canaries, stalls, beats }: CallRecord, startEpochMs: number, endEpochMs: number): number {
  const during = (from: number, to: number): boolean => from <= endEpochMs && to >= startEpochMs;
  let latest = 0;
  for (const stall of stalls) {
    if (during(stall.startEpochMs, stall.endEpochMs)) latest = Math.max(latest, stall.endEpochMs - stall.startEpochMs);
  }
  const answered = ({ answeredEpochMs }: Beat): number => answeredEpochMs ?? endEpochMs;
  for (const beat of beats) {
    if (during(beat.dueEpochMs, answered(beat))) latest = Math.max(latest, answered(beat) - beat.dueEpochMs);
  }
  for (const { call, reachedEpochMs } of canaries) {
    if (reachedEpochMs === null || !during(call.sentEpochMs, call.doneEpochMs)) continue;
    for (const beat of beatsOf(call, reachedEpochMs)) latest = Math.max(latest, answered(beat) - beat.dueEpochMs);
  }
  return latest;
}

/**
 * For how long a canary that this call needs got nowhere, though its trap lives: another got there later. A trap that died
 * is another matter, and calling it again is of no use.
 */
function canariesLostMs({ canaries, cell }: CallRecord, startEpochMs: number, endEpochMs: number): number {
  const needed = canaries.filter(({ call }) => isFor(cell, [...trapsNeeded(cell), 'phone'], call));
  const lostMs = [...Map.groupBy(needed, ({ call }) => call.canary.key).values()].flatMap((own) => {
    const first = own.findLastIndex(({ call }) => call.doneEpochMs <= startEpochMs);
    const last = own.findIndex(({ call }) => call.sentEpochMs >= endEpochMs);
    const lastReached = own.findLastIndex(({ reachedEpochMs }) => reachedEpochMs !== null);
    return own
      .slice(Math.max(0, first), Math.min(last === -1 ? own.length : last + 1, Math.max(0, lastReached)))
      .flatMap(({ call, reachedEpochMs }) => (reachedEpochMs === null ? [call.doneEpochMs - call.sentEpochMs] : []));
  });
  return Math.max(0, ...lostMs);
}

/** From the caller's CANCEL to the first that was heard of it (RFC 3261 9.2: answered at once); 0 without one. */
function cancelAnswerMs(messages: readonly WireMessage[]): number {
  const cancel = messages.find(({ method, from }) => method === 'CANCEL' && from === 'caller');
  if (cancel === undefined) return 0;
  const heard = messages.find(
    ({ to, status, cseqMethod, atEpochMs }) =>
      to === 'caller' &&
      atEpochMs >= cancel.atEpochMs &&
      (cseqMethod === 'CANCEL' || (cseqMethod === 'INVITE' && (status ?? 0) >= 200)),
  );
  return heard === undefined ? 0 : heard.atEpochMs - cancel.atEpochMs;
}

/** From the caller's BYE to that of whoever had answered: a server that is slow makes a long call of a short one. */
function byePassedOnMs(messages: readonly WireMessage[]): number {
  const bye = messages.find(({ method, from }) => method === 'BYE' && from === 'caller');
  if (bye === undefined) return 0;
  const passedOn = messages.find(
    ({ method, from, to, atEpochMs }) =>
      method === 'BYE' && from === 'server' && to !== 'caller' && atEpochMs >= bye.atEpochMs,
  );
  return passedOn === undefined ? 0 : passedOn.atEpochMs - bye.atEpochMs;
}

/**
 * By how much a caller of ours was late to give up, by the time that its situation gives it: SIPp and the application have clocks
 * of their own, which no canary and no pulse tells of. Where somebody answered first, it never came to it.
 */
function gaveUpLateMs(
  { cell, callerUnderTest }: CallRecord,
  messages: readonly WireMessage[],
  startEpochMs: number,
): number {
  const { application, caller } = cell.scenario;
  // A challenge, before it, ended another attempt.
  const atCaller = messages.filter(
    ({ from, to, atEpochMs }) => (from === 'caller' || to === 'caller') && atEpochMs >= startEpochMs,
  );
  const end = atCaller.find(
    ({ method, from, status, cseqMethod }) =>
      (method === 'CANCEL' && from === 'caller') || (cseqMethod === 'INVITE' && (status ?? 0) >= 200),
  );
  if (end === undefined) return 0;
  if (application?.next !== undefined) return end.atEpochMs - startEpochMs - application.alertMs;
  if (caller !== 'hang-up-while-ringing' || callerUnderTest === true) return 0;
  // SIPp begins anew with each provisional response.
  const rang = atCaller
    .slice(0, atCaller.indexOf(end))
    .findLast(({ status, cseqMethod }) => cseqMethod === 'INVITE' && (status ?? 0) >= 180);
  return rang === undefined ? 0 : end.atEpochMs - rang.atEpochMs - HANG_UP_AFTER_RINGING_MS;
}
