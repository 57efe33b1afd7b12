import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Judged } from '../judging/judging.ts';
import type { Observation } from '../model/observation.ts';
import type { CellAttachment, CellResult } from '../model/results.ts';
import type { Cell } from '../plan/plan.ts';
import type { UserFiles } from '../plan/user-files.ts';
import { cellHref } from '../report/html/names.ts';
import type { CellCase } from './cell-case.ts';
import { CellTests, type CellTestsOptions } from './cell-tests.ts';

/** At most so many rounds of tests: for each, vitest starts a thread and loads itself there, 0.15 s of CPU. */
const ROUNDS = 3;

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
  readonly #results = new Map<string, CellResult>();
  readonly #observations = new Map<string, Observation>();
  readonly #attachments = new Map<string, readonly CellAttachment[]>();
  /** Results as they were when they were tested. */
  readonly #tested = new Map<string, CellResult>();
  readonly #failures = new Map<string, string>();
  #tests: CellTests | null = null;
  #turn: Promise<Error | null> = Promise.resolve(null);

  constructor(options: CellTestingOptions) {
    this.#options = options;
    const wanted = options.cells.filter(({ scenario }) => options.allure !== null || scenario.assert !== undefined);
    this.#cells = new Map(wanted.map((cell) => [cell.id, cell]));
  }

  /** What is known of more cells by now; of those that somebody wants to see, it is kept. */
  add({ results, observations, attachments }: Judged): void {
    for (const result of results) if (this.#cells.has(result.id)) this.#results.set(result.id, result);
    for (const [id, seen] of observations) this.#observations.set(id, seen);
    for (const [id, files] of attachments) this.#attachments.set(id, files);
  }

  /** Tests what was added so far, where there is enough of it. Tells later what went wrong. */
  test(): void {
    this.#test(this.#cells.size / ROUNDS);
  }

  /**
   * Tests what has not been tested yet as it is now. Waits for it only where a scenario asserts: no other test has a say in
   * the results.
   *
   * @returns results that are others now: a scenario's own assertion fails its cell, and without it a cell has not passed
   */
  async finish(): Promise<readonly CellResult[]> {
    this.#test(1);
    const asserting = [...this.#results.values()].filter(({ id }) => this.#asserts(id));
    if (asserting.length === 0) return [];
    const trouble = await this.#turn;
    return asserting.flatMap((result) => this.#asserted(result, trouble) ?? []);
  }

  /** Allure's page, when all is tested. @throws {LabError} also when the tests did not come to their end */
  async page(): Promise<void> {
    const trouble = await this.#turn;
    if (trouble !== null) throw trouble;
    await this.#tests?.page();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tests?.[Symbol.asyncDispose]();
  }

  /** When what was asked before has been tested. */
  #test(atLeast: number): void {
    if (this.#cells.size === 0) return;
    this.#tests ??= new CellTests(this.#options);
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
      const failures = await this.#tests?.run(open.map((result) => this.#caseOf(result)));
      for (const [id, message] of failures ?? []) this.#failures.set(id, message);
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #caseOf(result: CellResult): CellCase {
    const cell = this.#cells.get(result.id);
    const seen = this.#observations.get(result.id);
    return {
      result: { ...result, observed: { ...result.observed, legs: [], notifications: [] } },
      situationTitle: cell?.scenario.title ?? result.situation,
      variantTitle: cell?.variant.title ?? result.variant,
      page: `index.html${cellHref(result.id)}`,
      attachments: this.#attachments.get(result.id) ?? [],
      assertion: cell?.scenario.assert === undefined || seen === undefined ? null : { file: this.#fileOf(cell), seen },
    };
  }

  #fileOf({ scenario }: Cell): string {
    return this.#options.user.fileOf.get(scenario.id) ?? join(PACKAGE_ROOT, 'scenarios', `${scenario.id}.ts`);
  }

  #asserts(id: string): boolean {
    return this.#cells.get(id)?.scenario.assert !== undefined;
  }

  #asserted(result: CellResult, trouble: Error | null): CellResult | null {
    const failure = this.#failures.get(result.id);
    if (failure !== undefined)
      return { ...result, verdict: 'fail', why: `the scenario's own assertion failed: ${failure}` };
    if (trouble === null || result.verdict !== 'pass') return null;
    const why = `the scenario's own assertion was not run: ${trouble.message}`;
    return { ...result, verdict: 'inconclusive', why };
  }
}
