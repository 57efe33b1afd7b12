/** Which canaries stand beside a call, before it and after its window. Pure. */
import type { CanarySighting, Observation } from '../model/observation.ts';
import type { InnerEvidence } from '../model/words.ts';
import type { Cell } from '../plan/plan.ts';
import type { Canary } from './canary.ts';
import type { CanaryCall } from './canary-caller.ts';
import { calleeOf } from './lodger.ts';
import { isFor } from './needed-canaries.ts';

/** A canary call, and when its trap was seen to be reached; null when it was not. */
export interface SeenCanary {
  readonly call: CanaryCall;
  readonly reachedEpochMs: number | null;
  /** Of a voice mail inside of the server: what showed it. */
  readonly by?: readonly InnerEvidence[];
}

/** A call's cell, and all the canaries of the run in the order in which they were called. */
interface Called {
  readonly cell: Cell;
  readonly canaries: readonly SeenCanary[];
}

type Sightings = Observation['phoneCanary'];

/**
 * The last canaries whose traps were reached before the call, and the first that were called after the window. An inbox
 * is filled from two sides, by the server and by voice mail, so both must be alive.
 */
export function nearestCanaries(
  record: Called,
  traps: readonly Canary['trap'][],
  startEpochMs: number,
  endEpochMs: number,
): Sightings {
  const { canaries, cell } = record;
  const picked = traps.map((trap) => ({
    before: sighting(
      canaries.findLast(({ call }) => call.doneEpochMs <= startEpochMs && isFor(cell, [trap], call)),
      startEpochMs,
    ),
    after: sighting(
      canaries.find(({ call }) => call.sentEpochMs >= endEpochMs && isFor(cell, [trap], call)),
      startEpochMs,
    ),
  }));
  return { before: worst(picked.map((each) => each.before)), after: worst(picked.map((each) => each.after)) };
}

/** A canary to a phone that failed while the call was under way counts as the next one. */
export function phoneCanary(record: Called, startEpochMs: number, endEpochMs: number): Sightings {
  const { before, after } = nearestCanaries(record, ['phone'], startEpochMs, endEpochMs);
  const [dead] = failedBetween(record, ['phone'], startEpochMs, endEpochMs);
  return { before, after: sighting(dead, startEpochMs) ?? after };
}

export function failedBetween(
  { canaries, cell }: Called,
  traps: readonly Canary['trap'][],
  startEpochMs: number,
  endEpochMs: number,
): SeenCanary[] {
  return canaries.filter(
    ({ call, reachedEpochMs }) =>
      reachedEpochMs === null &&
      call.doneEpochMs >= startEpochMs &&
      call.sentEpochMs <= endEpochMs &&
      isFor(cell, traps, call),
  );
}

/** One that somebody answered failed all the same where nothing shows that its trap was reached. */
export function howFailed({ outcome }: CanaryCall): string {
  return outcome === 'answered' ? 'it was answered, and nothing shows by whom' : outcome;
}

function sighting(seen: SeenCanary | undefined, startEpochMs: number): CanarySighting | null {
  if (seen === undefined) return null;
  return {
    sentMs: seen.call.sentEpochMs - startEpochMs,
    reachedMs: seen.reachedEpochMs === null ? null : seen.reachedEpochMs - startEpochMs,
    ...(seen.reachedEpochMs === null && { failed: `to ${calleeOf(seen.call.canary).user}: ${howFailed(seen.call)}` }),
    ...(seen.by !== undefined && { by: [...seen.by] }),
  };
}

/** Missing is worse than unreached is worse than late. */
function worst(sightings: readonly (CanarySighting | null)[]): CanarySighting | null {
  return sightings.reduce((worse, each) => {
    if (worse === null || each === null) return null;
    if (worse.reachedMs === null) return worse;
    return each.reachedMs === null || each.reachedMs > worse.reachedMs ? each : worse;
  });
}
