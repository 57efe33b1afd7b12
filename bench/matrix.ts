import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LabError } from '../harness/errors.ts';
import { startProcess } from '../harness/lab/process.ts';
import type { RunResults } from '../harness/model/results.ts';
import { firstDifference, impersonal } from './compare.ts';
import { MEMORY_DIR, type ProcessMemory } from './peak-memory.ts';
import type { BenchReport } from './report.ts';

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

/** Targets for the whole default matrix on 2 cores. */
const TARGET_WALL_MS = 30_000;
const TARGET_RSS_MB = 600;
/** Names the runs on the wire, so that user names are no difference between them. */
const SEED = 'bench';
const SETTLED_STATUSES = [0, 1]; // judged to the end; 1: a cell failed, which is a result

interface MeasuredRun {
  readonly wallMs: number;
  readonly exitStatus: number;
  /** Of the biggest Node process of the run. */
  readonly peakRssMb: number;
  readonly processes: readonly ProcessMemory[];
  readonly results: RunResults;
}

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
    measured.push(await measureRun(join(dir, `run-${run}`), command, runArgs, runTimeoutMs));
  }
  const difference = compareRuns(measured);
  if (difference === null) return report(measured, runArgs, null);
  scratch.move(); // there is something to look at: nothing is removed
  return report(measured, runArgs, `${difference} (kept: ${dir})`);
}

async function measureRun(
  dir: string,
  command: string,
  runArgs: readonly string[],
  timeoutMs: number,
): Promise<MeasuredRun> {
  const reportDir = join(dir, 'report');
  const memoryDir = join(dir, 'memory');
  await mkdir(memoryDir, { recursive: true });
  const probe = `--import=${pathToFileURL(join(import.meta.dirname, 'peak-memory.ts')).href}`;
  const startedAt = performance.now();
  await using run = await startProcess({
    command,
    args: ['run', '--seed', SEED, ...runArgs, '--report', reportDir],
    cwd: dir,
    env: { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${probe}`.trim(), [MEMORY_DIR]: memoryDir },
    logFile: join(dir, 'run.log'),
  });
  const timer = setTimeout(() => void run.stop(), timeoutMs);
  const { code, signal, logTail } = await run.exited.finally(() => clearTimeout(timer));
  const wallMs = performance.now() - startedAt;
  const results = await readFile(join(reportDir, 'results.json'), 'utf8').catch((cause) => {
    throw new LabError(`The run ended with code ${code}, signal ${signal} and left no results; it said:\n${logTail}`, {
      cause,
    });
  });
  const processes = await readMemory(memoryDir);
  return {
    wallMs,
    exitStatus: code ?? -1,
    peakRssMb: Math.max(...processes.map(({ peakRssMb }) => peakRssMb)),
    processes,
    results: JSON.parse(results) as RunResults,
  };
}

async function readMemory(dir: string): Promise<ProcessMemory[]> {
  const files = await readdir(dir);
  if (files.length === 0) throw new LabError('No Node process of the run left an account of its memory.');
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(join(dir, file), 'utf8')) as ProcessMemory));
}

/** @param difference the first one between the results of the runs, null when there is none */
function report(runs: readonly MeasuredRun[], runArgs: readonly string[], difference: string | null): BenchReport {
  const walls = runs.map(({ wallMs }) => Math.round(wallMs)).toSorted((a, b) => a - b);
  const slowestMs = walls.at(-1) ?? 0;
  const peakRssMb = Math.round(Math.max(...runs.map((run) => run.peakRssMb)));
  const biggest = runs.flatMap(({ processes }) => processes).toSorted((a, b) => b.peakRssMb - a.peakRssMb)[0];
  const statuses = runs.map(({ exitStatus }) => exitStatus);
  return {
    bench: 'matrix',
    conditions: {
      node: process.version,
      cpu: `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
      runs: runs.length,
      arguments: runArgs.join(' ') || '(none: the whole default matrix)',
    },
    measured: {
      wallMsMin: walls[0] ?? 0,
      wallMsMedian: walls[Math.floor(walls.length / 2)] ?? 0,
      wallMsMax: slowestMs,
      peakRssMb,
      peakRssOf: biggest?.command ?? 'unknown',
      exitStatuses: statuses.join(' '),
      cells: runs[0]?.results.cells.length ?? 0,
      verdicts: [...new Set(runs.map(verdictCounts))].join(' | '),
      results: difference ?? 'identical',
    },
    missed: [
      ...(slowestMs > TARGET_WALL_MS ? [`a run took ${slowestMs} ms, more than ${TARGET_WALL_MS}`] : []),
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
