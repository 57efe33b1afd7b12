import { rm, symlink } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { claims, everyRow, everySituation, scenarios, together, variants } from '../../scenarios/index.ts';
import { EarlierRuns } from '../compare/earlier.ts';
import { counted } from '../counted.ts';
import { UsageError } from '../errors.ts';
import { AS_SENT } from '../model/as-sent.ts';
import type { Scenario } from '../model/scenario.ts';
import { type PlannedRun, pipeline, plannedOn } from '../pipeline.ts';
import { PACKAGE_ROOT } from '../place.ts';
import type { Selection } from '../plan/plan.ts';
import { loadUserFiles } from '../plan/user-files.ts';
import { renderers } from '../report/renderers.ts';
import { isLongRun, mustCollectEarly } from '../run/long-run.ts';
import { type OneServer, pipelineInTurn } from '../servers-in-turn.ts';
import { cancellation } from './cancellation.ts';
import { exitStatus } from './exit-status.ts';
import { beFrugal } from './frugal.ts';
import { pruneRuns } from './keep.ts';
import { printChecks } from './print-checks.ts';
import { printMatrix } from './print-matrix.ts';
import { ProgressLine, type Shown } from './progress.ts';
import { openReportDir } from './report-dir.ts';
import { rerunOptions } from './rerun-options.ts';
import type { RunOptions } from './run.ts';
import { openRuntime } from './runtime.ts';
import { isLive, openServer, type ServerChoice } from './server-option.ts';
import { appendStepSummary } from './step-summary.ts';
import { afterCalls, withReports } from './time-left.ts';

interface OpenedServer {
  readonly choice: ServerChoice;
  readonly server: Awaited<ReturnType<typeof openServer>>;
}

/** A whole run, as it was asked for. Returns its exit status, see RUN_HELP. */
export async function runCalls(options: RunOptions): Promise<number> {
  const user = await loadUserFiles(options.scenarioDirs, { scenarios: everySituation, variants: everyRow });
  const set = options.set.length === 0 ? undefined : together(options.set);
  const ofApplication = options.caller.kind !== 'sipp';
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const live = options.servers.find(isLive) ?? null;
  const open = async (choice: ServerChoice): Promise<OpenedServer> => ({
    choice,
    server: await openServer(choice, { ...options, say }),
  });
  const [firstChoice, ...otherChoices] = options.servers;
  const asked = [await open(firstChoice), ...(await Promise.all(otherChoices.map(open)))] as const;
  const question = {
    ...options,
    scenarios: [...(set?.situations ?? scenarios), ...user.scenarios],
    variants: [
      ...variants.filter(({ id }) => set?.rows?.includes(id) ?? true),
      ...(set?.ownRows ?? []),
      ...user.variants,
      ...options.headers,
      ...(ofApplication ? [AS_SENT] : []),
    ],
    selection: ofApplication ? asSent(options.selection) : options.selection,
    claims,
  };
  const servers = asked.map(({ server }) => server);
  const twice = servers.find(({ id }, index) => servers.findIndex((other) => other.id === id) < index);
  if (twice !== undefined)
    throw new UsageError(`two of the servers say that they are ${twice.id}: cells would be mixed up`);
  const runs = plannedOn(servers, question);
  const cells = runs.flatMap((run) => run.cells);
  if (live !== null) {
    const { liveForecast } = await import('./open-live.ts');
    const coming = await liveForecast(live, { cells }, options);
    if (options.onlyPlan) {
      process.stdout.write(coming);
      return 0;
    }
    say(coming.split('\n', 1)[0] ?? '');
  }
  for (const { id, policies } of servers) {
    if (runs.some(({ server }) => server.id === id)) continue;
    say(`--server ${id} has no cell of the selection (it plays ${policies.join(', ')}): it is left out`);
  }
  const calls = cells.length * options.repeat;
  if (isLongRun(calls)) beFrugal();
  // V8 lets a heap grow to several times what is alive in it before it looks.
  if (mustCollectEarly(calls)) setFlagsFromString('--heap-growing-percent=20');

  const token = options.seed ?? Math.random().toString(36).slice(2, 8).padEnd(4, '0');
  const id = `${new Date().toISOString().slice(0, 19).replaceAll(':', '')}-${token}`;
  await using report = await openReportDir(
    resolve(options.reportDir ?? join(options.reportsDir, id)),
    runs.length > 1 ? 'servers' : 'lab',
  );
  const { dir: reportDir } = report;

  await using watch = options.watch ? await (await import('./watch-run.ts')).RunWatch.open(runs, say) : null;
  const progress = new ProgressLine();
  const show = (shown: Shown): void => {
    progress.show(shown);
    watch?.says(shown);
  };
  const earlier = new EarlierRuns(reportDir);
  const cancel = cancellation();
  let callsOver = false;
  const onCallsOver = (): void => {
    callsOver = true;
    cancel.dispose();
    const text = options.allure ? 'testing cells for Allure' : 'putting results together';
    show(afterCalls(text, cells.length, options.allure));
  };
  const optionsOf = (run: PlannedRun, index: number): OneServer => {
    const { choice, server } = asked.find((each) => each.server === run.server) ?? asked[0];
    const several = runs.length > 1 ? `${server.id}, ${index + 1} of ${runs.length} servers: ` : '';
    return {
      ...options,
      openRuntime: (workDir) => {
        if (several !== '') say(`${several}${run.cells.length.toLocaleString('en-US')} calls`);
        return openRuntime(options.runtime, {
          ...options,
          server,
          scenarios: Array.from({ length: options.repeat }, () => run.cells.map(({ scenario }) => scenario)).flat(),
          bind: live?.bind ?? null,
          workDir,
          say,
          signal: cancel.signal,
        });
      },
      name: { id, token: index === 0 ? token : `${token.slice(0, 7)}${index.toString(36)}` },
      rerunOptions: rerunOptions(choice, options),
      asserted: assertedIn(run.scenarios, user.fileOf),
      signal: cancel.signal,
      onProgress: (shown) => {
        show(withReports({ ...shown, text: `${several}${shown.text}` }, run.cells.length, options.allure));
        if (shown.phase === 'window') earlier.readAhead(cells.map((cell) => cell.id));
      },
      onCalled: (called) => watch?.called(called),
      onJudged: (results) => watch?.judged(results),
      onAgain: (again, perSecond) => {
        progress.end();
        say(
          `${counted(again, 'call')} proved nothing, because the lab was late: placing ${again === 1 ? 'it' : 'them'} again, ${perSecond} per second at first`,
        );
      },
    };
  };
  try {
    const shared = {
      reportDir,
      renderers: renderers({
        ...options,
        asserted: cells.some(({ scenario }) => scenario.assert !== undefined),
        historyFile: historyFile(options),
        earlier,
      }),
      onCallsOver,
      onWritten: () => show({ text: 'writing the report' }),
    };
    const [first, ...others] = runs;
    if (first === undefined) throw new Error('a plan without cells was not refused');
    const finished =
      others.length === 0
        ? await pipeline({ ...optionsOf(first, 0), ...shared, planned: first })
        : await pipelineInTurn({
            ...question,
            ...shared,
            runs,
            optionsOf,
            signal: cancel.signal,
            onNotUp: ({ server }, trouble) => {
              progress.end();
              say(`ringfence: ${server.id} could not be brought up, and its cells are inconclusive: ${trouble}`);
            },
          });
    const { results, deviations, trouble, warnings } = finished;
    progress.end();
    await pointLatestTo(reportDir, options).catch(({ message }: Error) => say(`warning: reports/latest: ${message}`));
    for (const warning of warnings) say(`warning: ${warning}`);
    if (options.allure && (process.env.ALLURE_TESTPLAN_PATH ?? '') !== '') {
      say('warning: ALLURE_TESTPLAN_PATH chooses no cells: Allure has all that were run; choose by words and options');
    }
    await printChecks(finished);
    printMatrix(results, reportDir, { ...options, deviations, found: await earlier.find(finished) });
    await appendStepSummary(results);
    await pruneOlder(options, say);
    if (trouble !== null) say(`ringfence: ${trouble}`);
    await watch?.handOver(finished, reportDir);
    return exitStatus(results);
  } catch (error) {
    // A report that cannot be written is told as such, also of a run that was cancelled.
    if (callsOver || !cancel.signal.aborted) throw error;
    say('ringfence: cancelled before any call was placed');
    return 130;
  } finally {
    progress.end();
    cancel.dispose();
  }
}

