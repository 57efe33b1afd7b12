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
      const during = (atEndpoints.get(call.canary.key) ?? []).filter(
        (message) => message.atEpochMs >= call.sentEpochMs && message.atEpochMs <= call.doneEpochMs,
      );
      const leg = legsOf(during, 0).find((each) => each.role === call.canary.trap && each.answered);
      return { call, reachedEpochMs: leg?.startMs ?? null };
    });
}
