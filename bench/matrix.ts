import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus as processors, tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstDifference, impersonal } from './compare.ts';
import type { BenchReport } from './report.ts';
import { median } from './suite/in-turn.ts';
import { type MeasuredRun, measureRun } from './suite/measured-run.ts';
import { targetOf } from './suite/rows.ts';

export interface MatrixBenchOptions {
  /** @default 3 */
  readonly runs?: number;
  /** Further arguments of `ringfence run`, e.g. a filter. @default [] */
  readonly runArgs?: readonly string[];
  /** After which a run is ended. @default 300_000 */
  readonly runTimeoutMs?: number;
  /** The program. @default `ringfence` of this folder */
  readonly command?: string;
}

/** Targets for the whole default matrix on 2 cores, quiet. */
const TARGET_WALL_MS = targetOf('matrix.seconds') * 1000;
const TARGET_RSS_MB = targetOf('matrix.largestMb');
const TARGET_CPU_MS = targetOf('matrix.cpuMsPerCell');
const SETTLED_STATUSES = [0, 1]; // judged to the end; 1: a cell failed, which is a result

/**
 * The whole of `ringfence run`, as a user starts it, several times: wall clock, memory, and whether the results agree.
 * Reports are kept when they do not.
 *
 * @throws {LabError} when a run leaves no results
 */
export async function benchMatrix(options: MatrixBenchOptions = {}): Promise<BenchReport> {
  const { runs = 3, runArgs = [], runTimeoutMs = 300_000 } = options;
  const command = options.command ?? join(import.meta.dirname, '..', 'ringfence');
  const dir = await mkdtemp(join(tmpdir(), 'ringfence-bench-'));
  await using scratch = new AsyncDisposableStack();
  scratch.defer(() => rm(dir, { recursive: true, force: true }));
  const measured: MeasuredRun[] = [];
  for (let run = 1; run <= runs; run++) {
    measured.push(await measureRun({ command, args: runArgs, dir: join(dir, `run-${run}`), timeoutMs: runTimeoutMs }));
  }
  const difference = compareRuns(measured);
  if (difference === null) return report(measured, runArgs, null);
  scratch.move(); // there is something to look at: nothing is removed
  return report(measured, runArgs, `${difference} (kept: ${dir})`);
}

/** @param difference the first one between the results of the runs, null when there is none */
function report(runs: readonly MeasuredRun[], runArgs: readonly string[], difference: string | null): BenchReport {
  const walls = runs.map(({ cost }) => Math.round(cost.wallMs)).toSorted((a, b) => a - b);
  const slowestMs = walls.at(-1) ?? 0;
  const biggest = runs.flatMap(({ cost }) => cost.largest ?? []).toSorted((a, b) => b.peakMb - a.peakMb)[0];
  const peakRssMb = Math.round(biggest?.peakMb ?? 0);
  const cpus = runs.flatMap(({ cost, proven }) => (cost.cpuMs === null ? [] : [cost.cpuMs / proven]));
  const cpuMsPerCell = cpus.length === 0 ? null : median(cpus);
  const others = runs.flatMap(({ cost }) => cost.otherCpus ?? []);
  const isDefault = runArgs.length === 0; // time has a target for nothing else
  const statuses = runs.map(({ cost }) => cost.exit.code ?? -1);
  return {
    bench: 'matrix',
    conditions: {
      node: process.version,
      cpu: `${availableParallelism()} x ${processors()[0]?.model.trim() ?? 'unknown'}`,
      runs: runs.length,
      arguments: runArgs.join(' ') || '(none: the whole default matrix)',
    },
    measured: {
      wallMsMin: walls[0] ?? 0,
      wallMsMedian: Math.round(median(walls)),
      wallMsMax: slowestMs,
      peakRssMb,
      peakRssOf: biggest?.command ?? 'unknown',
      ...(cpuMsPerCell !== null && { cpuMsPerProvenCell: cpuMsPerCell.toFixed(2) }),
      cpuCountedBy: [...new Set(runs.map(({ cost }) => cost.countedBy))].join(' '),
      ...(others.length > 0 && { cpusOfOtherPrograms: Math.max(...others).toFixed(2) }),
      exitStatuses: statuses.join(' '),
      cells: runs[0]?.results.cells.length ?? 0,
      verdicts: [...new Set(runs.map(verdictCounts))].join(' | '),
      results: difference ?? 'identical',
    },
    missed: [
      ...(isDefault && slowestMs > TARGET_WALL_MS ? [`a run took ${slowestMs} ms, more than ${TARGET_WALL_MS}`] : []),
      ...(isDefault && cpuMsPerCell !== null && cpuMsPerCell > TARGET_CPU_MS
        ? [`a proven cell took ${cpuMsPerCell.toFixed(2)} ms of CPU, more than ${TARGET_CPU_MS}`]
        : []),
      ...(peakRssMb > TARGET_RSS_MB ? [`a process took ${peakRssMb} MB, more than ${TARGET_RSS_MB}`] : []),
      ...(difference === null ? [] : [`the runs do not agree: ${difference}`]),
      ...(statuses.every((status) => SETTLED_STATUSES.includes(status))
        ? []
        : [`exit statuses were ${statuses.join(' ')}`]),
    ],
  };
}

function verdictCounts({ results }: MeasuredRun): string {
  const counts = new Map<string, number>();
  for (const { verdict } of results.cells) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [...counts]
    .map(([verdict, count]) => `${count} ${verdict}`)
    .toSorted()
    .join(', ');
}

function compareRuns([first, ...others]: readonly MeasuredRun[]): string | null {
  const reference = impersonal(first?.results);
  for (const [at, { results }] of others.entries()) {
    const difference = firstDifference(reference, impersonal(results));
    if (difference !== null) return `run 1 and run ${at + 2}: ${difference}`;
  }
  return null;
}
