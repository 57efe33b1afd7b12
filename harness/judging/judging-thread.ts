import { Worker } from 'node:worker_threads';
import type { CallerMessage } from '../callers/caller.ts';
import { LabError } from '../errors.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Cell } from '../plan/plan.ts';
import type { PlacedCell } from '../run/call-groups.ts';
import type { Tenancy } from '../run/directory.ts';
import type { CallKey } from '../run/identity.ts';
import { mustCollectEarly } from '../run/long-run.ts';
import type { BatchRecord, FiledEntry } from '../run/reader.ts';
import type { RawItem } from '../run/wire-log.ts';
import type { Batch } from '../run/work.ts';
import type { Finished, JudgedBatch, JudgingOptions } from './judging.ts';
import type { Answer, Question } from './thread-messages.ts';
import { pack } from './wire-pack.ts';

/** Far more than the batches that are open at once need; it is near the limit that V8 collects what is let go. */
const OLD_GENERATION_MB = 400;
/** A batch that is being read lives for longer than 8 MB last: copying it over and over costs a sixth of the thread's time (measured). */
const YOUNG_GENERATION_MB = { atLeisure: 48, early: 8 };

export interface JudgingThreadOptions extends JudgingOptions {
  /** Planned, over all repeats. */
  readonly calls: number;
}

/** Judging on a thread of its own: phones and voice mail must answer meanwhile. Errors there reject the call that met them. */
export class JudgingThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #waiting: PromiseWithResolvers<Answer>[] = [];
  readonly #plain = new Map<Scenario, Scenario>();
  #gone: LabError | null = null;

  constructor({ calls, ...options }: JudgingThreadOptions) {
    this.#worker = new Worker(new URL('thread.ts', import.meta.url), {
      workerData: options,
      resourceLimits: {
        maxYoungGenerationSizeMb: mustCollectEarly(calls) ? YOUNG_GENERATION_MB.early : YOUNG_GENERATION_MB.atLeisure,
        maxOldGenerationSizeMb: OLD_GENERATION_MB,
      },
    });
    this.#worker.on('message', (answer: Answer) => this.#waiting.shift()?.resolve(answer));
    this.#worker.on('error', (error) =>
      this.#lose(new LabError(`The judging thread failed: ${error.stack}`, { cause: error })),
    );
    this.#worker.on('exit', (code) => this.#lose(new LabError(`The judging thread ended with ${code}`)));
  }

  take(records: readonly RawItem[], filed: readonly FiledEntry[], tenancies: readonly Tenancy[]): void {
    const packed = pack(records);
    this.#post({ ask: 'take', records: packed, filed, tenancies }, [packed.bytes.buffer]);
  }

  async stillOpen(placed: readonly PlacedCell[]): Promise<readonly CallKey[]> {
    const answer = await this.#ask({ ask: 'open', placed: this.#plainly(placed) });
    if (answer.answer !== 'open') throw unexpected(answer);
    return answer.keys;
  }

  async takeCallers(
    messages: readonly CallerMessage[],
    placed: readonly PlacedCell[],
    nowEpochMs: number,
  ): Promise<number> {
    const packed = pack(messages);
    const answer = await this.#ask({ ask: 'callers', messages: packed, placed: this.#plainly(placed), nowEpochMs }, [
      packed.bytes.buffer,
    ]);
    if (answer.answer !== 'callers') throw unexpected(answer);
    return answer.windowEndEpochMs;
  }

  async read(batch: Batch, record: BatchRecord): Promise<JudgedBatch> {
    const answer = await this.#ask({
      ask: 'read',
      batch: { ...batch, cells: batch.cells.map((cell) => this.#withoutFunctions(cell)) },
      record: { ...record, placed: this.#plainly(record.placed) },
    });
    if (answer.answer !== 'read') throw unexpected(answer);
    return answer.judged;
  }

  async finish(): Promise<Finished> {
    const answer = await this.#ask({ ask: 'finish' });
    if (answer.answer !== 'finish') throw unexpected(answer);
    return answer.finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #plainly(placed: readonly PlacedCell[]): PlacedCell[] {
    return placed.map((each) => ({ ...each, cell: this.#withoutFunctions(each.cell) }));
  }

  /** An assertion is a function, and does not cross; the test of the cell calls it. */
  #withoutFunctions(cell: Cell): Cell {
    const known = this.#plain.get(cell.scenario);
    if (known !== undefined) return { ...cell, scenario: known };
    const { assert: _assert, ...scenario } = cell.scenario;
    this.#plain.set(cell.scenario, scenario);
    return { ...cell, scenario };
  }

  async #ask(question: Question, transfer: readonly ArrayBuffer[] = []): Promise<Answer> {
    const waiting = Promise.withResolvers<Answer>();
    if (this.#gone !== null) throw this.#gone;
    this.#waiting.push(waiting);
    this.#post(question, transfer);
    return waiting.promise;
  }

  #post(question: Question, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(question, transfer);
  }

  #lose(error: LabError): void {
    this.#gone ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#gone);
  }
}

function unexpected(answer: Answer): LabError {
  return new LabError(
    answer.answer === 'error' ? `Judging failed: ${answer.why}` : `Judging answered out of turn: ${answer.answer}`,
  );
}
