import { rm, symlink } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claims, scenarios, variants } from '../../scenarios/index.ts';
import { evaluateClaims } from '../claims.ts';
import { LabError } from '../errors.ts';
import type { CellCase } from '../interop/cell-case.ts';
import { type JudgedRun, judgedRun } from '../judged-run.ts';
import { JudgingThread } from '../judging/judging-thread.ts';
import type { Observation } from '../model/observation.ts';
import type { CellResult } from '../model/results.ts';
import { POLICIES } from '../model/scenario.ts';
import { type Cell, plan } from '../plan.ts';
import { cellHref } from '../report/html/names.ts';
import { renderReports } from '../report/index.ts';
import { writeResultsFile } from '../results/write.ts';
import { shardOf } from '../shard.ts';
import { loadUserFiles, type UserFiles } from '../user-files.ts';
import { cancellation } from './cancellation.ts';
import { type CellTests, startCellTests } from './cell-tests.ts';
import { exitStatus } from './exit-status.ts';
import { printMatrix } from './print-matrix.ts';
import { ProgressLine } from './progress.ts';
import { makeReportDir } from './report-dir.ts';
import { rerunOptions } from './rerun-options.ts';
import { parseRunOptions, RUN_HELP, type RunCommandOptions } from './run-options.ts';
import { runResults } from './run-results.ts';
import { openRuntime } from './runtime.ts';
import { appendStepSummary } from './step-summary.ts';

/** What is added to the server's own timers before absence may be claimed. */
const SLACK_MS = 1000;
/** Calls that prove nothing because the lab was late are placed again so often, at most. */
const AGAIN = 2;

const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** `./ringfence run`: plan, run, judge, render. Returns the exit status that RUN_HELP describes. */
export async function runCommand(args: string[]): Promise<number> {
  const options = parseRunOptions(args);
  if (options === null) {
    process.stdout.write(RUN_HELP);
    return 0;
  }
  const user = await loadUserFiles(options.scenarioDirs, { scenarios, variants });
  const matrix = { scenarios: [...scenarios, ...user.scenarios], variants: [...variants, ...user.variants] };
  const selected = plan(
    { server: options.server, transport: options.transport, policies: POLICIES, ...matrix },
    options.selection,
  );
  const cells = options.shard === null ? selected : shardOf(selected, options.shard);

  const begunAt = new Date();
  const begun = performance.now();
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const token = options.seed ?? Math.random().toString(36).slice(2, 8).padEnd(4, '0');
  const id = `${begunAt.toISOString().slice(0, 19).replaceAll(':', '')}-${token}`;
  const reportDir = resolve(options.reportDir ?? join(PACKAGE_ROOT, 'reports', id));
  const workDir = join(reportDir, 'lab');
  await makeReportDir(workDir);

  const progress = new ProgressLine();
  const cancel = cancellation();
  let placed: JudgedRun;
  let runtimeId: 'process' | 'docker';
  const { rate, concurrency, repeat } = options;
  try {
    await using judge = new JudgingThread({
      variants: matrix.variants,
      token,
      slackMs: SLACK_MS,
      rerunOptions: rerunOptions(options),
      again: AGAIN,
      reportDir,
      workDir,
      asserted: new Set(cells.flatMap(({ scenario }) => (scenario.assert === undefined ? [] : [scenario.id]))),
    });
    await using runtime = await openRuntime(options.runtime, {
      workDir,
      say,
      drachtio: options.drachtio,
      ua: options.ua,
      signal: cancel.signal,
    });
    runtimeId = runtime.id;
    placed = await judgedRun({
      cells,
      judge,
      again: AGAIN,
      onAgain: (again, perSecond) => {
        progress.end();
        say(
          `${again} calls proved nothing, because the lab was late: placing them again, ${perSecond} per second at first`,
        );
      },
      rerunOptions: rerunOptions(options),
      variants: matrix.variants,
      openSite: runtime.openSite,
      workDir,
      token,
      rate,
      concurrency,
      repeat,
      slackMs: SLACK_MS,
      onProgress: progress.show,
      signal: cancel.signal,
    });
  } catch (error) {
    if (!cancel.signal.aborted) throw error;
    say('ringfence: cancelled before any call was placed');
    return 130;
  } finally {
    progress.end();
    cancel.dispose();
  }

  const { facts, results: judged } = placed;
  const allure = {
    resultsDir: join(reportDir, 'allure-results'),
    outputFile: join(reportDir, 'allure.html'),
    historyFile: historyFile(options),
  };
  // Allure takes whatever lies there: of an earlier run into the same folder it would show every cell twice.
  await rm(allure.resultsDir, { recursive: true, force: true });
  const cases = casesOf({ placed, cells, user });
  const wanted = options.allure ? cases : cases.filter(({ assertion }) => assertion !== null);
  // What was called and judged is kept, whatever becomes of its tests.
  const tests = await testsOf(wanted, { workDir, allure: options.allure ? allure : null }, progress).catch(
    (error: Error) => error,
  );
  const results =
    tests instanceof Error
      ? withoutAssertions(judged, cases, tests.message)
      : withAssertions(judged, tests.assertionFailures);
  const written = runResults({
    run: {
      id,
      startedAt: begunAt.toISOString(),
      durationMs: Math.round(performance.now() - begun),
      sipp: facts.sipp,
      runtime: runtimeId,
      outcome: facts,
    },
    matrix,
    selected,
    shard: options.shard,
    claims,
    cells: results,
    claimResults: evaluateClaims(claims, results),
  });
  await writeResultsFile(reportDir, written);
  progress.show({ text: 'writing the report' });
  const { deviations } = await renderReports({
    results: written,
    dir: reportDir,
    allure: options.allure,
    singleFile: options.singleFile,
  });
  await (tests instanceof Error ? Promise.reject(tests) : tests.finished).catch((error: Error) => {
    progress.end();
    say(`warning: the tests of the cells or Allure's page are not complete: ${error.message}`);
  });
  await pointLatestTo(reportDir, options);
  progress.end();

  printMatrix(written, reportDir, deviations);
  await appendStepSummary(written);
  if (written.run.trouble !== null) say(`ringfence: ${written.run.trouble}`);
  return exitStatus(written);
}

