/** `Date.now()` is whole milliseconds, rounded down. */
const WHOLE_MS = 1;
/** More than any machine needs to see the wall's clock tick; a clock that stands still shall not stop us. */
const MOST_LOOKS = 200_000;

export interface Clocks {
  /** When the monotonic clock began, by the clock on the wall. */
  readonly originEpochMs: number;
  readonly monotonicMs: () => number;
  /** Whole milliseconds. */
  readonly wallEpochMs: () => number;
}

/**
 * By how much `originEpochMs` is too early; 0 when nothing speaks against it. Node reads two clocks one after the other when a
 * process begins; one that is held up in between is behind for all its life (of 60 processes two were, by seven and eight
 * milliseconds), and what it stamps stands before its cause in the records of others.
 */
export function originErrorMs({ originEpochMs, monotonicMs, wallEpochMs }: Clocks): number {
  const look = () => ({
    before: originEpochMs + monotonicMs(),
    wall: wallEpochMs(),
    after: originEpochMs + monotonicMs(),
  });
  let seen = look();
  if (seen.after >= seen.wall && seen.before < seen.wall + WHOLE_MS) return 0;
  // Exact only in the moment in which the wall's clock ticks, and when nothing holds us up between the two.
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const last = seen.wall;
    seen = look();
    if (seen.wall === last + WHOLE_MS && seen.after - seen.before < WHOLE_MS / 10) break;
  }
  return seen.wall - seen.before;
}

const TOO_EARLY_MS = originErrorMs({
  originEpochMs: performance.timeOrigin,
  monotonicMs: () => performance.now(),
  wallEpochMs: () => Date.now(),
});

/**
 * Milliseconds since the epoch, with fractions, on a clock that nobody sets while a run goes on: everything of ours is stamped
 * by it. `Date.now()` is whole milliseconds of a clock that jumps.
 */
export function nowEpochMs(): number {
  return performance.timeOrigin + TOO_EARLY_MS + performance.now();
}
