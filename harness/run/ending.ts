import { setMaxListeners } from 'node:events';

/** How a run ends before its time: it is cancelled, or something fails. */
export class Ending {
  readonly #stop = new AbortController();
  #failure: string | null = null;

  constructor() {
    // Every caller and every wait listens.
    setMaxListeners(0, this.#stop.signal);
  }

  /** Aborted: nothing more is begun, and nothing is waited for. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** What failed first; null: nothing did. */
  get failure(): string | null {
    return this.#failure;
  }

  fail(why: string): void {
    this.#failure ??= why;
    this.#stop.abort();
  }

  cancel(): void {
    this.#stop.abort();
  }
}