/** Of cells, where somebody wants to see them: tests of nothing take a second too. */
async function testsOf(
  cases: readonly CellCase[],
  order: Parameters<typeof startCellTests>[1],
  progress: ProgressLine,
): Promise<CellTests> {
  if (cases.length === 0) return { assertionFailures: new Map(), finished: Promise.resolve() };
  progress.show({ text: 'tests of the cells' });
  return startCellTests(cases, order);
}

function casesOf(input: {
  readonly placed: JudgedRun;
  readonly cells: readonly Cell[];
  readonly user: UserFiles;
}): CellCase[] {
  const { results, observations, attachments } = input.placed;
  return results.map((result, index): CellCase => {
    const cell = input.cells[index];
    if (cell?.id !== result.id) throw new LabError(`no result for ${cell?.id}`);
    return {
      result: { ...result, observed: { ...result.observed, legs: [], notifications: [] } },
      situationTitle: cell.scenario.title,
      variantTitle: cell.variant.title,
      page: `index.html${cellHref(result.id)}`,
      attachments: attachments.get(result.id) ?? [],
      assertion: assertionOf(cell, input.user, observations.get(result.id)),
    };
  });
}

/** A scenario's own assertion that fails turns its cell's `pass` into `fail`. */
function withAssertions(judged: readonly CellResult[], failures: ReadonlyMap<string, string>): CellResult[] {
  return judged.map((result) => {
    const failure = failures.get(result.id);
    return failure === undefined
      ? result
      : { ...result, verdict: 'fail', why: `the scenario's own assertion failed: ${failure}` };
  });
}

/** Without its scenario's own assertion, a cell has not passed. */
function withoutAssertions(judged: readonly CellResult[], cases: readonly CellCase[], why: string): CellResult[] {
  return judged.map((result, index) =>
    result.verdict === 'pass' && cases[index]?.assertion != null
      ? { ...result, verdict: 'inconclusive', why: `the scenario's own assertion was not run: ${why}` }
      : result,
  );
}

function assertionOf({ scenario }: Cell, user: UserFiles, seen: Observation | undefined): CellCase['assertion'] {
  if (scenario.assert === undefined) return null;
  const file = user.fileOf.get(scenario.id) ?? join(PACKAGE_ROOT, 'scenarios', `${scenario.id}.ts`);
  return seen === undefined ? null : { file, seen };
}

/** Runs beside each other share their history; a report elsewhere has one only where it was asked for. */
function historyFile({ historyFile: chosen, reportDir }: RunCommandOptions): string | null {
  if (chosen !== null) return resolve(chosen);
  return reportDir === null ? join(PACKAGE_ROOT, 'reports', 'allure-history.jsonl') : null;
}

/** `reports/latest`, a link that a browser's tab or a script can keep. Only for reports in their usual place. */
async function pointLatestTo(reportDir: string, { reportDir: chosen }: RunCommandOptions): Promise<void> {
  if (chosen !== null) return;
  const link = join(PACKAGE_ROOT, 'reports', 'latest');
  await rm(link, { force: true });
  await symlink(relative(join(PACKAGE_ROOT, 'reports'), reportDir), link);
}
