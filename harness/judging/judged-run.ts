/** A run until the lab was in time, judged while it goes on. */

import { verdicts } from '../judge/verdicts.ts';
import type { CellResult } from '../model/results.ts';
import { demandOf } from '../oracle/as-sent.ts';
import type { Cell } from '../plan/plan.ts';
import { unplaced, whyNotPlaced } from '../plan/unplaced.ts';
import type { CallKey } from '../run/identity.ts';
import type { Afterthought } from '../run/reader.ts';
import { type BatchFacts, type BatchOptions, type Reading, runBatches } from '../run/run-batches.ts';
import type { Batch } from '../run/work.ts';
import { takenBack } from './afterthought.ts';
import type { Finished, JudgedBatch } from './judging.ts';

/** Who judges: a `Judging` of this process, or a `JudgingProcess`. */
export interface Judge {
  take: Reading['take'];
  takeCallers(...args: Parameters<Reading['takeCallers']>): number | Promise<number>;
  stillOpen(...args: Parameters<Reading['stillOpen']>): readonly CallKey[] | Promise<readonly CallKey[]>;
  read(batch: Batch, record: Parameters<Reading['read']>[1]): Promise<JudgedBatch>;
  finish(): Finished | Promise<Finished>;
}

/** Where results go as they come. A later one of the same id takes the place of the earlier. */
export interface ResultsSink {
  /** @param traced their messages have been written; otherwise there are none */
  add(results: readonly CellResult[], traced: boolean): Promise<void>;
  /** As it was added last. */
  read(id: string): Promise<CellResult>;
  /** @throws {LabError} when no more than what there is can be kept */
  requireRoom?(cellsToCome: number): Promise<void>;
}

export interface JudgedRunOptions extends Omit<BatchOptions, 'reading'> {
  readonly judge: Judge;
  readonly sink: ResultsSink;
  readonly rerunOptions: string;
  /** Told of each batch when its results have been added, and whether all calls are over and what is left is to wait. */
  readonly onJudged?: (results: readonly CellResult[], idle: boolean) => void;
}

/**
 * Places and judges every cell; when it settles, the sink has a result for each, placed or not.
 *
 * @throws {LabError} as {@link runBatches}
 */
export async function judgedRun(options: JudgedRunOptions): Promise<BatchFacts> {
  const { judge, sink, cells, onJudged = () => {} } = options;
  const known = new Set<string>();
  const add = async (results: readonly CellResult[], traced = true): Promise<void> => {
    for (const { id } of results) known.add(id);
    if (results.length > 0) await sink.add(results, traced);
  };
  let idle = false;
  let noRoom: unknown = null;
  const facts = await runBatches({
    ...options,
    onProgress: (progress) => {
      options.onProgress?.(progress);
      const wasIdle = idle;
      idle = progress.phase === 'window' || progress.phase === 'reading';
      if (idle && !wasIdle) onJudged([], idle);
    },
    reading: {
      take: (...taken) => judge.take(...taken),
      takeCallers: async (...args) => judge.takeCallers(...args),
      stillOpen: async (placed) => judge.stillOpen(placed),
      read: async (batch, record) => {
        if (noRoom !== null) throw noRoom; // what is left is for what is kept
        const judged = await judge.read(batch, record);
        await add(judged.results);
        const changed = await amended(judged.afterthoughts, sink, known);
        await add(changed);
        onJudged([...judged.results, ...changed], idle);
        await sink.requireRoom?.(cells.length - known.size).catch((error: unknown) => {
          noRoom = error;
          throw error;
        });
        return judged.again;
      },
    },
  });
  let lost: string | null = null;
  const finished = await (async () => judge.finish())().catch(({ message }: Error): Finished => {
    lost = message; // whoever judged is gone; what was judged before is kept
    return { results: [], repeats: new Map() };
  });
  await add(finished.results);
  for (const [id, repeats] of finished.repeats) if (known.has(id)) await add([{ ...(await sink.read(id)), repeats }]);
  await add(
    neverPlaced(
      cells.filter(({ id }) => !known.has(id)),
      ({ id }) => facts.unplayable.get(id) ?? null,
      lost === null
        ? whyNotPlaced(facts.ended)
        : `the call was not placed, or what was recorded of it was lost: ${lost}`,
      options.rerunOptions,
    ),
    false,
  );
  return lost === null ? facts : { ...facts, ended: 'failed', trouble: facts.trouble ?? lost };
}

/**
 * Results of cells of which there was no call.
 *
 * @param unplayable why a cell cannot be played, as one clause; null: it can
 * @param trouble why those that can be played were not placed
 */
export function neverPlaced(
  cells: readonly Cell[],
  unplayable: (cell: Cell) => string | null,
  trouble: string,
  rerunOptions: string,
): CellResult[] {
  const seen = cells.map((cell) => {
    const lacks = unplayable(cell);
    return [cell.id, unplaced(cell, { unplayable: lacks, troubles: lacks === null ? [trouble] : [] })] as const;
  });
  return verdicts({
    cells,
    observations: new Map(seen),
    expectationOf: (cell, sent) => demandOf(cell, sent, []),
    rerunOptions,
  });
}

async function amended(
  afterthoughts: readonly Afterthought[],
  sink: ResultsSink,
  known: ReadonlySet<string>,
): Promise<CellResult[]> {
  const found = new Map<string, CellResult>();
  for (const { cell, leg } of afterthoughts) {
    if (known.has(cell)) found.set(cell, takenBack(found.get(cell) ?? (await sink.read(cell)), leg));
  }
  return [...found.values()];
}
