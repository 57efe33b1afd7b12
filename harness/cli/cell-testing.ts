import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CellCase } from '../interop/cell-case.ts';
import type { JudgedRun } from '../judged-run.ts';
import type { Judged } from '../judging/judging.ts';
import type { CellResult } from '../model/results.ts';
import type { Cell } from '../plan.ts';
import { cellHref } from '../report/html/names.ts';
import type { UserFiles } from '../user-files.ts';
import { CellTests, type CellTestsOptions } from './cell-tests.ts';

const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CellTestingOptions extends CellTestsOptions {
  readonly cells: readonly Cell[];
  readonly user: UserFiles;
}

/**
 * Tests of the cells, for Allure and for scenarios that assert: begun while the last windows are waited out, with the cells
 * that are judged by then. A run that needs neither has none, and vitest is not even started.
 */
export class CellTesting implements AsyncDisposable {
  readonly #options: CellTestingOptions;
  readonly #cells: ReadonlyMap<string, Cell>;
  /** Results as they were when they were tested. */
  readonly #tested = new Map<string, CellResult>();
  readonly #failures = new Map<string, string>();
  #tests: CellTests | null = null;
  #turn: Promise<Error | null> = Promise.resolve(null);
  #trouble: Error | null = null;

  constructor(options: CellTestingOptions) {
    this.#options = options;
    const wanted = options.cells.filter(({ scenario }) => options.allure !== null || scenario.assert !== undefined);
    this.#cells = new Map(wanted.map((cell) => [cell.id, cell]));
  }

  /** Tests what is judged so far, when what was asked before has been tested. Tells later what went wrong. */
  test(judged: Judged): void {
    if (this.#cells.size === 0) return;
    this.#tests ??= new CellTests(this.#options);
    this.#turn = this.#turn.then(async (trouble) => trouble ?? this.#run(judged));
  }

  /**
   * Tests what has not been tested yet as it is now.
   *
   * @returns the results with what their scenarios' own assertions say; without those a cell has not passed
   */
  async finish(judged: JudgedRun): Promise<readonly CellResult[]> {
    if (this.#cells.size === 0) return judged.results;
    this.test(judged);
    this.#trouble = await this.#turn;
    return judged.results.map((result) => this.#asserted(result));
  }

  /** Allure's page. @throws {LabError} also when the tests did not come to their end */
  async page(): Promise<void> {
    if (this.#trouble !== null) throw this.#trouble;
    await this.#tests?.page();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tests?.[Symbol.asyncDispose]();
  }

  async #run(judged: Judged): Promise<Error | null> {
    const open = judged.results.filter((result) => {
      const before = this.#tested.get(result.id);
      return this.#cells.has(result.id) && (before?.verdict !== result.verdict || before.why !== result.why);
    });
    for (const result of open) this.#tested.set(result.id, result);
    try {
      const failures = await this.#tests?.run(open.map((result) => this.#caseOf(result, judged)));
      for (const [id, message] of failures ?? []) this.#failures.set(id, message);
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #caseOf(result: CellResult, { observations, attachments }: Judged): CellCase {
    const cell = this.#cells.get(result.id);
    const seen = observations.get(result.id);
    return {
      result: { ...result, observed: { ...result.observed, legs: [], notifications: [] } },
      situationTitle: cell?.scenario.title ?? result.situation,
      variantTitle: cell?.variant.title ?? result.variant,
      page: `index.html${cellHref(result.id)}`,
      attachments: attachments.get(result.id) ?? [],
      assertion: cell?.scenario.assert === undefined || seen === undefined ? null : { file: this.#fileOf(cell), seen },
    };
  }

  #fileOf({ scenario }: Cell): string {
    return this.#options.user.fileOf.get(scenario.id) ?? join(PACKAGE_ROOT, 'scenarios', `${scenario.id}.ts`);
  }

  #asserted(result: CellResult): CellResult {
    const failure = this.#failures.get(result.id);
    if (failure !== undefined)
      return { ...result, verdict: 'fail', why: `the scenario's own assertion failed: ${failure}` };
    const asserts = this.#cells.get(result.id)?.scenario.assert !== undefined;
    if (this.#trouble === null || !asserts || result.verdict !== 'pass') return result;
    const why = `the scenario's own assertion was not run: ${this.#trouble.message}`;
    return { ...result, verdict: 'inconclusive', why };
  }
}
