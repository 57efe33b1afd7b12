import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CallerMessage } from '../callers/caller.ts';
import { LabError } from '../errors.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Cell } from '../plan/plan.ts';
import { forkOwn } from '../processes/own-child.ts';
import type { PlacedCell } from '../run/call-groups.ts';
import type { Tenancy } from '../run/directory.ts';
import type { CallKey } from '../run/identity.ts';
import { mustCollectEarly } from '../run/long-run.ts';
import type { BatchRecord, FiledEntry } from '../run/reader.ts';
import type { RawItem } from '../run/wire-log.ts';
import type { Batch } from '../run/work.ts';
import type { Finished, JudgedBatch, JudgingOptions } from './judging.ts';
import type { Answer, Question } from './judging-messages.ts';
import { pack } from './wire-pack.ts';

const CHILD = fileURLToPath(new URL('judging-child.ts', import.meta.url));

/**
 * Far more than the batches that are open at once need; it is near the limit that V8 collects what is let go. A batch that is
 * being read lives for longer than little room for what is young lasts: copying it over and over costs a sixth of the
 * processor time (measured).
 */
const V8_OPTIONS = {
  atLeisure: ['--max-old-space-size=400', '--max-semi-space-size=16'],
  early: ['--max-old-space-size=400', '--max-semi-space-size=4', '--heap-growing-percent=20'],
};

export interface JudgingProcessOptions extends JudgingOptions {
  /** Planned, over all repeats. */
  readonly calls: number;
}

/**
 * Judging in a process of its own: phones and voice mail must answer meanwhile, and two heaps that live for long tear less
 * memory to pieces than one that both use. Errors there reject the call that met them.
 */
export class JudgingProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting: PromiseWithResolvers<Answer>[] = [];
  readonly #plain = new Map<Scenario, Scenario>();
  #gone: LabError | null = null;

  constructor({ calls, ...options }: JudgingProcessOptions) {
    this.#child = forkOwn(CHILD, {
      execArgv: [...process.execArgv, ...(mustCollectEarly(calls) ? V8_OPTIONS.early : V8_OPTIONS.atLeisure)],
      serialization: 'advanced',
    });
    this.#child.on('message', (answer) => this.#waiting.shift()?.resolve(answer as Answer));
    this.#child.on('error', (cause) => this.#lose(new LabError(`Judging failed: ${cause.message}`, { cause })));
    this.#child.on('exit', (status, signal) =>
      this.#lose(new LabError(`The process that judges ended with ${signal ?? status}`)),
    );
    this.#post({ ask: 'open', options });
  }

  take(records: readonly RawItem[], filed: readonly FiledEntry[], tenancies: readonly Tenancy[]): void {
    this.#post({ ask: 'take', records: pack(records), filed, tenancies });
  }

  async stillOpen(placed: readonly PlacedCell[]): Promise<readonly CallKey[]> {
    const answer = await this.#ask({ ask: 'still-open', placed: this.#plainly(placed) });
    if (answer.answer !== 'still-open') throw unexpected(answer);
    return answer.keys;
  }

  async takeCallers(
    messages: readonly CallerMessage[],
    placed: readonly PlacedCell[],
    nowEpochMs: number,
  ): Promise<number> {
    const answer = await this.#ask({
      ask: 'callers',
      messages: pack(messages),
      placed: this.#plainly(placed),
      nowEpochMs,
    });
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

  /** Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL'); // what it was asked for has been answered, or nobody waits for it any more
    await ended;
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

  async #ask(question: Question): Promise<Answer> {
    const waiting = Promise.withResolvers<Answer>();
    if (this.#gone !== null) throw this.#gone;
    this.#waiting.push(waiting);
    this.#post(question);
    return waiting.promise;
  }

  #post(question: Question): void {
    this.#child.send(question, () => {}); // a process that is gone tells so by its end
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
