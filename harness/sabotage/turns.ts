import { performance } from 'node:perf_hooks';

/** Of the time of this process's own thread: above, labs wait for it; below, there is some for another lab. */
const TOO_MUCH = 0.8;
const ENOUGH_LEFT = 0.6;
/** What a shorter time says is chance. */
const LEAST_LOOK_MS = 1000;

export interface TurnsOptions {
  /** Labs side by side, at most. */
  readonly most: number;
  /** How many begin before anything is known. @default 2, or {@link most} */
  readonly first?: number;
  /**
   * Called when a lab begins. @returns what is called when it ends: which part of the time, 0 to 1, this process's thread was at
   * work; null when that was too short to tell
   */
  readonly watch?: () => () => number | null;
}

/**
 * How many labs of this process are under way at once: as many as it has time for.
 *
 * Labs beside each other wait for one thread, and those that are late repeat what they sent: on a slow machine that had images
 * to build, five came to nothing in minutes. Where other programs take the processor, this thread is at work for longer with the
 * same; so it gives way to them, too. How late labs were is no measure: some are broken to be late.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #most: number;
  readonly #watch: () => () => number | null;
  #limit: number;
  #running = 0;
  /** One that began before the last saw what was before it, too. */
  #halvings = 0;

  constructor({ most, first = 2, watch = watchThread }: TurnsOptions) {
    this.#most = most;
    this.#limit = Math.min(first, most);
    this.#watch = watch;
  }

  /** How many may be under way. */
  get limit(): number {
    return this.#limit;
  }

  /** Waits until it is this lab's turn. @returns what comes of it; rejects as it does */
  async take<T>(lab: () => Promise<T>): Promise<T> {
    await this.#begin();
    const busy = this.#watch();
    const halvings = this.#halvings;
    try {
      return await lab();
    } finally {
      this.#adapt(busy(), halvings);
      this.#running -= 1;
      this.#beginNext();
    }
  }

  async #begin(): Promise<void> {
    if (this.#running < this.#limit) this.#running += 1;
    else await new Promise<void>((begin) => this.#waiting.push(begin));
  }

  /** More of them where some had to wait, half where they are too many. */
  #adapt(busy: number | null, halvings: number): void {
    if (busy === null) return;
    if (busy > TOO_MUCH) {
      if (halvings < this.#halvings) return;
      this.#limit = Math.max(1, Math.floor(this.#running / 2));
      this.#halvings += 1;
    } else if (busy < ENOUGH_LEFT && this.#running >= this.#limit) {
      this.#limit = Math.min(this.#most, this.#limit + 1);
    }
  }

  #beginNext(): void {
    while (this.#running < this.#limit) {
      const begin = this.#waiting.shift();
      if (begin === undefined) return;
      this.#running += 1;
      begin();
    }
  }
}

function watchThread(): () => number | null {
  const begin = performance.eventLoopUtilization();
  return () => {
    const { utilization, active, idle } = performance.eventLoopUtilization(begin);
    return active + idle < LEAST_LOOK_MS ? null : utilization;
  };
}
