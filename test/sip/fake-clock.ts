import type { Clock } from '../../harness/sip/timers.ts';

interface Pending {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that passes when it is told to. */
export class FakeClock implements Clock {
  #nowMs = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  nowEpochMs(): number {
    return this.#nowMs;
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const pending = { atMs: this.#nowMs + delayMs, order: this.#order++, callback };
    this.#pending.add(pending);
    return pending;
  }

  clearTimeout(handle: unknown): void {
    this.#pending.delete(handle as Pending);
  }

  /** How many timers run. */
  get running(): number {
    return this.#pending.size;
  }

  /** Time that passes while the process does something else: what is due fires late, when it {@link advance}s. */
  stall(byMs: number): void {
    this.#nowMs += byMs;
  }

  /** Fires what is due, in order of time. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const [next] = [...this.#pending].toSorted((a, b) => a.atMs - b.atMs || a.order - b.order);
      if (next === undefined || next.atMs > untilMs) break;
      this.#pending.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = untilMs;
  }
}
