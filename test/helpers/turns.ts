/** How many labs of this process are under way at once: as many as keep time. */

/** Two of five tests that run side by side may start two labs each. */
const MOST = 6;

/**
 * A lab that is late calls again, which makes those beside it late: fifteen labs at once, on a slow machine that had images to
 * build, came to nothing in eight minutes. So labs give way to each other as calls do: when one was late half of them may be
 * under way, when one was in time a little more, and never fewer than one.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #most: number;
  #limit: number;
  #running = 0;
  /** From one that began before the last, nothing is learned of how many are too many now. */
  #halvings = 0;

  constructor(most = MOST) {
    this.#most = most;
    this.#limit = most;
  }

  /** How many may be under way. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** @param wasLate of what came of it */
  async take<T>(lab: () => Promise<T>, wasLate: (result: T) => boolean): Promise<T> {
    if (this.#running >= this.limit) await new Promise<void>((begin) => this.#waiting.push(begin));
    else this.#running += 1;
    const halvings = this.#halvings;
    try {
      const result = await lab();
      if (!wasLate(result)) this.#limit = Math.min(this.#most, this.#limit + 1 / this.#limit);
      else if (halvings === this.#halvings) {
        this.#limit = Math.max(1, this.#limit / 2);
        this.#halvings += 1;
      }
      return result;
    } finally {
      this.#running -= 1;
      this.#beginNext();
    }
  }

  #beginNext(): void {
    while (this.#running < this.limit) {
      const begin = this.#waiting.shift();
      if (begin === undefined) return;
      this.#running += 1;
      begin();
    }
  }
}
