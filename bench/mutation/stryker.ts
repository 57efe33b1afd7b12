import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError } from '../../harness/errors.ts';
import type { MutationReport } from './score.ts';

export interface StrykerRun {
  /** The project's folder. */
  readonly root: string;
  /** Files or globs to mutate, relative to `root`. */
  readonly mutate: readonly string[];
  /** Folder for mutation.json and mutation.html. */
  readonly reportDir: string;
}

/**
 * Tries every mutant in a copy of the project. What Stryker says as it goes along is shown on stderr.
 * @throws {LabError} when it ends without a report, e.g. because a test fails without any mutant
 */
export async function runStryker({ root, mutate, reportDir }: StrykerRun): Promise<MutationReport> {
  const scratch = await mkdtemp(join(tmpdir(), 'ringfence-mutation-'));
  const reportFile = join(reportDir, 'mutation.json');
  // Ctrl-C reaches Stryker too; we stay to take its copies of the project away.
  const stay = (): void => {};
  process.on('SIGINT', stay);
  try {
    await mkdir(reportDir, { recursive: true });
    await rm(reportFile, { force: true });
    const configFile = join(scratch, 'stryker.json');
    await writeFile(configFile, JSON.stringify(configuration({ mutate, reportDir, scratch })));
    const stryker = join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js');
    const child = spawn(process.execPath, [stryker, 'run', configFile], { cwd: root, stdio: ['ignore', 2, 2] });
    const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
    const text = await readFile(reportFile, 'utf8').catch(() => null);
    if (text === null) throw new LabError(`Stryker ended with ${status ?? signal} and left no report; see above`);
    return JSON.parse(text) as MutationReport;
  } finally {
    process.off('SIGINT', stay);
    await rm(scratch, { recursive: true, force: true });
  }
}

function configuration({ mutate, reportDir, scratch }: Omit<StrykerRun, 'root'> & { readonly scratch: string }) {
  return {
    mutate,
    testRunner: 'vitest',
    // `related`: what only shows when a module loads is known of no single test, so that all would run; of those, the test
    // files that import the module are enough.
    vitest: { configFile: 'bench/mutation/vitest.config.ts', related: true },
    coverageAnalysis: 'perTest',
    // The tables of the oracle are read when modules load, so their mutants are static: they are what we are after.
    ignoreStatic: false,
    concurrency: availableParallelism(),
    packageManager: 'npm',
    tempDirName: join(scratch, 'copies'),
    // But for the sample, which tests read.
    ignorePatterns: ['/.ci', '/.tools', '/docs', '/reports/*', '!/reports/sample'],
    // Stryker would read both through the API of TypeScript, which this version does not have; nothing here needs it.
    tsconfigFile: 'none',
    disableTypeChecks: false,
    checkers: [],
    reporters: ['json', 'html', process.stderr.isTTY ? 'progress' : 'progress-append-only'],
    jsonReporter: { fileName: join(reportDir, 'mutation.json') },
    htmlReporter: { fileName: join(reportDir, 'mutation.html') },
    // The score is ours to judge: Stryker knows nothing of accepted survivors.
    thresholds: { break: null },
    allowConsoleColors: process.stderr.isTTY === true,
  };
}
