import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import AllureVitestReporter from 'allure-vitest/reporter';
import { type CliOptions, createVitest, type Reporter, type TestCase, type TestModule } from 'vitest/node';
import { LabError } from '../errors.ts';
import type { CellCase } from './cell-case.ts';

const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Allure results are written when each module ends, without the step per matcher that the library adds. */
class CellAllureReporter extends AllureVitestReporter {
  constructor(resultsDir: string) {
    super({ resultsDir, reportMatchers: false });
  }
}

/** Collects what the scenarios' own assertions said, and that every cell's test really ran. */
class CellCollector implements Reporter {
  readonly assertionFailures = new Map<string, string>();
  readonly reported = new Set<string>();
  readonly loadErrors: string[] = [];

  onTestCaseResult(test: TestCase): void {
    const { cell, assertionFailed } = test.meta();
    if (cell === undefined) return;
    this.reported.add(cell);
    if (assertionFailed !== undefined) this.assertionFailures.set(cell, assertionFailed);
  }

  onTestModuleEnd(module: TestModule): void {
    this.loadErrors.push(...module.errors().map((error) => error.message));
  }
}

export interface CellTestsOutcome {
  /** Cell id -> message of the scenario's own assertion that failed. */
  readonly assertionFailures: ReadonlyMap<string, string>;
}

/**
 * Runs one vitest test per cell, and writes Allure results where they are wanted.
 *
 * @throws {LabError} when a cell's test did not report: a run must not lose cells on the way to its reports.
 */
export async function runCellTests(
  cases: readonly CellCase[],
  options: {
    /** The same cases as JSON: what the test file reads. */
    readonly casesFile: string;
    readonly workDir: string;
    /** Where Allure's results go; null: none are written. */
    readonly resultsDir: string | null;
  },
): Promise<CellTestsOutcome> {
  const collector = new CellCollector();
  const exitCode = process.exitCode;
  const cli: CliOptions = {
    watch: false,
    run: true,
    root: PACKAGE_ROOT,
    config: false,
    include: ['harness/interop/cells.interop.ts'],
    pool: 'threads',
    isolate: false,
    maxWorkers: 1,
    reporters: options.resultsDir === null ? [collector] : [collector, new CellAllureReporter(options.resultsDir)],
    provide: { cellCases: options.casesFile, allure: options.resultsDir !== null },
    attachmentsDir: join(options.workDir, 'attachments'),
  };
  const vitest = await createVitest(cli, { root: PACKAGE_ROOT, cacheDir: join(options.workDir, 'vite') });
  try {
    await vitest.start();
  } finally {
    await vitest.close();
    process.exitCode = exitCode; // vitest sets it for a failing test; the run's own exit status is the caller's
  }
  const missing = cases.filter((each) => !collector.reported.has(each.result.id));
  if (missing.length > 0) {
    throw new LabError(
      `${missing.length} of ${cases.length} cells were not reported by their tests, the first is ${missing[0]?.result.id}` +
        `${collector.loadErrors.length > 0 ? `: ${collector.loadErrors.join('; ')}` : ''}`,
    );
  }
  return { assertionFailures: collector.assertionFailures };
}
