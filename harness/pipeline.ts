/** The way of a call: planned, placed, judged while others are still under way, written down, rendered. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { evaluateClaims } from './judge/claims.ts';
import { likeness } from './judge/likeness.ts';
import { judgeOf } from './judging/judge-of.ts';
import { judgedRun } from './judging/judged-run.ts';
import { rowsAndColumns, runHeader } from './judging/run-header.ts';
import type { CellResult } from './model/results.ts';
import type { Claim } from './model/scenario.ts';
import type { RuntimeId } from './model/words.ts';
import { type Cell, type PlanInput, planAll, type Selection } from './plan/plan.ts';
import { type Shard, shardOf } from './plan/shard.ts';
import { type RenderedReports, Reports } from './report/index.ts';
import type { Renderer } from './report/renderer.ts';
import { removeOlderAllure, removeOlderCallers, removeOlderLogs, removeOlderTraces } from './results/left-overs.ts';
import { requireRoom } from './results/room.ts';
import { openResults } from './results/store.ts';
import type { StoredRun } from './results/stored-run.ts';
import { packLogs } from './run/pack-logs.ts';
import type { Progress } from './run/run-options.ts';
import type { OpenSite } from './run/site.ts';
import { AGAIN } from './run/work.ts';
import { type AskedServer, onServer } from './servers/server.ts';

/** What is asked: the cells of a run, and what explains them. */
export interface Question extends Pick<PlanInput, 'scenarios' | 'variants' | 'transport' | 'paths'> {
  readonly server: AskedServer;
  readonly claims: readonly Claim[];
  readonly selection?: Selection;
  /** The part of the selection to run. @default all of it */
  readonly shard?: Shard | null;
}

/** A question with its cells. */
export interface PlannedRun extends Question {
  /** All that was asked for, over all shards. */
  readonly selected: readonly Cell[];
  readonly cells: readonly Cell[];
}

/** Ground for the labs of a run. */
export interface Runtime extends AsyncDisposable {
  readonly id: RuntimeId;
  readonly openSite: OpenSite;
}

/** A run: what was planned, where it takes place, and where its report goes. */
export interface PipelineOptions {
  readonly planned: PlannedRun;
  /** @param workDir an existing directory for logs. @throws {LabError} when it cannot be had */
  readonly openRuntime: (workDir: string) => Promise<Runtime>;
  /** Names the run, in reports and on the wire: the token is 4 or more of a-z and 0-9, different for every run. */
  readonly name: { readonly id: string; readonly token: string };
  /** An existing folder. `lab/` in it exists as well, and takes what the lab writes. */
  readonly reportDir: string;
  /** The reports that are wanted. */
  readonly renderers: readonly Renderer[];
  readonly rate: number;
  readonly concurrency: number;
  /** Every cell is called so often. */
  readonly repeat: number;
  /** Options of the command line that a cell must be run again with to be the same cell. */
  readonly rerunOptions: string;
  /** Scenarios with an assertion of their own: id -> the module that has it, absolute path. */
  readonly asserted: ReadonlyMap<string, string>;
  readonly signal?: AbortSignal;
  /** Told every now and then how far the calls are. */
  readonly onProgress?: (progress: Progress) => void;
  /** Told of cells that are called now. */
  readonly onCalled?: (cells: readonly Cell[]) => void;
  /** Told of results as they come; a later one of the same id takes the place of the earlier. */
  readonly onJudged?: (results: readonly CellResult[]) => void;
  /** So many calls proved nothing, because the lab was late, and are placed again. */
  readonly onAgain?: (calls: number, perSecond: number) => void;
  /** All calls are over and judged. */
  readonly onCallsOver?: () => void;
  /** Results are written; the reports are being made. */
  readonly onWritten?: () => void;
}

/** What the run came to, as it was written, with what the reports have to say. */
export interface PipelineResult extends StoredRun, RenderedReports {
  /** What failed in the lab, when it did. */
  readonly trouble: string | null;
}

/** What is added to the server's own timers before absence may be claimed. */
export const SLACK_MS = 1000;

/** @throws {UsageError} for what does not exist, or nothing to run */
export function planned(question: Question): PlannedRun {
  const [run] = plannedOn([question.server], question);
  if (run === undefined) throw new Error('a plan without cells was not refused');
  return run;
}

