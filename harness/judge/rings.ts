/** For how long somebody was offered a call, and what else than a header may have made it shorter. */
import type { Leg, Observation } from '../model/observation.ts';
import { isBeside, NEXT } from './reached.ts';

/** Two calls whose timers are the same end within this of each other; Kamailio's timers run up to 130 ms long. */
export const TIMERS_DIFFER_MS = 150;
/** A ring that is not even this part of the control's is another one. */
const WELL_BEFORE = 2 / 3;

export function isWellBelow(ms: number, usualMs: number): boolean {
  return ms < usualMs * WELL_BEFORE && usualMs - ms > TIMERS_DIFFER_MS;
}

/** By one measure or the other. */
export function isBelow(ms: number, usualMs: number): boolean {
  return ms < usualMs * WELL_BEFORE || usualMs - ms > TIMERS_DIFFER_MS;
}

export interface Ring {
  readonly ms: number;
  /** How long after the server had the call: at least, and at most. */
  readonly asked: { readonly leastMs: number; readonly mostMs: number };
  /** The server took it back, not the caller, and for nobody else. */
  readonly cut: boolean;
  /** By whoever was rung: no timer of the server's ended it. */
  readonly answered: boolean;
}

/**
 * The longest that a role was offered the call. A ring is over when the caller is refused, when somebody has taken the call, and when
 * it is at its next destination, whatever the phone knows of it: one whose CANCEL was lost rings on until it is sent again, T1 or more
 * later (RFC 3261 17.1.2.2), and one that gets none rings on for good.
 */
export function longest({ legs, caller }: Observation, role: Leg['role']): Ring | null {
  const answeredBeside = legs.some((leg) => leg.answered && isBeside(leg.role));
  const { cancelledMs } = caller;
  const takenMs = caller.answers.map(({ atMs }) => atMs).toSorted((one, other) => one - other);
  const rings = legs
    .filter((leg) => leg.role === role)
    .map(({ startMs, endMs, result, answered }) => {
      const next = legs.filter((other) => NEXT.has(other.role) && other.startMs > startMs);
      const overMs = answered
        ? (takenMs.find((atMs) => atMs >= startMs) ?? Number.POSITIVE_INFINITY)
        : Math.min(
            endMs ?? Number.POSITIVE_INFINITY,
            refusedMs(caller),
            ...takenMs,
            ...next.map((other) => other.startMs),
          );
      return {
        asked: askedAfter(caller, startMs),
        ms: Math.max(0, overMs - startMs),
        cut:
          (result === 'cancelled' || result === 'open') &&
          Number.isFinite(overMs) &&
          !answeredBeside &&
          (cancelledMs === null || overMs < cancelledMs),
        answered,
      };
    });
  return rings.toSorted((a, b) => b.ms - a.ms)[0] ?? null;
}

/**
 * What the server said first came when it had the call, or some time after: the caller's own INVITE may be the one that was lost, or
 * the server's 100. One that spoke only afterwards may have had the call at once, or only when it asked.
 */
function askedAfter({ provisionals, finalMs }: Observation['caller'], startMs: number): Ring['asked'] {
  const sinceWordMs = startMs - Math.min(provisionals[0]?.atMs ?? startMs, finalMs ?? startMs);
  return sinceWordMs > 0 ? { leastMs: sinceWordMs, mostMs: sinceWordMs } : { leastMs: 0, mostMs: startMs };
}

/** By how much a ring came later than another after the server had the call: at least, and at most. */
export function laterThan(own: Ring, usual: Ring): Ring['asked'] {
  return { leastMs: own.asked.leastMs - usual.asked.mostMs, mostMs: own.asked.mostMs - usual.asked.leastMs };
}

/** When the server refused the call by itself, since the INVITE; Infinity where it did not. */
export function refusedMs({ finalStatus, finalMs, cancelledMs }: Observation['caller']): number {
  if (finalMs === null || (finalStatus ?? 0) < 300) return Number.POSITIVE_INFINITY;
  return cancelledMs === null || finalMs < cancelledMs ? finalMs : Number.POSITIVE_INFINITY;
}

/**
 * @param laterMs by how much its INVITE came later, at most: one that was lost is sent again after T1 (RFC 3261 17.1.1.2), one that the
 *   server was slow with comes when it comes, and the server's own timer has run meanwhile
 */
export function explainedOtherwise(shorterMs: number, lateMs: number, laterMs: number): string | null {
  if (shorterMs <= lateMs) return 'the lab was late by as much, so that proves nothing';
  return shorterMs > lateMs + Math.max(0, laterMs) ? null : cameLater(laterMs);
}

export function cameLater(laterMs: number): string {
  return `its INVITE came ${Math.round(laterMs)} ms later than the control's, as one does that was lost and sent again, or that a busy server was slow with`;
}