/** An application sends what it likes, and on request what a row of the matrix says. */
function asSent(selection: Selection): Selection {
  return { ...selection, variants: [AS_SENT.id, ...selection.variants] };
}

/** Scenarios with an assertion, and where they are: what the user's files do not have is the project's own. */
function assertedIn(all: readonly Scenario[], fileOf: ReadonlyMap<string, string>): Map<string, string> {
  const asserting = all.filter((scenario) => scenario.assert !== undefined);
  const own = join(PACKAGE_ROOT, 'scenarios/index.ts');
  return new Map(asserting.map(({ id }) => [id, fileOf.get(id) ?? own]));
}

/** Runs beside each other share their history; a report elsewhere has one only where it was asked for. */
function historyFile({ historyFile: chosen, reportDir, reportsDir }: RunOptions): string | null {
  if (chosen !== null) return resolve(chosen);
  return reportDir === null ? join(reportsDir, 'allure-history.jsonl') : null;
}

/** Comes after the verdicts, and cannot change them. */
async function pruneOlder({ keep, reportsDir }: RunOptions, say: (line: string) => void): Promise<void> {
  if (keep === null) return;
  try {
    const removed = await pruneRuns(reportsDir, keep);
    if (removed.length > 0) say(`--keep ${keep}: removed from ${reportsDir}: ${removed.join(', ')}`);
  } catch (error) {
    say(`warning: --keep ${keep}: older runs could not be removed: ${(error as Error).message}`);
  }
}

/** `reports/latest`, a link that a browser's tab or a script can keep. Only for reports in their usual place. */
async function pointLatestTo(reportDir: string, { reportDir: chosen, reportsDir }: RunOptions): Promise<void> {
  if (chosen !== null) return;
  const link = join(reportsDir, 'latest');
  await rm(link, { force: true });
  await symlink(relative(reportsDir, reportDir), link);
}
