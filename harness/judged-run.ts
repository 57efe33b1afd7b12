/** A run until the lab was in time, judged while it goes on. */
import type { CellAttachment } from './interop/cell-case.ts';
import type { Finished, Judged, JudgedBatch } from './judging/judging.ts';
import type { Observation } from './model/observation.ts';
import type { CellResult } from './model/results.ts';
import { expectation } from './oracle/index.ts';
import type { Afterthought } from './run/reader.ts';
import type { BatchFacts, BatchOptions, Reading } from './run/run-batches.ts';
import { runBatches } from './run/run-batches.ts';
import type { Batch } from './run/work.ts';
import { unplaced } from './unplaced.ts';
import { verdicts } from './verdicts.ts';

/** Who judges: a `Judging` of this thread, or a `JudgingThread`. */
export interface Judge {
  take: Reading['take'];
  takeCallers(...args: Parameters<Reading['takeCallers']>): number | Promise<number>;
  read(batch: Batch, record: Parameters<Reading['read']>[1]): Promise<JudgedBatch>;
  finish(): Finished | Promise<Finished>;
}

export interface JudgedRunOptions extends Omit<BatchOptions, 'reading'> {
  readonly judge: Judge;
  readonly rerunOptions: string;
  /**
   * All calls are over, and what is left is to wait: told then, and again with each batch that is judged from there on, of
   * what is judged by now.
   */
  readonly onIdle?: (judged: Judged) => void;
}

/** Its results are in the order of the cells. */
export interface JudgedRun extends Judged {
  readonly facts: BatchFacts;
}

/** @throws {LabError} as {@link runBatches} */
export async function judgedRun(options: JudgedRunOptions): Promise<JudgedRun> {
  const { judge, cells } = options;
  const results = new Map<string, CellResult>();
  const observations = new Map<string, Observation>();
  const attachments = new Map<string, readonly CellAttachment[]>();
  let idle = false;
  const tellIdle = (): void => {
    // A cell that is called several times may still come to something else.
    const judged = (options.repeat ?? 1) > 1 ? [] : [...results.values()];
    if (idle) options.onIdle?.({ results: judged, observations, attachments });
  };
  const facts = await runBatches({
    ...options,
    onProgress: (progress) => {
      options.onProgress?.(progress);
      const wasIdle = idle;
      idle = progress.phase === 'window' || progress.phase === 'reading';
      if (!wasIdle) tellIdle();
    },
    reading: {
      take: (records, filed) => judge.take(records, filed),
      takeCallers: async (...args) => judge.takeCallers(...args),
      read: async (batch, record) => {
        const judged = await judge.read(batch, record);
        for (const result of judged.results) results.set(result.id, result);
        for (const [id, seen] of judged.observations) observations.set(id, seen);
        for (const [id, files] of judged.attachments) attachments.set(id, files);
        for (const afterthought of judged.afterthoughts) amend(results, afterthought);
        tellIdle();
        return judged.again;
      },
    },
  });
  const finished = await judge.finish();
  for (const result of finished.results) results.set(result.id, result);
  const neverPlaced = cells.filter(({ id }) => !results.has(id));
  const without = verdicts({
    cells: neverPlaced,
    observations: new Map(
      neverPlaced.flatMap((cell) => {
        const unplayable = facts.unplayable.get(cell.id);
        return unplayable === undefined ? [] : [[cell.id, unplaced(cell, { unplayable, troubles: [] })] as const];
      }),
    ),
    expectationOf: (cell) => expectation(cell.policy, cell.scenario, cell.variant),
    lacks: [],
    rerunOptions: options.rerunOptions,
  });
  for (const result of without) results.set(result.id, result);
  return {
    facts,
    results: cells.flatMap(({ id }) => {
      const result = results.get(id);
      const repeats = finished.repeats.get(id);
      return result === undefined ? [] : [repeats === undefined ? result : { ...result, repeats }];
    }),
    observations,
    attachments,
  };
}

/** The window was closed, and then the call got somewhere all the same: nobody may call it suppressed. */
function amend(results: Map<string, CellResult>, { cell, leg }: Afterthought): void {
  const result = results.get(cell);
  if (result === undefined || leg.role === 'phone') return;
  const { observed } = result;
  const legs = [...observed.legs, leg];
  const wasSuppressed = observed.outcome === 'suppressed' && ['pass', 'unspecified'].includes(result.verdict);
  const amended = { ...result, observed: { ...observed, legs } };
  const why = `the call reached ${leg.role} ${Math.round(leg.startMs)} ms after its INVITE, when its window had been closed`;
  results.set(cell, wasSuppressed ? { ...amended, verdict: 'fail', why } : amended);
}
