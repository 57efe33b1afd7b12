/**
 * From what was recorded to results, batch by batch: read, judged, written down, let go. What is kept of a cell is what its
 * next call will be held against.
 */
import type { CallerMessage } from '../callers/caller.ts';
import { verdicts } from '../judge/verdicts.ts';
import type { Observation } from '../model/observation.ts';
import type { CellResult } from '../model/results.ts';
import type { HeaderVariant } from '../model/scenario.ts';
import { demandOf } from '../oracle/as-sent.ts';
import { TracePacks } from '../results/trace-packs.ts';
import type { PlacedCell } from '../run/call-groups.ts';
import type { Tenancy } from '../run/directory.ts';
import type { CallKey } from '../run/identity.ts';
import { type Afterthought, type BatchRecord, type FiledEntry, Reader } from '../run/reader.ts';
import type { RawItem } from '../run/wire-log.ts';
import type { Batch } from '../run/work.ts';
import { Assertions } from './assertions.ts';
import { Attempts } from './attempts.ts';
import { Repeats, type RepeatsOfCell } from './repeats.ts';

/** Plain data: it crosses to another process. */
export interface JudgingOptions {
  readonly variants: readonly HeaderVariant[];
  readonly token: string;
  readonly slackMs: number;
  /** Options that a cell must be run again with to be the same cell. */
  readonly rerunOptions: string;
  /** Calls that prove nothing are placed again so often, at most. */
  readonly again: number;
  /** Where `traces/` goes. */
  readonly reportDir: string;
  /** Scenarios with an assertion of their own: id -> the module that has it, absolute path. */
  readonly asserted: ReadonlyMap<string, string>;
}

export interface JudgedBatch {
  /** What is known of cells by now: a later result of the same id takes the place of an earlier one. */
  readonly results: readonly CellResult[];
  /** To be called again. */
  readonly again: readonly string[];
  readonly afterthoughts: readonly Afterthought[];
}

export interface Finished {
  readonly results: readonly CellResult[];
  /** Of cells that were called several times, by id. */
  readonly repeats: ReadonlyMap<string, RepeatsOfCell>;
}

export class Judging implements AsyncDisposable {
  readonly #options: JudgingOptions;
  readonly #reader: Reader;
  readonly #attempts: Attempts;
  readonly #repeats = new Repeats();
  readonly #packs: TracePacks;
  readonly #assertions: Assertions;

  constructor(options: JudgingOptions) {
    this.#options = options;
    this.#reader = new Reader(options);
    this.#attempts = new Attempts(options.again);
    this.#packs = new TracePacks(options.reportDir);
    this.#assertions = new Assertions(options.asserted);
  }

  take(records: readonly RawItem[], filed: readonly FiledEntry[], tenancies: readonly Tenancy[]): void {
    this.#reader.take(records, filed, tenancies);
  }

  stillOpen(placed: readonly PlacedCell[]): CallKey[] {
    return this.#reader.stillOpen(placed);
  }

  takeCallers(messages: readonly CallerMessage[], placed: readonly PlacedCell[], nowEpochMs: number): number {
    return this.#reader.takeCallers(messages, placed, nowEpochMs);
  }

  async read(batch: Batch, record: BatchRecord): Promise<JudgedBatch> {
    const read = this.#reader.read(record);
    const seenOf = new Map(read.observations.map((seen) => [seen.cell, seen]));
    const lost = new Set(read.lost);
    const controlOf = new Map(batch.cells.map(({ id, control }) => [id, control]));
    const results: CellResult[] = [];
    const again: string[] = [];
    const judged = await this.#assertions.applied(this.#judge(batch, seenOf), seenOf);
    for (const result of judged) {
      const seen = seenOf.get(result.id);
      if (seen === undefined) continue;
      const keep = (): string => this.#packs.add(result.id, seen.messages);
      const control = seenOf.get(controlOf.get(result.id) ?? '');
      const attempted = this.#attempts.take(batch, result, { seen, control, lost: lost.has(result.id) }, keep);
      if (attempted?.again === true) {
        again.push(result.id);
      } else if (attempted !== null) {
        const settled = this.#repeats.take(batch.repeat, attempted.result, keep);
        if (settled !== null) results.push(settled);
      }
    }
    this.#packs.flush();
    return { results, again, afterthoughts: read.afterthoughts };
  }

  /** What was to be called again and was not: the run ended before. And how often every cell was called. */
  finish(): Finished {
    const results: CellResult[] = [];
    for (const { repeat, result } of this.#attempts.abandoned()) {
      const settled = this.#repeats.take(repeat, result, () => result.trace);
      if (settled !== null) results.push(settled);
    }
    void this.#assertions[Symbol.asyncDispose]();
    try {
      this.#packs.close();
    } catch {
      // Of a batch that could not be read for it, which was told: no result may name messages that are not there.
      return { results: [], repeats: new Map() };
    }
    return { results, repeats: this.#repeats.all() };
  }

  /** Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#assertions[Symbol.asyncDispose]();
  }

  #judge({ cells }: Batch, observations: ReadonlyMap<string, Observation>): CellResult[] {
    return verdicts({
      cells,
      observations,
      expectationOf: (cell, sent) => demandOf(cell, sent, this.#options.variants),
      rerunOptions: this.#options.rerunOptions,
    });
  }
}
