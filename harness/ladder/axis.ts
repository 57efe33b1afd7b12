/** Events of two calls this close in time may stand on one line. Forks overtake each other by as much from call to call. */
const SAME_TIME_MS = 25;
/** Idle for longer than this is told in words, not drawn to scale. */
const IDLE_MS = 60;
/** More pairs than this are not worth aligning: a broken endpoint sends without end. */
const MOST_PAIRS = 1_000_000;

interface Timed {
  readonly atMs: number;
  readonly sort: string;
}

/** A line of the ladder: which event of either call stands on it, if any. */
export interface Slot {
  readonly own: number | null;
  readonly twin: number | null;
  readonly atMs: number;
  /** How long nothing happened before; null where that is not worth a word. */
  readonly idleBeforeMs: number | null;
}

/**
 * One time axis for two calls: a slot is a line of the ladder, the same for both. In each call the slots are in the
 * order of its events; events of both share a slot when they are of one sort, or nothing better is near, within
 * {@link SAME_TIME_MS}. Between slots, idle time is stated.
 *
 * @param own In order of time.
 * @param twin In order of time; empty when there is no control.
 */
export function commonAxis(own: readonly Timed[], twin: readonly Timed[]): Slot[] {
  const slots: Slot[] = [];
  let [i, j] = [0, 0];
  for (const [a, b] of [...pairs(own, twin), [own.length, twin.length]]) {
    const [end, twinEnd] = [a ?? 0, b ?? 0];
    while (i < end || j < twinEnd) {
      const ownNext = i < end ? at(own, i) : Number.POSITIVE_INFINITY;
      const twinNext = j < twinEnd ? at(twin, j) : Number.POSITIVE_INFINITY;
      if (ownNext <= twinNext) slots.push(slot(i++, null, ownNext));
      else slots.push(slot(null, j++, twinNext));
    }
    if (i < own.length && j < twin.length) slots.push(slot(i++, j++, Math.min(at(own, end), at(twin, twinEnd))));
  }
  return withIdle(slots, own, twin);
}

function at(events: readonly Timed[], index: number): number {
  return events[index]?.atMs ?? 0;
}

function slot(own: number | null, twin: number | null, atMs: number): Slot {
  return { own, twin, atMs, idleBeforeMs: null };
}

/**
 * Which events share a slot: the cheapest alignment, where two of a sort together cost nothing, two of different sorts a
 * little less than two slots.
 */
function pairs(own: readonly Timed[], twin: readonly Timed[]): [number, number][] {
  const [n, m] = [own.length, twin.length];
  if (n * m > MOST_PAIRS) return [];
  const width = m + 1;
  const cost = new Float32Array((n + 1) * width);
  for (let i = n; i >= 0; i -= 1) {
    for (let j = m; j >= 0; j -= 1) {
      if (i === n || j === m) cost[i * width + j] = n - i + (m - j);
      else {
        const apart = 1 + Math.min(cost[(i + 1) * width + j] ?? 0, cost[i * width + j + 1] ?? 0);
        const together = (cost[(i + 1) * width + j + 1] ?? 0) + togetherCost(own[i], twin[j]);
        cost[i * width + j] = Math.min(apart, together);
      }
    }
  }
  const found: [number, number][] = [];
  let [i, j] = [0, 0];
  while (i < n && j < m) {
    const here = cost[i * width + j] ?? 0;
    const together = (cost[(i + 1) * width + j + 1] ?? 0) + togetherCost(own[i], twin[j]);
    if (Math.abs(together - here) < 0.01) found.push([i++, j++]);
    else if ((cost[(i + 1) * width + j] ?? 0) <= (cost[i * width + j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return found;
}

function togetherCost(a: Timed | undefined, b: Timed | undefined): number {
  if (a === undefined || b === undefined || Math.abs(a.atMs - b.atMs) > SAME_TIME_MS) return Number.POSITIVE_INFINITY;
  return a.sort === b.sort ? 0 : 1.5;
}

function withIdle(slots: readonly Slot[], own: readonly Timed[], twin: readonly Timed[]): Slot[] {
  let latest = Number.NEGATIVE_INFINITY;
  return slots.map((each) => {
    const idleMs = each.atMs - latest;
    const lasts = [each.own === null ? null : at(own, each.own), each.twin === null ? null : at(twin, each.twin)];
    latest = Math.max(latest, ...lasts.filter((time) => time !== null));
    return Number.isFinite(idleMs) && idleMs >= IDLE_MS ? { ...each, idleBeforeMs: idleMs } : each;
  });
}
