import type { CanaryCall } from './canary.ts';
import { legsOf } from './legs.ts';
import type { SeenCanary } from './observe.ts';
import type { WireMessage } from './wire-log.ts';

/** When each canary call reached its trap, by the trap's own record of what was on the wire. */
export function sightings(
  calls: readonly CanaryCall[],
  atEndpoints: ReadonlyMap<string, readonly WireMessage[]>,
): SeenCanary[] {
  return calls
    .toSorted((a, b) => a.sentEpochMs - b.sentEpochMs)
    .map((call) => {
      if (call.canary.trap === 'missed-call-inbox') {
        return { call, reachedEpochMs: call.outcome === 'filed' ? call.doneEpochMs : null };
      }
      // That the trap answered in time is the caller's word as well: a record out of a control protocol may be read later.
      if (call.outcome !== 'answered') return { call, reachedEpochMs: null };
      const leg = legsOf(atEndpoints.get(call.canary.key) ?? [], 0).find(
        ({ role, answered, startMs }) =>
          role === call.canary.trap && answered && startMs >= call.sentEpochMs && startMs <= call.doneEpochMs,
      );
      return { call, reachedEpochMs: leg?.startMs ?? null };
    });
}
