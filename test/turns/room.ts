/** Test files of labs side by side: some in any case, more of them while the machine has time for more. */
import { cpus } from 'node:os';

export interface RoomOptions {
  /** So many are under way whatever the machine does. */
  readonly always: number;
  readonly most: number;
  /** For how many more the machine had time left since it was asked last. */
  readonly timeFor: () => number;
}

/**
 * Labs wait for most of their time, and how many a machine can do with depends on what else it does, and on how fast it is: six files on
 * a slow one made each other late until calls were placed again and again, three on a fast one left two thirds of it idle.
 */
export class Room {
  readonly #options: RoomOptions;
  readonly #waiting: (() => void)[] = [];
  #under = 0;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /**
   * @param enter called when it is a file's turn, at once or later
   * @returns to be called, once, when it is over, or will not come any more
   */
  ask(enter: () => void): () => void {
    const begin = (): void => {
      this.#under += 1;
      enter();
    };
    this.#waiting.push(begin);
    this.#fill();
    return () => {
      const at = this.#waiting.indexOf(begin);
      if (at !== -1) this.#waiting.splice(at, 1);
      else this.#under -= 1;
      this.#fill();
    };
  }

  /** To be called every few seconds: others, where there is time for them. What they need the next look shows. */
  look(): void {
    const others = Math.min(this.#options.timeFor(), this.#options.most - this.#under);
    for (let begun = 0; begun < others; begun += 1) this.#waiting.shift()?.();
  }

  #fill(): void {
    while (this.#under < this.#options.always && this.#waiting.length > 0) this.#waiting.shift()?.();
  }
}

/** Of all processors together, since they began. */
export interface ProcessorTimes {
  readonly idleMs: number;
  readonly allMs: number;
  readonly processors: number;
}

/** @param each processors that one of them needs */
export function idleFor(each: number, times: () => ProcessorTimes = ofThisMachine): () => number {
  let before = times();
  return () => {
    const now = times();
    const [idleMs, allMs] = [now.idleMs - before.idleMs, now.allMs - before.allMs];
    before = now;
    return allMs > 0 ? Math.floor(((idleMs / allMs) * now.processors) / each) : 0;
  };
}

function ofThisMachine(): ProcessorTimes {
  const each = cpus().map((cpu) => cpu.times);
  return {
    idleMs: each.reduce((sum, { idle }) => sum + idle, 0),
    allMs: each.reduce((sum, { user, nice, sys, irq, idle }) => sum + user + nice + sys + irq + idle, 0),
    processors: each.length,
  };
}
