import type { Timer } from '../sip/timers.ts';
import type { Context } from './context.ts';

/** Provisional responses to one INVITE that want a PRACK each, RFC 3262 3. */
export class ReliableProvisionals {
  readonly #context: Context;
  readonly #onGivenUp: () => void;
  readonly #repeating = new Map<number, Timer[]>();
  /** RSeq of those that have a session description. */
  readonly #offers = new Set<number>();
  #rseq = 0;

  /** `onGivenUp`: no PRACK came in time. */
  constructor(context: Context, onGivenUp: () => void) {
    this.#context = context;
    this.#onGivenUp = onGivenUp;
  }

  nextRSeq(): number {
    this.#rseq = this.#rseq === 0 ? 1 + Number.parseInt(this.#context.ids.hex(4), 16) : this.#rseq + 1;
    return this.#rseq;
  }

  /** RFC 3262 3: a 2xx has to wait until the session description that went before it is acknowledged. */
  get holdsAnswer(): boolean {
    return this.#offers.size > 0;
  }

  repeat(rseq: number, hasBody: boolean, send: () => void): void {
    const { timerSet, timers } = this.#context;
    if (hasBody) this.#offers.add(rseq);
    this.#repeating.set(rseq, [
      timerSet.repeat(timers.t1Ms, Number.POSITIVE_INFINITY, send),
      timerSet.after(timers.ackTimeoutMs, this.#onGivenUp),
    ]);
  }

  /** @returns false when no response waits for this PRACK */
  acknowledge(rseq: number): boolean {
    const timers = this.#repeating.get(rseq);
    if (timers === undefined) return false;
    for (const timer of timers) timer.cancel();
    this.#offers.delete(rseq);
    return this.#repeating.delete(rseq);
  }

  /** After the final response nothing is repeated, but PRACKs may still be on their way (RFC 3262 3). */
  stop(): void {
    for (const timers of this.#repeating.values()) for (const timer of timers) timer.cancel();
  }
}
