/** Whether the clocks behind a record agree: an effect that stands before its cause says that they do not. Pure. */
import type { Leg, Notification } from '../model/observation.ts';
import { placedInvite } from './challenge.ts';
import type { WireMessage } from './wire-log.ts';

/** The most by which SIPp's stamp of what it sent may be late on a machine that keeps time: about 2 ms were seen. */
export const LATE_STAMP_MS = 50;
/**
 * SIPp writes a message into its trace after it has sent it. On a busy machine it may be kept from that for this long;
 * more is another clock.
 */
const BUSY_STAMP_MS = 500;
/** So many calls are not all stamped late. */
const ENOUGH_CALLS = 5;

/** The caller's INVITE with its stamp corrected, and by how much it was late. */
export interface Corrected {
  readonly messages: readonly WireMessage[];
  readonly lateMs: number;
}

/**
 * The INVITE cannot have arrived before it left, so it left when an endpoint got it, at the latest. A stamp that is late by
 * more than a busy machine explains is no matter of stamps, and stays where it is for {@link causeTroubles} to see.
 */
export function causesFirst(messages: readonly WireMessage[]): Corrected {
  const { invite, arrival } = inviteAndArrival(messages);
  if (invite === undefined || arrival === undefined) return { messages, lateMs: 0 };
  const lateMs = invite.atEpochMs - arrival.atEpochMs;
  if (lateMs <= 0 || lateMs > BUSY_STAMP_MS) return { messages, lateMs: Math.max(0, lateMs) };
  const others = messages.filter((message) => message !== invite);
  const at = others.indexOf(arrival);
  return { messages: others.toSpliced(at, 0, { ...invite, atEpochMs: arrival.atEpochMs }), lateMs };
}

function inviteAndArrival(messages: readonly WireMessage[]): {
  readonly invite: WireMessage | undefined;
  readonly arrival: WireMessage | undefined;
} {
  return {
    invite: placedInvite(messages),
    arrival: messages.find(({ from, to, method }) => from === 'server' && to !== 'caller' && method === 'INVITE'),
  };
}

/** Legs and notices that stand before the INVITE that they came of, and answers that arrived before they were given. */
export function causeTroubles(call: {
  readonly messages: readonly WireMessage[];
  readonly legs: readonly Leg[];
  readonly notifications: readonly Notification[];
}): string[] {
  const early = (what: string, atMs: number): string =>
    `${what} stands ${Math.round(-atMs)} ms before the INVITE that it came of: the clocks of the record do not agree`;
  return [
    ...call.legs.filter(({ startMs }) => startMs < 0).map(({ role, startMs }) => early(`the leg to ${role}`, startMs)),
    ...call.notifications
      .filter(({ atMs }) => atMs < -LATE_STAMP_MS)
      .map(({ kind, atMs }) => early(`the ${kind} notice`, atMs)),
    ...answersBeforeGiven(call.messages),
  ];
}

/**
 * What arrives is stamped late if at all, so a response at the caller before its sender's stamp is another clock. A 100 goes one
 * hop (RFC 3261 16.7), so that the caller's is the server's own; to an INVITE in a dialog both carry the dialog's tag.
 */
function answersBeforeGiven(messages: readonly WireMessage[]): string[] {
  const given = new Map<string, number>();
  const troubles: string[] = [];
  for (const { from, status, toTag, cseqMethod, atEpochMs } of messages) {
    if (from === 'caller' || from === 'server' || cseqMethod !== 'INVITE') continue;
    if (status === null || status === 100 || toTag === null) continue;
    const id = `${status} ${toTag}`;
    if (!given.has(id)) given.set(id, atEpochMs);
  }
  for (const { to, status, toTag, cseqMethod, atEpochMs } of messages) {
    if (to !== 'caller' || cseqMethod !== 'INVITE') continue;
    const sentEpochMs = given.get(`${status} ${toTag}`);
    if (sentEpochMs === undefined || atEpochMs >= sentEpochMs - LATE_STAMP_MS) continue;
    const byMs = Math.round(sentEpochMs - atEpochMs);
    troubles.push(`the caller has a ${status} ${byMs} ms before it was sent: the clocks of the record do not agree`);
  }
  return troubles.slice(0, 1);
}

/**
 * How far a caller's clock is ahead of the endpoints', by the INVITEs of all its calls. Single stamps may be late; when
 * the earliest arrival of every call stands before its INVITE, the clock is ahead.
 *
 * @returns null when it is not, or no call reached an endpoint
 */
export function clockAheadMs(calls: Iterable<readonly WireMessage[]>): number | null {
  const aheadMs = [...calls].flatMap((messages) => {
    const { invite, arrival } = inviteAndArrival(messages);
    return invite === undefined || arrival === undefined ? [] : [invite.atEpochMs - arrival.atEpochMs];
  });
  const least = Math.min(...aheadMs);
  const explainedMs = aheadMs.length < ENOUGH_CALLS ? BUSY_STAMP_MS : LATE_STAMP_MS;
  return aheadMs.length > 0 && least > explainedMs ? least : null;
}
