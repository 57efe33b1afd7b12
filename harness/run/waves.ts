import type { Callees } from './callees.ts';
import { cellKey } from './identity.ts';
import type { Lodging } from './lodging.ts';
import { OpenBatch, type Wave } from './open-batch.ts';
import type { Work } from './work.ts';

export interface WavesOptions {
  readonly token: string;
  readonly work: Work;
  readonly callees: Callees;
  /** null: the server makes accounts. */
  readonly lodging: Lodging | null;
  /** Of the end of the run. */
  readonly signal: AbortSignal;
}

/** Wave after wave, each prepared while the one before calls: its accounts are had, its phones registered. */
export class Waves {
  readonly #options: WavesOptions;
  #identified = 0;
  #current: OpenBatch | null = null;
  #prepared: Promise<Wave | null> | null = null;

  constructor(options: WavesOptions) {
    this.#options = options;
  }

  /** The batch that waves are taken from; null before the first. */
  get current(): OpenBatch | null {
    return this.#current;
  }

  /** The next wave, ready or not; null: nothing more is to be placed, as far as is known by now. */
  get prepared(): Promise<Wave | null> | null {
    return this.#prepared;
  }

  prepare(): void {
    this.#prepared = this.#next();
    this.#prepared?.catch(() => {}); // whoever takes it is told
  }

  /** null: nothing more is to be placed. @throws {LabError} when its phones cannot be had */
  async take(): Promise<Wave | null> {
    try {
      return await this.#prepared;
    } finally {
      this.#prepared = null;
    }
  }

  #next(): Promise<Wave | null> | null {
    const { work, token, signal } = this.#options;
    if (signal.aborted) return null;
    if (this.#current === null || this.#current.left.length === 0) {
      const batch = work.next();
      if (batch === null) return null;
      const keyed = batch.cells.map((cell, index) => ({ cell, key: cellKey(token, this.#identified + index) }));
      this.#identified += keyed.length;
      this.#current = new OpenBatch(batch, keyed);
    }
    return this.#waveOf(this.#current);
  }

  /** null: the run was ended while it was waited for accounts. */
  async #waveOf(of: OpenBatch): Promise<Wave | null> {
    const { lodging, callees, signal } = this.#options;
    const placed = lodging === null ? of.left : await lodging.lend(of.left, signal);
    if (placed.length === 0) return null;
    of.begin(placed);
    return { of, placed, registered: await callees.register(placed) };
  }
}
