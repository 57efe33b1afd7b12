import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { claims, scenarios, variants } from '../../scenarios/index.ts';
import { evaluateClaims } from '../claims.ts';
import { LabError } from '../errors.ts';
import { type InTimeOutcome, runInTime } from '../in-time.ts';
import type { CellCase } from '../interop/cell-case.ts';
import type { Observation } from '../model/observation.ts';
import type { CellResult } from '../model/results.ts';
import { POLICIES, type Scenario } from '../model/scenario.ts';
import { expectation } from '../oracle/index.ts';
import { type Cell, plan } from '../plan.ts';
import { cellHref } from '../report/html/names.ts';
import { renderReports } from '../report/index.ts';
import { traceText, writeResults } from '../results/write.ts';
import { shardOf } from '../shard.ts';
import { loadUserFiles, type UserFiles } from '../user-files.ts';
import { verdicts } from '../verdicts.ts';
import { cancellation } from './cancellation.ts';
import { writeAttachments } from './cell-attachments.ts';
import { startCellTests } from './cell-tests.ts';
import { exitStatus } from './exit-status.ts';
import { printMatrix } from './print-matrix.ts';
import { ProgressLine } from './progress.ts';
import { makeReportDir } from './report-dir.ts';
import { rerunOptions } from './rerun-options.ts';
import { parseRunOptions, RUN_HELP, type RunCommandOptions } from './run-options.ts';
import { runResults } from './run-results.ts';
import { openRuntime } from './runtime.ts';
import { appendStepSummary } from './step-summary.ts';

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
  let placed: InTimeOutcome;
  let runtimeId: 'process' | 'docker';
  try {
    await using runtime = await openRuntime(options.runtime, {
      workDir,
      say,
      drachtio: options.drachtio,
      ua: options.ua,
      signal: cancel.signal,
    });
    runtimeId = runtime.id;
    placed = await runInTime({
      cells,
      judge: (called, observations) =>
        verdicts({
          cells: called,
          observations,
          expectationOf: (cell) => expectation(cell.policy, cell.scenario, cell.variant),
          lacks: [],
          rerunOptions: rerunOptions(options),
        }),
      dirOf: async (attempt) => {
        const dir = join(workDir, `attempt-${attempt}`);
        await mkdir(dir, { recursive: true });
        return dir;
      },
      onAgain: (late, attempt) => {
        progress.end();
        say(`the lab was late during ${late} calls: placing them again, slower (attempt ${attempt})`);
      },
      variants: matrix.variants,
      openSite: runtime.openSite,
      workDir,
      token,
      rate: options.rate,
      concurrency: options.concurrency,
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

  progress.show({ text: 'judging, asserting' });
  const { outcome, results: judged } = placed;
  await keepEarlier(join(workDir, 'earlier'), placed);
  const allure = {
    resultsDir: join(reportDir, 'allure-results'),
    outputFile: join(reportDir, 'allure.html'),
    historyFile: historyFile(options),
  };
  // Allure takes whatever lies there: of an earlier run into the same folder it would show every cell twice.
  await rm(allure.resultsDir, { recursive: true, force: true });
  const cases = await casesOf({ workDir, judged, cells, user, observations: outcome.observations });
  // What was called and judged is kept, whatever becomes of its tests.
  const tests = await startCellTests(cases, { workDir, allure: options.allure ? allure : null }).catch(
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
      sipp: outcome.sipp,
      runtime: runtimeId,
      outcome,
    },
    matrix,
    selected,
    shard: options.shard,
    claims,
    cells: results,
    claimResults: evaluateClaims(claims, results),
  });
  await writeResults(reportDir, written, tracesOf(results, outcome.observations));
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

/** Calls that proved nothing stay on record as well. */
async function keepEarlier(dir: string, { earlier, results }: InTimeOutcome): Promise<void> {
  if (earlier.size === 0) return;
  await mkdir(dir, { recursive: true });
  for (const { id, trace } of results) {
    for (const [index, seen] of (earlier.get(id) ?? []).entries()) {
      await writeFile(join(dir, basename(trace, '.json').concat(`.${index + 1}.json`)), traceText(seen.messages));
    }
  }
}

async function casesOf(input: {
  readonly workDir: string;
  readonly judged: readonly CellResult[];
  readonly cells: readonly Cell[];
  readonly user: UserFiles;
  readonly observations: ReadonlyMap<string, Observation>;
}): Promise<CellCase[]> {
  const { observations } = input;
  const asserted = new Set(input.cells.filter(({ scenario }) => scenario.assert !== undefined).map(({ id }) => id));
  const attachments = await writeAttachments(join(input.workDir, 'cells'), input.judged, {
    observations,
    mayFail: ({ id }) => asserted.has(id),
  });
  return input.judged.map((result, index): CellCase => {
    const cell = input.cells[index];
    const seen = observations.get(result.id);
    if (cell === undefined || seen === undefined) throw new LabError(`no observation for ${result.id}`);
    return {
      result: { ...result, observed: { ...result.observed, legs: [], notifications: [] } },
      situationTitle: cell.scenario.title,
      variantTitle: cell.variant.title,
      page: `index.html${cellHref(result.id)}`,
      attachments: attachments.get(result.id) ?? [],
      assertion: assertionOf(cell.scenario, input.user, seen),
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

function assertionOf(scenario: Scenario, user: UserFiles, seen: Observation): CellCase['assertion'] {
  if (scenario.assert === undefined) return null;
  const file = user.fileOf.get(scenario.id) ?? join(PACKAGE_ROOT, 'scenarios', `${scenario.id}.ts`);
  return { file, seen };
}

function tracesOf(
  results: readonly CellResult[],
  observations: ReadonlyMap<string, Observation>,
): Map<string, Observation['messages']> {
  return new Map(results.map((result) => [result.id, observations.get(result.id)?.messages ?? []]));
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
