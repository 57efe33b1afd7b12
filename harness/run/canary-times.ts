import { type Canary, wayMs } from './canary.ts';
import type { Beat } from './pulse.ts';

/** A canary call, under way or over. */
export interface TimedCanary {
  readonly canary: Canary;
  readonly sentEpochMs: number;
  /** Of one that is to be missed: it rang, and the caller gave up. */
  readonly hungUpEpochMs?: number | undefined;
}

/**
 * What a canary call says of who kept time. One that is to be missed goes two ways, one after the other: until it rings, and from
 * there to the note. Taken together they are no delay that any call has had: on a busy machine both are long, and neither by as
 * much.
 *
 * @param reachedEpochMs null: not yet
 */
export function beatsOf({ canary, sentEpochMs, hungUpEpochMs }: TimedCanary, reachedEpochMs: number | null): Beat[] {
  const dueEpochMs = sentEpochMs + wayMs(canary);
  if (hungUpEpochMs === undefined) return [{ dueEpochMs, answeredEpochMs: reachedEpochMs }];
  return [
    { dueEpochMs, answeredEpochMs: hungUpEpochMs },
    { dueEpochMs: hungUpEpochMs, answeredEpochMs: reachedEpochMs },
  ];
}

/**
 * A round calls all at once, the first in code that has not run yet: on a quiet machine the last of 174 was answered after 216 ms
 * (measured). What goes beyond is lateness.
 */
export const ROUND_MS = 250;

/** Of so many calls that are over: two rounds and more. */
const LATELY = 100;

/**
 * Who keeps time at this moment, by canaries. Not by those that a server's timer leads, exact or not; and one that does not get
 * through is not late: its trap is dead, or this server has no way there.
 */
export class CanaryTimes {
  readonly #underWay = new Set<TimedCanary>();
  /** Canaries that got through the last time. */
  readonly #through = new Set<string>();
  #lately: readonly Beat[] = [];

  /** It may hang up from now on. */
  begun(call: TimedCanary): void {
    if (wayMs(call.canary) === 0) this.#underWay.add(call);
  }

  /** @param reachedEpochMs null: it got nowhere */
  over(call: TimedCanary, reachedEpochMs: number | null): void {
    if (!this.#underWay.delete(call)) return;
    const { key } = call.canary;
    if (reachedEpochMs === null) {
      this.#through.delete(key);
    } else {
      this.#through.add(key);
      this.#lately = [...this.#lately, ...beatsOf(call, reachedEpochMs)].slice(-LATELY);
    }
  }

  /** Of the calls that are under way, and of the last that got through. A call of a round is due when the round should be over. */
  get beats(): readonly Beat[] {
    const open = [...this.#underWay].filter(({ canary }) => this.#through.has(canary.key));
    const beats = [...this.#lately, ...open.flatMap((call) => beatsOf(call, null))];
    return beats.map(({ dueEpochMs, answeredEpochMs }) => ({ dueEpochMs: dueEpochMs + ROUND_MS, answeredEpochMs }));
  }
}
