import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from './run-program.ts';
import type { Tally } from './tally-reporter.ts';

const TALLY_REPORTER = fileURLToPath(new URL('tally-reporter.ts', import.meta.url));

export interface VitestRunOptions {
  /** Folder of vitest.config. */
  readonly root: string;
  /** Parts of file names; empty: all. */
  readonly filters: readonly string[];
  /** Names of projects of its configuration, one with `!` is left out; empty: all. */
  readonly projects?: readonly string[];
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gets vitest's output when it has ended. @default it is shown as it comes */
  readonly tell?: (text: string) => void;
  /** For vitest to end after its last test; then it is ended, which counts as a failure. @default 30_000 */
  readonly lingerMs?: number;
}

/**
 * Runs vitest as a process of its own, so that whatever becomes of it can be counted.
 *
 * Never all green by absence: a run that ends badly without a failed test, that ends before it could report, that
 * does not end, or in which no test ran, counts as one failure.
 */
export async function runVitest(options: VitestRunOptions): Promise<Tally> {
  const { root, filters, projects = [], tell, lingerMs = 30_000 } = options;
  const scratch = await mkdtemp(join(tmpdir(), 'ringfence-tally-'));
  const file = join(scratch, 'tally.json');
  try {
    const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
    const args = [vitest, 'run', '--root', root, '--reporter=default', `--reporter=${TALLY_REPORTER}`];
    // Not NO_COLOR: the tests would inherit it.
    if (!process.stdout.isTTY) args.push('--no-color');
    args.push(...projects.map((project) => `--project=${project}`), ...filters);
    const env = { ...options.env, RINGFENCE_TALLY: file, RINGFENCE_LINGER_MS: String(lingerMs) };
    const ended = await runProgram(process.execPath, args, { cwd: root, env, show: tell === undefined });
    tell?.(ended.output);
    const text = await readFile(file, 'utf8').catch(() => null);
    return settle(text === null ? null : (JSON.parse(text) as Tally), ended.status);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @param status exit status or signal of vitest */
export function settle(tally: Tally | null, status: number | string): Tally {
  const counted = tally ?? { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };
  const also = (failure: string): Tally => ({
    ...counted,
    failed: counted.failed + 1,
    failures: [...counted.failures, failure],
  });
  if (tally === null) return also(`vitest ended (${status}) before it could report`);
  if (counted.passed + counted.failed === 0) return also('no test ran');
  if (status !== 0 && counted.failed === 0) return also(`vitest ended with ${status} although no test failed`);
  return counted;
}
