import { rm, symlink } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { claims, scenarios, variants } from '../../scenarios/index.ts';
import { evaluateClaims } from '../judge/claims.ts';
import { judgedRun } from '../judging/judged-run.ts';
import { JudgingThread } from '../judging/judging-thread.ts';
import { plan } from '../plan/plan.ts';
import { shardOf } from '../plan/shard.ts';
import { loadUserFiles } from '../plan/user-files.ts';
import { renderReports } from '../report/index.ts';
import { openResults } from '../results/store.ts';
import { isLongRun, mustCollectEarly } from '../run/long-run.ts';
import type { BatchFacts } from '../run/run-batches.ts';
import { onServer } from '../servers/server.ts';
import { cancellation } from './cancellation.ts';
import { CellTesting } from './cell-testing.ts';
import { exitStatus } from './exit-status.ts';
import { beFrugal } from './frugal.ts';
import { printMatrix } from './print-matrix.ts';
import { ProgressLine } from './progress.ts';
import { makeReportDir } from './report-dir.ts';
import { rerunOptions } from './rerun-options.ts';
import { parseRunOptions, RUN_HELP, type RunCommandOptions } from './run-options.ts';
import { runHeader } from './run-results.ts';
import { openRuntime } from './runtime.ts';
import { appendStepSummary } from './step-summary.ts';
import { afterCalls, withReports } from './time-left.ts';

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
  const { server } = options;
  const matrix = {
    scenarios: [...scenarios, ...user.scenarios].map((scenario) => onServer(server, scenario)),
    variants: [...variants, ...user.variants],
  };
  const selected = plan(
    { server: server.id, transport: options.transport, policies: server.policies, ...matrix },
    options.selection,
  );
  const cells = options.shard === null ? selected : shardOf(selected, options.shard);

  const { rate, concurrency, repeat } = options;
  const calls = cells.length * repeat;
  if (isLongRun(calls)) beFrugal();
  // V8 lets a heap grow to several times what is alive in it before it looks.
  if (mustCollectEarly(calls)) setFlagsFromString('--heap-growing-percent=20');

  const begunAt = new Date();
  const begun = performance.now();
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const token = options.seed ?? Math.random().toString(36).slice(2, 8).padEnd(4, '0');
  const id = `${begunAt.toISOString().slice(0, 19).replaceAll(':', '')}-${token}`;
  const reportDir = resolve(options.reportDir ?? join(PACKAGE_ROOT, 'reports', id));
  const workDir = join(reportDir, 'lab');
  await makeReportDir(workDir);

  const allure = options.allure
    ? {
        resultsDir: join(reportDir, 'allure-results'),
        outputFile: join(reportDir, 'allure.html'),
        historyFile: historyFile(options),
        results: cells.length,
      }
    : null;
  // Allure takes whatever lies there: of an earlier run into the same folder it would show every cell twice.
  await rm(join(reportDir, 'allure-results'), { recursive: true, force: true });
  await using testing = new CellTesting({ workDir, allure, cells, user });

  const progress = new ProgressLine();
  const cancel = cancellation();
  await using store = await openResults(reportDir);
  let facts: BatchFacts;
  let runtimeId: 'process' | 'docker';
  try {
    await using judge = new JudgingThread({
      calls,
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
      server,
      workDir,
      say,
      drachtio: options.drachtio,
      ua: options.ua,
      signal: cancel.signal,
    });
    runtimeId = runtime.id;
    facts = await judgedRun({
      cells,
      judge,
      sink: {
        add: (judged, traced) => store.add(judged, traced ? null : new Map()),
        read: (cell) => store.read(cell),
      },
      again: AGAIN,
      onAgain: (again, perSecond) => {
        progress.end();
        say(
          `${again} calls proved nothing, because the lab was late: placing them again, ${perSecond} per second at first`,
        );
      },
      rerunOptions: rerunOptions(options),
      variants: matrix.variants,
      server,
      openSite: runtime.openSite,
      workDir,
      token,
      rate,
      concurrency,
      repeat,
      slackMs: SLACK_MS,
      onProgress: (shown) => progress.show(withReports(shown, cells.length, options.allure)),
      onJudged: (judged, idle) => {
        testing.add(judged);
        // A cell that is called several times may still come to something else.
        if (idle && repeat === 1) testing.test();
      },
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

  progress.show(
    afterCalls(options.allure ? 'testing cells for Allure' : 'putting results together', cells.length, options.allure),
  );
  const asserted = await testing.finish();
  const page = testing.page(); // on the other core, beside all that follows
  page.catch(() => {}); // told below
  await store.add(asserted, null);
  const written = await store.finish(
    runHeader({
      run: {
        id,
        startedAt: begunAt.toISOString(),
        durationMs: Math.round(performance.now() - begun),
        runtime: runtimeId,
        outcome: facts,
      },
      matrix,
      selected,
      shard: options.shard,
      claims,
      claimResults: evaluateClaims(claims, store.rows),
    }),
  );
  progress.show({ text: 'writing the report' });
  const { deviations } = await renderReports({
    ...written,
    dir: reportDir,
    allure: options.allure,
    singleFile: options.singleFile,
  });
  await page.catch((error: Error) => {
    progress.end();
    say(`warning: the tests of the cells or Allure's page are not complete: ${error.message}`);
  });
  await pointLatestTo(reportDir, options);
  progress.end();

  printMatrix(written.results, reportDir, deviations);
  await appendStepSummary(written.results);
  if (facts.trouble !== null) say(`ringfence: ${facts.trouble}`);
  return exitStatus(written.results);
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
