import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLines } from '../evidence/checks.ts';
import { type CellResult, type CellRow, isWrong } from '../model/results.ts';
import { cellHref } from '../report/html/names.ts';
import type { EarlyRenderer, FinishedRun, PlannedReport, Rendering, ReportPlace, ToCome } from '../report/renderer.ts';
import { AllureProcess } from './allure-process.ts';
import { writeAttachments } from './attachments.ts';
import type { CellCase } from './cell-case.ts';

/** Tests begin early with at least so many cells, or with this part of a small run. */
const EARLY_CELLS = 200;
const EARLY_PART = 1 / 3;
/** A dead trap makes thousands of cells inconclusive for one reason: nobody reads the flow of each, and the page holds them all. */
const CELLS_ATTACHED = 200;

const RESULTS = 'allure-results';
const PAGE = 'allure.html';

export interface AllureOptions {
  /** Where Allure remembers earlier runs; null: nowhere. */
  readonly historyFile: string | null;
  /** One vitest test per cell, for runs in which scenarios assert with vitest's `expect`. */
  readonly byVitest: boolean;
}

/** Allure's results of all cells, and its page. They report verdicts that are final, and have no say in them. */
export function allure(options: AllureOptions): EarlyRenderer {
  return {
    id: 'Allure',
    files: [`${RESULTS}/`, PAGE],
    mayFail: true,
    begin: (place, planned) => new AllureRendering(place, planned, options),
  };
}

/** Begun while the last windows are waited out, with the cells that are judged by then. */
class AllureRendering implements Rendering {
  readonly #dir: string;
  readonly #options: AllureOptions;
  readonly #planned: PlannedReport;
  readonly #situations: ReadonlyMap<string, string>;
  readonly #variants: ReadonlyMap<string, string>;
  readonly #scratch: Promise<string>;
  readonly #waiting = new Map<string, CellCase>();
  /** What was said of each cell that was tested. */
  readonly #tested = new Map<string, string>();
  #process: Promise<AllureProcess> | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ dir }: ReportPlace, planned: PlannedReport, options: AllureOptions) {
    this.#dir = dir;
    this.#options = options;
    this.#planned = planned;
    this.#situations = titles(planned.situations);
    this.#variants = titles(planned.variants);
    this.#scratch = this.#clear();
    this.#scratch.catch(() => {}); // told when somebody needs it
  }

  add(results: readonly CellResult[], toCome: ToCome): void {
    for (const result of results) {
      // One that went wrong is tested at the end, when its control is on record.
      if (isWrong(result)) this.#waiting.delete(result.id);
      else this.#waiting.set(result.id, this.#caseOf(result));
    }
    if (toCome === 'calls') return;
    this.#start().catch(() => {}); // told by render(), as what goes wrong with the tests
    const early = Math.min(EARLY_CELLS, this.#planned.cells.length * EARLY_PART);
    this.#turn = this.#turn.then(() => this.#test([...this.#waiting.values()], toCome === 'windows' ? early : 1));
    this.#turn.catch(() => {});
  }

  async render(run: FinishedRun): Promise<void> {
    await this.#turn;
    const { cells } = run.results;
    const open = cells.filter((cell) => this.#tested.get(cell.id) !== said(cell));
    const wrong = open.filter(isWrong).slice(0, CELLS_ATTACHED);
    const attachments = await writeAttachments(join(await this.#scratch, 'attachments'), wrong, run);
    const checks = new Map((await run.detailsOf(wrong)).map((cell) => [cell.id, checkLines(cell)]));
    await this.#test(
      open.map((cell) => this.#caseOf(cell, { checks: checks.get(cell.id), attachments: attachments.get(cell.id) })),
      1,
    );
    const allureProcess = await this.#start();
    await allureProcess.page();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const started = await this.#process?.catch(() => null);
    await started?.[Symbol.asyncDispose]();
    const scratch = await this.#scratch.catch(() => null);
    if (scratch !== null) await rm(scratch, { recursive: true, force: true });
  }

  async #test(cases: readonly CellCase[], atLeast: number): Promise<void> {
    if (cases.length < atLeast) return;
    for (const each of cases) {
      this.#waiting.delete(each.id);
      this.#tested.set(each.id, said(each));
    }
    const allureProcess = await this.#start();
    await allureProcess.test(cases);
  }

  /** Started when it is needed first: it takes a while before it tests. */
  #start(): Promise<AllureProcess> {
    this.#process ??= this.#scratch.then(
      (scratch) =>
        new AllureProcess({
          resultsDir: join(this.#dir, RESULTS),
          byVitest: this.#options.byVitest,
          page: {
            scratch,
            outputFile: join(this.#dir, PAGE),
            historyFile: this.#options.historyFile,
            results: this.#planned.cells.length,
          },
        }),
    );
    return this.#process;
  }

  /** Results of an earlier run into the same folder would be taken for results of this one. */
  async #clear(): Promise<string> {
    await rm(join(this.#dir, RESULTS), { recursive: true, force: true });
    return mkdtemp(join(tmpdir(), 'ringfence-allure-'));
  }

  #caseOf(
    cell: CellRow,
    { checks = [], attachments = [] }: { readonly [P in 'checks' | 'attachments']?: CellCase[P] | undefined } = {},
  ): CellCase {
    const { id, server, policy, situation, feature, variant, verdict, why, rerun, expected, observed } = cell;
    const facts = { id, server, policy, situation, feature, variant, verdict, why, rerun };
    return {
      ...facts,
      expected: { outcome: expected.outcome, claims: expected.claims },
      observed: { outcome: observed.outcome, status: observed.status },
      situationTitle: this.#situations.get(situation) ?? situation,
      variantTitle: this.#variants.get(variant) ?? variant,
      page: `index.html${cellHref(id)}`,
      checks,
      attachments,
    };
  }
}

function said({ verdict, why }: Pick<CellRow, 'verdict' | 'why'>): string {
  return `${verdict} ${why}`;
}

function titles(named: readonly { readonly id: string; readonly title: string }[]): Map<string, string> {
  return new Map(named.map(({ id, title }) => [id, title]));
}
