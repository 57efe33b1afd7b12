import type { CallsUnderWay } from '../callers/caller.ts';
import { Pace } from './pace.ts';

export interface PacerOptions {
  /** Calls begun per second, over all callers, at most. */
  readonly maxPerSecond: number;
  /** How late the lab is at this moment: the rate gives way to it. */
  readonly lateMs: () => number;
}

/** What it takes until another caller begins its first call, on a busy machine (measured): the lab need not stand idle for it. */
const AHEAD_MS = 200;

/** Shares the rate of the run among the callers that have calls to begin. */
export class Pacer {
  readonly #pace: Pace;
  readonly #callers = new Map<CallsUnderWay, () => void>();

  constructor({ maxPerSecond, lateMs }: PacerOptions) {
    this.#pace = new Pace({ maxPerSecond, lateMs, onRate: () => this.#share() });
  }

  get perSecond(): number {
    return this.#pace.perSecond;
  }

  /** How long so many calls take to begin from now on. */
  msFor(calls: number): number {
    return this.#pace.msFor(calls);
  }

  /** Calls that have not begun yet, of the callers that were added. */
  get left(): number {
    return [...this.#callers.keys()].reduce((sum, { left }) => sum + left, 0);
  }

  /** What a caller with so many calls may begin with, beside others that begin with it. */
  shareOf(calls: number, ofTotal: number): number {
    return share(this.#pace.perSecond, calls, ofTotal);
  }

  /** Settles when all its calls have begun or are about to, by its rate, or it has ended. */
  add(caller: CallsUnderWay): Promise<void> {
    const begun = Promise.withResolvers<void>();
    this.#callers.set(caller, begun.resolve);
    void caller.result.then(() => this.#begun(caller));
    this.#share();
    return begun.promise;
  }

  slowDown(part: number): void {
    this.#pace.slowDown(part);
  }

  stop(): void {
    this.#pace.stop();
    for (const caller of this.#callers.keys()) this.#begun(caller);
  }

  #share(): void {
    const { left: total } = this;
    for (const [caller, tell] of this.#callers) {
      if (caller.left === 0) this.#begun(caller);
      else caller.setRate(share(this.#pace.perSecond, caller.left, total));
      if (this.#pace.msFor(total) < AHEAD_MS) tell();
    }
  }

  #begun(caller: CallsUnderWay): void {
    this.#callers.get(caller)?.();
    this.#callers.delete(caller);
  }
}

/** SIPp takes whole numbers. */
function share(perSecond: number, calls: number, ofTotal: number): number {
  return Math.max(1, Math.round((perSecond * calls) / ofTotal));
}
