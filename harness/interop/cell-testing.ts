import type { Judged } from '../judging/judging.ts';
import type { CellAttachment, CellResult } from '../model/results.ts';
import type { Cell } from '../plan/plan.ts';
import { cellHref } from '../report/html/names.ts';
import type { CellCase } from './cell-case.ts';
import { CellTests, type CellTestsOptions } from './cell-tests.ts';

/** At most so many rounds of tests: for each, vitest starts a thread and loads itself there, 0.15 s of CPU. */
const ROUNDS = 3;

export interface CellTestingOptions {
  readonly workDir: string;
  /** null: no Allure, and no tests. */
  readonly allure: CellTestsOptions['allure'] | null;
  readonly cells: readonly Cell[];
}

/**
 * Tests of the cells, for Allure: begun while the last windows are waited out, with the cells that are judged by then. A run
 * without Allure has none, and vitest is not even started. They report verdicts that are final; none has a say in them.
 */
export class CellTesting implements AsyncDisposable {
  readonly #options: CellTestingOptions;
  readonly #cells: ReadonlyMap<string, Cell>;
  readonly #results = new Map<string, CellResult>();
  readonly #attachments = new Map<string, readonly CellAttachment[]>();
  /** Results as they were when they were tested. */
  readonly #tested = new Map<string, CellResult>();
  #tests: CellTests | null = null;
  #turn: Promise<Error | null> = Promise.resolve(null);

  constructor(options: CellTestingOptions) {
    this.#options = options;
    this.#cells = new Map(options.allure === null ? [] : options.cells.map((cell) => [cell.id, cell]));
  }

  /** What is known of more cells by now; of those that somebody wants to see, it is kept. */
  add({ results, attachments }: Judged): void {
    for (const result of results) if (this.#cells.has(result.id)) this.#results.set(result.id, result);
    for (const [id, files] of attachments) this.#attachments.set(id, files);
  }

  /** Tests what was added so far, where there is enough of it. Tells later what went wrong. */
  test(): void {
    this.#test(this.#cells.size / ROUNDS);
  }

  /** Allure's page, when all is tested. @throws {LabError} also when the tests did not come to their end */
  async page(): Promise<void> {
    this.#test(1);
    const trouble = await this.#turn;
    if (trouble !== null) throw trouble;
    await this.#tests?.page();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tests?.[Symbol.asyncDispose]();
  }

  /** When what was asked before has been tested. */
  #test(atLeast: number): void {
    const { allure, workDir } = this.#options;
    if (this.#cells.size === 0 || allure === null) return;
    this.#tests ??= new CellTests({ workDir, allure });
    this.#turn = this.#turn.then(async (trouble) => trouble ?? this.#run(atLeast));
  }

  async #run(atLeast: number): Promise<Error | null> {
    const open = [...this.#results.values()].filter(({ id, verdict, why }) => {
      const before = this.#tested.get(id);
      return before?.verdict !== verdict || before.why !== why;
    });
    if (open.length < atLeast) return null;
    for (const result of open) this.#tested.set(result.id, result);
    try {
      await this.#tests?.run(open.map((result) => this.#caseOf(result)));
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #caseOf(result: CellResult): CellCase {
    const cell = this.#cells.get(result.id);
    return {
      result: { ...result, observed: { ...result.observed, legs: [], notifications: [] } },
      situationTitle: cell?.scenario.title ?? result.situation,
      variantTitle: cell?.variant.title ?? result.variant,
      page: `index.html${cellHref(result.id)}`,
      attachments: this.#attachments.get(result.id) ?? [],
    };
  }
}
