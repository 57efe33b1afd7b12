/** What is to be called, in which order; and what must be called again. */
import { type Observation, wasRatherLate } from '../model/observation.ts';
import type { Cell } from '../plan/plan.ts';
import { inBatches } from './batches.ts';

/** Cells that are placed together. */
export interface Batch {
  readonly cells: readonly Cell[];
  /** Of a run that calls every cell several times: 1, 2, ... */
  readonly repeat: number;
  /** 2, 3, ...: of cells that proved nothing before, because the lab was late or their caller had died. */
  readonly attempt: number;
}

export interface WorkOptions {
  readonly cells: readonly Cell[];
  readonly repeat: number;
  readonly batchCells: number;
  /** Of the very first batch, whose phones are registered while nothing else is done. @default batchCells */
  readonly firstCells?: number;
  /** How often a cell is called again at most, within one repeat. */
  readonly again: number;
}

/** How often a run calls a cell again, at most, that proves nothing because the lab was late. */
export const AGAIN = 20;
/** So often in any case, as long as it helps or others keep this machine busy; beyond, only few cells are, and only while they do. */
export const AGAIN_BY_ITSELF = 5;
/** Of those called again, when so many prove nothing once more: a lab that is late by itself will be so for ever. */
const NO_BETTER = 0.8;
/** The rounds that are called whatever the one before came to, and how few cells are called whatever they came to: they take seconds. */
const SURE_ROUNDS = 2;
const FEW = 50;

/**
 * Whether it is of use to call a cell again that proved nothing because the lab was late. That a phone of ours did nothing, or that a
 * caller hung up late, may have another reason each time: beyond the first rounds it must have been late by its clocks, too.
 *
 * @param attempt that was seen, from 1
 * @param calls the cell's own, and its control's
 */
export function mayBeInTime(attempt: number, calls: readonly (Observation | undefined)[]): boolean {
  if (attempt <= AGAIN_BY_ITSELF) return true;
  return calls.some((seen) => seen !== undefined && wasRatherLate(seen));
}

/** So many calls it comes to, controls with them, if all prove nothing again and again. */
export function mostCalls({ cells, repeat, again }: Pick<WorkOptions, 'cells' | 'repeat' | 'again'>): number {
  const calls = cells.length * repeat;
  const byItself = Math.min(again, AGAIN_BY_ITSELF);
  return calls * (1 + byItself) + Math.min(calls, 2 * FEW) * (again - byItself);
}

export class Work {
  readonly #options: WorkOptions;
  readonly #byId: ReadonlyMap<string, Cell>;
  readonly #first: Iterator<Batch>;
  #queue: Batch[] = [];
  /** Ids to be called again, by `repeat attempt`. */
  readonly #again = new Map<string, { readonly repeat: number; readonly attempt: number; readonly ids: Set<string> }>();
  /** How many cells each round of those called again, controls not counted. */
  readonly #rounds: number[] = [];

  constructor(options: WorkOptions) {
    this.#options = options;
    this.#byId = new Map(options.cells.map((cell) => [cell.id, cell]));
    this.#first = firstAttempts(options);
  }

  /** Calls of first attempts, over all repeats. */
  get total(): number {
    return this.#options.cells.length * this.#options.repeat;
  }

  /** Calls that are to be placed again, their controls with them. */
  get waiting(): number {
    return this.#queue.reduce((sum, { cells }) => sum + cells.length, 0);
  }

  /** null: there is nothing more to be placed, as far as is known by now. */
  next(): Batch | null {
    const first = this.#first.next();
    if (first.done !== true) return first.value;
    return this.#queue.shift() ?? null;
  }

  /** These proved nothing, for a reason of our own. They are called again when all else is done. */
  again(batch: Batch, ids: readonly string[]): void {
    const attempt = batch.attempt + 1;
    if (ids.length === 0 || attempt > 1 + this.#options.again) return;
    const name = `${batch.repeat} ${attempt}`;
    const group = this.#again.get(name) ?? { repeat: batch.repeat, attempt, ids: new Set() };
    for (const id of ids) group.ids.add(id);
    this.#again.set(name, group);
  }

  /**
   * Nothing is under way: what must be called again may be, unless it came to the same before.
   *
   * @param isBusy whether others keep this machine busy: then a lab is not late by itself
   * @returns how many cells are, their controls not counted
   */
  turnToAgain(isBusy: () => boolean): number {
    const late = this.#again.values().reduce((sum, { ids }) => sum + ids.size, 0);
    if (late === 0) return 0;
    const isNoBetter = late > FEW && late > NO_BETTER * (this.#rounds.at(-1) ?? 0);
    if (isNoBetter && this.#rounds.length >= SURE_ROUNDS && !isBusy()) return 0;
    const attempts = Math.max(...this.#again.values().map(({ attempt }) => attempt));
    if (attempts > 1 + AGAIN_BY_ITSELF && (late > FEW || !isBusy())) return 0;
    this.#rounds.push(late);
    for (const [name, { repeat, attempt, ids }] of this.#again) {
      this.#again.delete(name);
      const needed = new Set([...ids].flatMap((id) => [id, this.#byId.get(id)?.control ?? id]));
      const cells = this.#options.cells.filter(({ id }) => needed.has(id));
      this.#queue.push(...inBatches(cells, this.#options.batchCells).map((each) => ({ cells: each, repeat, attempt })));
    }
    return late;
  }
}

function* firstAttempts({ cells, repeat, batchCells, firstCells = batchCells }: WorkOptions): Generator<Batch> {
  for (let round = 1; round <= repeat; round++) {
    for (const each of inBatches(cells, batchCells, round === 1 ? firstCells : batchCells))
      yield { cells: each, repeat: round, attempt: 1 };
  }
}
