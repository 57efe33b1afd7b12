import { fileURLToPath } from 'node:url';
import type { CallerMessage } from '../callers/caller.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Cell } from '../plan/plan.ts';
import { AskedChild } from '../processes/asked-child.ts';
import type { PlacedCell } from '../run/call-groups.ts';
import type { Tenancy } from '../run/directory.ts';
import type { CallKey } from '../run/identity.ts';
import { mustCollectEarly } from '../run/long-run.ts';
import type { BatchRecord, FiledEntry } from '../run/reader.ts';
import type { RawItem } from '../run/wire-log.ts';
import type { Batch } from '../run/work.ts';
import type { Finished, JudgedBatch, JudgingOptions } from './judging.ts';
import type { Answer, Answers, Question } from './judging-messages.ts';
import { pack } from './wire-pack.ts';

const CHILD = fileURLToPath(new URL('judging-child.ts', import.meta.url));

/**
 * Far more than the batches that are open at once need; it is near the limit that V8 collects what is let go. A batch that is
 * being read lives for longer than little room for what is young lasts: copying it over and over costs a sixth of the
 * processor time, and to collect the rest a dozen times on the way to what a run needs an eighth (measured).
 */
const V8_OPTIONS = {
  atLeisure: ['--max-old-space-size=400', '--max-semi-space-size=32', '--initial-old-space-size=200'],
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
  readonly #child: AskedChild<Question, Answer>;
  readonly #plain = new Map<Scenario, Scenario>();

  constructor({ calls, ...options }: JudgingProcessOptions) {
    this.#child = new AskedChild('the process that judges', CHILD, {
      execArgv: [...process.execArgv, ...(mustCollectEarly(calls) ? V8_OPTIONS.early : V8_OPTIONS.atLeisure)],
      serialization: 'advanced',
    });
    this.#child.tell({ ask: 'open', options });
  }

  take(records: readonly RawItem[], filed: readonly FiledEntry[], tenancies: readonly Tenancy[]): void {
    this.#child.tell({ ask: 'take', records: pack(records), filed, tenancies });
  }

  stillOpen(placed: readonly PlacedCell[]): Promise<readonly CallKey[]> {
    return this.#ask({ ask: 'still-open', placed: this.#plainly(placed) });
  }

  takeCallers(messages: readonly CallerMessage[], placed: readonly PlacedCell[], nowEpochMs: number): Promise<number> {
    return this.#ask({ ask: 'callers', messages: pack(messages), placed: this.#plainly(placed), nowEpochMs });
  }

  read(batch: Batch, record: BatchRecord): Promise<JudgedBatch> {
    return this.#ask({
      ask: 'read',
      batch: { ...batch, cells: batch.cells.map((cell) => this.#withoutFunctions(cell)) },
      record: { ...record, placed: this.#plainly(record.placed) },
    });
  }

  finish(): Promise<Finished> {
    return this.#ask({ ask: 'finish' });
  }

  /** What it was asked for has been answered, or nobody waits for it any more. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#child.kill();
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

  #ask<Asked extends Question & { readonly ask: keyof Answers }>(question: Asked): Promise<Answers[Asked['ask']]> {
    return this.#child.ask(question) as Promise<Answers[Asked['ask']]>;
  }
}
