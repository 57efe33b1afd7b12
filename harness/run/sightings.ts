import type { Leg, HeaderCanary as SeenHeaderCanary } from '../model/observation.ts';
import type { InnerVoicemailWord } from '../model/server.ts';
import { headerKey } from '../sip/index.ts';
import type { HeaderCanary } from './canary.ts';
import type { CanaryCall } from './canary-caller.ts';
import { evidenceOf } from './inner-voicemail.ts';
import { legsOf } from './legs.ts';
import type { SeenCanary } from './near-canaries.ts';
import { headerKeysOf, type WireMessage } from './wire-log.ts';

type Messages = ReadonlyMap<string, readonly WireMessage[]>;

/** When each canary call reached its trap, by the trap's own record of what was on the wire. */
export function sightings(
  calls: readonly CanaryCall[],
  messages: Messages,
  inner: InnerVoicemailWord | null = null,
): SeenCanary[] {
  // The canaries of all rounds to a trap have one key: their legs are looked for once.
  const known = new Map<string, readonly Leg[]>();
  const legsTo = (key: string): readonly Leg[] => {
    const legs = known.get(key) ?? legsOf(messages.get(key) ?? [], 0);
    known.set(key, legs);
    return legs;
  };
  return calls
    .toSorted((a, b) => a.sentEpochMs - b.sentEpochMs)
    .map((call) => {
      if (call.canary.trap === 'missed-call-inbox') {
        return { call, reachedEpochMs: call.outcome === 'filed' ? call.doneEpochMs : null };
      }
      // That the trap answered in time is the caller's word as well: a record out of a control protocol may be read later.
      if (call.outcome !== 'answered') return { call, reachedEpochMs: null };
      const answering = legsTo(call.canary.key).filter(
        ({ answered, startMs }) => answered && startMs >= call.sentEpochMs && startMs <= call.doneEpochMs,
      );
      if (inner !== null && call.canary.trap === 'voicemail') {
        const by = evidenceOf(call, { word: inner, answeredElsewhere: answering.length > 0 });
        return { call, reachedEpochMs: by.length === 0 ? null : (call.answer?.atEpochMs ?? null), by };
      }
      const leg = answering.find(({ role }) => role === call.canary.trap);
      return { call, reachedEpochMs: leg?.startMs ?? null };
    });
}

/** A refusal that takes longer is rather one that the server was left to make: it got no answer. */
const DECIDED_WITHIN_MS = 1000;

/** What became of the canaries that carry a variant's header, by `policy variant`. */
export function headerSightings(calls: readonly CanaryCall[], messages: Messages): Map<string, SeenHeaderCanary> {
  return new Map(
    calls.map((call) => {
      const { policy, variant, headers, key } = call.canary as HeaderCanary;
      const invite = messages.get(key)?.find(({ to, method }) => to === 'phone' && method === 'INVITE');
      const arrived = invite === undefined ? new Set<string>() : headerKeysOf(invite);
      const decided = /^final [3-6]/.test(call.outcome) && call.doneEpochMs - call.sentEpochMs <= DECIDED_WITHIN_MS;
      const outcome = invite !== undefined ? 'reached' : decided ? 'refused' : 'silent';
      const passedOn = Object.keys(headers)
        .map(headerKey)
        .filter((name) => arrived.has(name));
      return [`${policy} ${variant}`, { outcome, passedOn, seen: call.outcome }] as const;
    }),
  );
}

/**
 * How many 181 Call Is Being Forwarded this server says of every call, whatever becomes of it: the least that a canary was
 * told which a phone took. One that was for a phone, and that somebody else answered, was forwarded indeed.
 */
export function forwardingsOfServer(canaries: readonly SeenCanary[]): number {
  const answered = canaries.filter(
    ({ call: { canary }, reachedEpochMs }) =>
      canary.trap === 'phone' && !('headers' in canary) && reachedEpochMs !== null,
  );
  return answered.length === 0 ? 0 : Math.min(...answered.map(({ call }) => call.forwardings ?? 0));
}

/** Names of header fields that the server puts into calls that came without: what canaries without a header brought. */
export function headersOfServer(calls: readonly CanaryCall[], messages: Messages): Set<string> {
  const plain = calls.filter(({ canary }) => canary.trap === 'phone' && !('headers' in canary));
  const invites = plain.flatMap(({ canary }) =>
    (messages.get(canary.key) ?? []).filter(({ to, method }) => to === 'phone' && method === 'INVITE'),
  );
  return new Set(invites.flatMap((invite) => [...headerKeysOf(invite)]));
}
