/** For how long somebody was offered a call, and what else than a header may have made it shorter. */
import type { Leg, Observation } from '../model/observation.ts';
import { BESIDE, NEXT } from './reached.ts';

/** Two calls whose timers are the same end within this of each other; Kamailio's timers run up to 130 ms long. */
export const TIMERS_DIFFER_MS = 150;
/** A ring that is not even this part of the control's is another one. */
const WELL_BEFORE = 2 / 3;

export function isWellBelow(ms: number, usualMs: number): boolean {
  return ms < usualMs * WELL_BEFORE && usualMs - ms > TIMERS_DIFFER_MS;
}

/**
 * The longest that a role was offered the call. A ring is over when the caller is refused, when somebody else has taken the call, and when
 * it is at its next destination, whatever the phone knows of it: one whose CANCEL was lost rings on until it is sent again, T1 or more
 * later (RFC 3261 17.1.2.2), and one that gets none rings on for good. `askedMs`: how long after the server had the call. `cut`: the
 * server took it back, not the caller, and for nobody else.
 */
export function longest(
  { legs, caller }: Observation,
  role: Leg['role'],
): { readonly askedMs: number; readonly ms: number; readonly cut: boolean } | null {
  const answeredBeside = legs.some((leg) => leg.answered && BESIDE.has(leg.role));
  const { cancelledMs, answers } = caller;
  const taken = answers.filter(({ by }) => by !== role).map(({ atMs }) => atMs);
  const rings = legs
    .filter((leg) => leg.role === role)
    .map(({ startMs, endMs, result }) => {
      const next = legs.filter((other) => NEXT.has(other.role) && other.startMs > startMs);
      const overMs = Math.min(
        endMs ?? Number.POSITIVE_INFINITY,
        refusedMs(caller),
        ...taken,
        ...next.map((other) => other.startMs),
      );
      return {
        askedMs: startMs - heardMs(caller, startMs),
        ms: Math.max(0, overMs - startMs),
        cut:
          (result === 'cancelled' || result === 'open') &&
          Number.isFinite(overMs) &&
          !answeredBeside &&
          (cancelledMs === null || overMs < cancelledMs),
      };
    });
  return rings.toSorted((a, b) => b.ms - a.ms)[0] ?? null;
}

/** When the server had the call, by its first word: the caller's own INVITE may be the one that was lost. 0 where it said nothing first. */
function heardMs({ provisionals }: Observation['caller'], byMs: number): number {
  const [first] = provisionals;
  return first !== undefined && first.atMs < byMs ? first.atMs : 0;
}

/** When the server refused the call by itself, since the INVITE; Infinity where it did not. */
export function refusedMs({ finalStatus, finalMs, cancelledMs }: Observation['caller']): number {
  if (finalStatus === null || finalMs === null || finalStatus < 300) return Number.POSITIVE_INFINITY;
  return cancelledMs === null || finalMs < cancelledMs ? finalMs : Number.POSITIVE_INFINITY;
}

/**
 * @param laterMs by how much its INVITE came later: one that was lost is sent again after T1 (RFC 3261 17.1.1.2), one that the
 *   server was slow with comes when it comes, and the server's own timer has run meanwhile
 */
export function explainedOtherwise(shorterMs: number, lateMs: number, laterMs: number): string | null {
  if (shorterMs <= lateMs) return 'the lab was late by as much, so that proves nothing';
  return shorterMs > lateMs + Math.max(0, laterMs) ? null : cameLater(laterMs);
}

export function cameLater(laterMs: number): string {
  return `its INVITE came ${Math.round(laterMs)} ms later than the control's, as one does that was lost and sent again, or that a busy server was slow with`;
}
