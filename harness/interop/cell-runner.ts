import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SerializedError } from 'vitest';
import { type CliOptions, createVitest, type Reporter, type TestCase, type TestModule, type Vitest } from 'vitest/node';
import { LabError } from '../errors.ts';
import { CellAllureReporter } from './allure-reporter.ts';
import type { AllureResults } from './allure-writer.ts';
import type { CellCase } from './cell-case.ts';
import { CELL_TESTS, type CellsForAllure } from './cells-for-allure.ts';
import { KeptThread } from './kept-thread.ts';

const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** That every cell's test really ran. */
class CellCollector implements Reporter {
  readonly reported = new Set<string>();
  readonly errors: string[] = [];

  onTestCaseResult(test: TestCase): void {
    const { cell } = test.meta();
    if (cell !== undefined) this.reported.add(cell);
  }

  onTestModuleEnd(module: TestModule): void {
    this.errors.push(...module.errors().map((error) => error.message));
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    this.errors.push(...unhandled.map((error) => error.message));
  }
}

/** A vitest that is ready to run one test per cell, and Allure results written where they are wanted. */
export class CellVitest implements CellsForAllure {
  readonly #vitest: Vitest;
  readonly #collector: CellCollector;
  readonly #thread: KeptThread;

  private constructor(vitest: Vitest, collector: CellCollector, thread: KeptThread) {
    this.#vitest = vitest;
    this.#collector = collector;
    this.#thread = thread;
  }

  /** @param scratch An existing folder for what is of no use later. */
  static async open(scratch: string, allure: AllureResults): Promise<CellVitest> {
    const collector = new CellCollector();
    const thread = new KeptThread();
    const cli: CliOptions = {
      watch: false,
      run: true,
      root: PACKAGE_ROOT,
      config: false,
      include: [CELL_TESTS],
      pool: thread,
      isolate: false,
      maxWorkers: 1,
      execArgv: process.execArgv.filter((each) => each.startsWith('--preserve-')),
      // The reporter would add it by itself, too late for vitest to evaluate it again for the second round.
      setupFiles: [fileURLToPath(import.meta.resolve('allure-vitest/setup'))],
      reporters: [collector, new CellAllureReporter(allure)],
      attachmentsDir: join(scratch, 'attachments'),
      // By default beside the package, where an image can write nothing.
      fsModuleCachePath: join(scratch, 'modules'),
    };
    const preserveSymlinks = process.execArgv.includes('--preserve-symlinks');
    const vite = { root: PACKAGE_ROOT, cacheDir: join(scratch, 'vite'), resolve: { preserveSymlinks } };
    const vitest = await createVitest(cli, vite);
    await vitest.standalone(); // its reporters are ready then, and nothing runs yet
    return new CellVitest(vitest, collector, thread);
  }

  /** @throws {LabError} when a cell's test did not report: a run must not lose cells on the way to its reports. */
  async run(cases: readonly CellCase[]): Promise<void> {
    const project = this.#vitest.getRootProject();
    project.provide('cellCases', cases);
    const { exitCode } = process;
    await this.#vitest.runTestSpecifications([project.createSpecification(join(PACKAGE_ROOT, CELL_TESTS))]);
    process.exitCode = exitCode; // vitest sets it for a failing test; the run's own exit status is the caller's
    const { reported, errors } = this.#collector;
    const missing = cases.filter((each) => !reported.has(each.id));
    if (missing.length > 0) {
      throw new LabError(
        `${missing.length} of ${cases.length} cells were not reported by their tests, the first is ${missing[0]?.id}` +
          `${errors.length > 0 ? `: ${errors.join('; ')}` : ''}`,
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode } = process;
    await this.#vitest.close();
    await this.#thread[Symbol.asyncDispose]();
    process.exitCode = exitCode;
  }
}
