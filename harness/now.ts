/**
 * Milliseconds since the epoch, with fractions, on a clock that nobody sets while a run goes on: everything of ours is stamped
 * by it. `Date.now()` is whole milliseconds of a clock that jumps.
 */
export function nowEpochMs(): number {
  return performance.timeOrigin + performance.now();
}
