import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../harness/errors.ts';
import { MUTATED } from './mutation/scope.ts';
import { type AcceptedSurvivor, describeSurvivor, type FileScore, percent, scores } from './mutation/score.ts';
import { runStryker } from './mutation/stryker.ts';
import type { BenchReport } from './report.ts';

export interface MutationBenchOptions {
  /** Files or folders below the project, out of those that decide verdicts. @default all of them */
  readonly paths?: readonly string[];
  /** A survivor that is not on the list misses the target, whatever the score; so does an entry that nothing needs. */
  readonly strict?: boolean;
}

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SURVIVORS_FILE = 'bench/mutation/survivors.json';
const REPORT_DIR = 'reports/mutation';
const TARGET_PERCENT = 95;

/**
 * Changes the code that decides verdicts, one small change at a time, and looks whether the tests notice.
 * @throws {UsageError} for a path that holds none of this code; {LabError} when the mutants could not be tried
 */
export async function benchMutation({ paths = [], strict = false }: MutationBenchOptions = {}): Promise<BenchReport> {
  const mutate = filesToMutate(paths);
  const accepted = JSON.parse(await readFile(join(ROOT, SURVIVORS_FILE), 'utf8')) as AcceptedSurvivor[];
  const began = performance.now();
  const report = await runStryker({ root: ROOT, mutate, reportDir: join(ROOT, REPORT_DIR) });
  const { files, total, survivors, stale } = scores(report, accepted);
  const missed =
    percent(total) >= TARGET_PERCENT ? [] : [`${percent(total).toFixed(1)} % noticed, not ${TARGET_PERCENT} %`];
  if (strict && survivors.length > 0) missed.push(`${survivors.length} survivors are not in ${SURVIVORS_FILE}`);
  if (strict && stale.length > 0) missed.push(`${stale.length} entries of ${SURVIVORS_FILE} are not needed`);
  return {
    bench: 'mutation',
    conditions: {
      processors: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
      loadAverage: loadavg()[0]?.toFixed(1) ?? '',
    },
    measured: {
      ...Object.fromEntries([...files, total].map((each) => [each.file, scoreLine(each)])),
      tookSeconds: Math.round((performance.now() - began) / 1000),
      report: `${REPORT_DIR}/mutation.html`,
    },
    details: [
      ...survivors.map(describeSurvivor),
      ...stale.map(
        ({ file, mutator, lineText }) => `not needed in ${SURVIVORS_FILE}: ${file}, ${mutator}: ${lineText}`,
      ),
    ],
    missed,
  };
}

function filesToMutate(paths: readonly string[]): string[] {
  const all = globSync(MUTATED, { cwd: ROOT }).map((file) => file.split(sep).join('/'));
  if (paths.length === 0) return all;
  const wanted = paths.map((path) => relative(ROOT, join(ROOT, path)).split(sep).join('/'));
  const isWanted = (file: string) => (path: string) => file === path || file.startsWith(`${path}/`);
  const idle = wanted.find((path) => !all.some((file) => isWanted(file)(path)));
  if (idle !== undefined) {
    throw new UsageError(`${idle} is not among the code that decides verdicts: ${all.toSorted().join(', ')}`);
  }
  return all.filter((file) => wanted.some(isWanted(file)));
}

function scoreLine(score: FileScore): string {
  const { killed, survived, uncovered, accepted, untried } = score;
  const parts = [`${killed} noticed`, `${survived} survived`, `${uncovered} reached by no test`];
  if (accepted > 0) parts.push(`${accepted} accepted`);
  if (untried > 0) parts.push(`${untried} not tried`);
  return `${percent(score).toFixed(1)} % (${parts.join(', ')})`;
}
