/** Several servers, called one after the other, as one run. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from './errors.ts';
import { settleWith } from './judge/settle.ts';
import { neverPlaced } from './judging/judged-run.ts';
import { rowsAndColumns } from './judging/run-header.ts';
import type { Claim, HeaderVariant, Scenario } from './model/scenario.ts';
import { type PipelineOptions, type PipelineResult, type PlannedRun, pipeline } from './pipeline.ts';
import { renderReports } from './report/index.ts';
import { mergeRuns } from './results/merge.ts';
import { runInMemory, type StoredRun } from './results/stored-run.ts';
import { copyRun } from './results/write.ts';

/** Of the run of one server; its folder is made, and no report is rendered before the last. */
export type OneServer = Omit<PipelineOptions, 'reportDir' | 'renderers' | 'planned' | 'onCallsOver' | 'onWritten'>;

export interface InTurnOptions
  extends Pick<PipelineOptions, 'reportDir' | 'renderers' | 'signal' | 'onCallsOver' | 'onWritten'> {
  /** At least two. */
  readonly runs: readonly PlannedRun[];
  readonly optionsOf: (run: PlannedRun, index: number) => OneServer;
  /** All that the cells may be of, and who says what of it. */
  readonly claims: readonly Claim[];
  readonly scenarios: readonly Scenario[];
  readonly variants: readonly HeaderVariant[];
  /** One of them could not be brought up: the others are called all the same. */
  readonly onNotUp?: (run: PlannedRun, trouble: string) => void;
}

/** What is known of a server that could not be brought up. */
interface NotUp {
  readonly planned: PlannedRun;
  readonly trouble: string;
  readonly ended: 'failed' | 'cancelled';
  readonly rerunOptions: string;
}

/**
 * Each server has a folder of its own in `servers/`, with its results until all are put together, and its lab's logs for good:
 * a run that is killed loses none that was finished, and `./ringfence report` merges them. A server that does not come up is in
 * the report all the same, each of its cells inconclusive and saying why (docs/decisions.md, "Several servers are several runs").
 *
 * @throws {LabError} as {@link pipeline}, when none of them came up
 */
export async function pipelineInTurn(options: InTurnOptions): Promise<PipelineResult> {
  const { runs, reportDir, signal, onNotUp } = options;
  const finished = new Map<PlannedRun, StoredRun>();
  const notUp: NotUp[] = [];
  const warned: string[] = [];
  let firstError: LabError | null = null;
  for (const [index, planned] of runs.entries()) {
    const own = options.optionsOf(planned, index);
    const dir = join(reportDir, 'servers', planned.server.id);
    await mkdir(join(dir, 'lab'), { recursive: true });
    try {
      signal?.throwIfAborted();
      const one = await pipeline({ ...own, planned, reportDir: dir, renderers: [] });
      finished.set(planned, one);
      warned.push(...one.warnings);
    } catch (error) {
      const cancelled = signal?.aborted === true;
      if (!cancelled && !(error instanceof LabError)) throw error;
      const trouble = cancelled ? 'cancelled before any call was placed' : (error as LabError).message;
      notUp.push({ planned, trouble, ended: cancelled ? 'cancelled' : 'failed', rerunOptions: own.rerunOptions });
      if (error instanceof LabError) firstError ??= error;
      onNotUp?.(planned, trouble);
    }
  }
  options.onCallsOver?.();
  const [known] = finished.values();
  if (known === undefined) throw firstError ?? new LabError('cancelled before any call was placed');
  for (const each of notUp) finished.set(each.planned, neverUp(each, known));
  const [first = known, ...others] = runs.flatMap((run) => finished.get(run) ?? []);
  const merged = mergeRuns([first, ...others], settleWith(options));
  const written = await copyRun(reportDir, merged);
  for (const { server } of runs) await leaveLogsOnly(join(reportDir, 'servers', server.id));
  options.onWritten?.();
  const { deviations, warnings } = await renderReports(written, reportDir, options.renderers);
  return {
    ...written,
    deviations,
    warnings: [...warned, ...warnings],
    trouble: written.results.run.trouble,
  };
}

/** @param like Of the same question to a server that came up: who called, with which claims. */
function neverUp({ planned, trouble, ended, rerunOptions }: NotUp, like: StoredRun): StoredRun {
  const { server, cells } = planned;
  const { behavesLike: _settledAnew, warnings: _itsOwn, ...run } = like.results.run;
  const results = neverPlaced(
    cells,
    ({ scenario }) => {
      const lack = server.lacks(scenario);
      return lack === null ? null : `${server.name} cannot be asked: ${lack}`;
    },
    `the call was not placed: ${trouble}`,
    rerunOptions,
  );
  return runInMemory(
    {
      ...like.results,
      ...rowsAndColumns(planned, planned.selected),
      run: {
        ...run,
        servers: { [server.id]: { name: server.name, version: '', title: server.title } },
        durationMs: 0,
        ended,
        trouble,
      },
      claimResults: [],
      cells: results,
    },
    async () => [],
  );
}

/** What was put together does not stay twice. */
async function leaveLogsOnly(dir: string): Promise<void> {
  const others = (await readdir(dir)).filter((name) => name !== 'lab');
  await Promise.all(others.map((name) => rm(join(dir, name), { recursive: true, force: true })));
}
