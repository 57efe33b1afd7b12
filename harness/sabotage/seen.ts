/** What of a sabotage can be read in the record of the calls that it is meant for. */
import type { Observation, Role } from '../model/observation.ts';

type TookPlace = (seen: readonly Observation[]) => boolean;

export const anyCall =
  (shows: (seen: Observation) => boolean): TookPlace =>
  (seen) =>
    seen.some(shows);

export const endedWith = (...statuses: readonly number[]): TookPlace =>
  anyCall(({ caller }) => caller.finalStatus !== null && statuses.includes(caller.finalStatus));

export const reached = (...roles: readonly Role[]): TookPlace =>
  anyCall(({ legs }) => legs.some(({ role }) => roles.includes(role)));

/** Somewhere that is no phone of the callee's. */
export const diverted: TookPlace = anyCall(
  ({ legs, notifications }) => legs.some(({ role }) => role !== 'phone') || notifications.length > 0,
);

/** The caller was answered, and nobody whose leg is on record did it. */
export const answeredByNobody: TookPlace = anyCall(
  ({ caller, legs }) => caller.finalStatus === 200 && !legs.some(({ answered }) => answered),
);

/** A message of the call that went to this role. */
export const sent = (to: Role, pattern: RegExp): TookPlace =>
  anyCall(({ messages }) => messages.some((message) => message.to === to && pattern.test(message.raw)));