/** The same question to several servers: a run for each that has cells of it. @throws {UsageError} as {@link planned} */
export function plannedOn(servers: readonly AskedServer[], question: Omit<Question, 'server'>): PlannedRun[] {
  const { selection, shard = null, ...matrix } = question;
  const asked = servers.map((server) => ({
    server,
    scenarios: matrix.scenarios.map((scenario) => onServer(server, scenario)),
  }));
  const selected = Map.groupBy(
    planAll(
      asked.map(({ server, scenarios }) => ({ ...matrix, scenarios, server: server.id, policies: server.policies })),
      selection,
    ),
    (cell) => cell.server,
  );
  return asked.flatMap(({ server, scenarios }) => {
    const own = selected.get(server.id);
    if (own === undefined) return [];
    return [{ ...question, server, scenarios, selected: own, cells: shard === null ? own : shardOf(own, shard) }];
  });
}

/**
 * A whole run. What was finished when it is cancelled or the lab fails is judged, written and rendered all the same.
 *
 * @throws {LabError} when the lab does not come up
 */
export async function pipeline(options: PipelineOptions): Promise<PipelineResult> {
  const { planned: run, name, repeat, rerunOptions } = options;
  const reportDir = resolve(options.reportDir); // a server is started in a folder of its own
  const { cells, server, variants } = run;
  const begun = performance.now();
  const startedAt = new Date().toISOString();
  const workDir = join(reportDir, 'lab');
  const hasOlder = existsSync(join(reportDir, 'results.json'));
  if (hasOlder) await removeOlderCallers(workDir);
  await using reports = new Reports(options.renderers, reportDir);
  reports.begin({ ...rowsAndColumns(run, run.selected), cells });
  await using store = await openResults(reportDir);
  await requireRoom(reportDir, { ...store.kept, cellsToCome: cells.length });

  const { facts, runtimeId } = await (async () => {
    await using judge = await judgeOf(cells.length * repeat, {
      variants,
      token: name.token,
      slackMs: SLACK_MS,
      rerunOptions,
      again: AGAIN,
      reportDir,
      asserted: options.asserted,
    });
    await using runtime = await options.openRuntime(workDir);
    return {
      runtimeId: runtime.id,
      facts: await judgedRun({
        ...options,
        cells,
        variants,
        server,
        judge,
        sink: {
          add: (judged, traced) => store.add(judged, traced ? null : new Map()),
          read: (cell) => store.read(cell),
          requireRoom: (cellsToCome) => requireRoom(reportDir, { ...store.kept, cellsToCome }),
        },
        again: AGAIN,
        openSite: runtime.openSite,
        workDir,
        token: name.token,
        slackMs: SLACK_MS,
        // A cell that is called several times may still come to something else.
        onJudged: (judged, idle) => {
          reports.add(judged, idle && repeat === 1 ? 'windows' : 'calls');
          options.onJudged?.(judged);
        },
      }),
    };
  })();
  options.onCallsOver?.();
  reports.add([], 'nothing');

  const written = await store.finish(
    runHeader({
      run: {
        id: name.id,
        startedAt,
        durationMs: Math.round(performance.now() - begun),
        runtime: runtimeId,
        outcome: facts,
      },
      serverTitle: server.title,
      matrix: run,
      selected: run.selected,
      shard: run.shard ?? null,
      claims: run.claims,
      claimResults: evaluateClaims(run.claims, store.rows),
      behavesLike: server.isForeign ? likeness(store.rows, run) : null,
    }),
  );
  options.onWritten?.();
  const packing =
    facts.trouble === null && written.results.run.ended === 'complete' ? packed(workDir) : Promise.resolve([]);
  const { deviations, warnings } = await reports.render(written);
  const ofPacking = await packing;
  if (hasOlder) {
    await removeOlderLogs(workDir, Date.parse(startedAt));
    await removeOlderTraces(reportDir, written.results.cells);
    if (!options.renderers.some(({ files }) => files.includes('allure.html'))) await removeOlderAllure(reportDir);
  }
  return { ...written, deviations, warnings: [...warnings, ...ofPacking], trouble: facts.trouble };
}

/** What a lab has left is read where it failed; else it is only large. */
async function packed(workDir: string): Promise<string[]> {
  try {
    await packLogs(workDir);
    return [];
  } catch (error) {
    return [`the logs in ${workDir} could not be packed: ${(error as Error).message}`];
  }
}
