import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../harness/errors.ts';
import type { CellResult, RunResults } from '../../harness/model/results.ts';
import { type Cost, costOf, type TimedLine } from '../cost/cost.ts';

export interface MeasuredRun {
  readonly cost: Cost;
  readonly results: RunResults;
  /** Cells, each as often as it was called. */
  readonly calls: number;
  /** Of these, not inconclusive. */
  readonly proven: number;
  /** From the start of the lab to everything up and connected; null when the run did not say so. */
  readonly labReadyMs: number | null;
}

export interface RunOrder {
  /** `ringfence` of the checkout that is measured. */
  readonly command: string;
  /** Arguments of `ringfence run`. */
  readonly args: readonly string[];
  /** Made; report and log are kept in it. */
  readonly dir: string;
  readonly timeoutMs: number;
}

/** Names the runs on the wire, so that user names are no difference between them. */
const SEED = 'bench';

/**
 * `ringfence run` as a user starts it, to its end.
 * @throws {LabError} when it leaves no results
 */
export async function measureRun({ command, args, dir, timeoutMs }: RunOrder): Promise<MeasuredRun> {
  const reportDir = join(dir, 'report');
  const cost = await costOf({
    command,
    args: ['run', '--seed', SEED, ...args, '--report', reportDir],
    dir,
    timeoutMs,
  });
  const { code, signal, logTail } = cost.exit;
  const text = await readFile(join(reportDir, 'results.json'), 'utf8').catch((cause) => {
    const how = `ended with code ${code}, signal ${signal} (limit ${timeoutMs} ms)`;
    throw new LabError(`${command} run ${args.join(' ')} ${how} and left no results; it said:\n${logTail}`, { cause });
  });
  const results = JSON.parse(text) as RunResults;
  return {
    cost,
    results,
    calls: sum(results.cells.map(timesCalled)),
    proven: sum(results.cells.filter(({ verdict }) => verdict !== 'inconclusive').map(timesCalled)),
    labReadyMs: labReadyMs(cost.lines),
  };
}

/** A cell of `--repeat N` says how often it was called. */
function timesCalled(cell: CellResult & { readonly repeats?: { readonly count: number } }): number {
  return cell.repeats?.count ?? 1;
}

/** A run tells each of its steps when it begins: the first is the start of the lab, and the next begins when that is up. */
export function labReadyMs(lines: readonly TimedLine[]): number | null {
  const steps = lines.filter(({ text }) => /^ *\d+\.\d s {2}\S/.test(text));
  const [starting, next] = steps;
  return starting?.text.includes('starting the server') && next !== undefined ? next.atMs - starting.atMs : null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
