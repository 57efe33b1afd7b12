import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { claims, scenarios, variants } from '../../scenarios/index.ts';
import { EarlierRuns } from '../compare/earlier.ts';
import { LabError, UsageError } from '../errors.ts';
import { settleWith } from '../judge/settle.ts';
import type { RunRows } from '../model/results.ts';
import { renderReports } from '../report/index.ts';
import { renderers } from '../report/renderers.ts';
import { rowMaker } from '../results/cell-row.ts';
import { mergeRuns } from '../results/merge.ts';
import { readRun } from '../results/read.ts';
import { missingShards } from '../results/shards.ts';
import type { StoredRun } from '../results/stored-run.ts';
import { copyRun } from '../results/write.ts';
import { exitStatus } from './exit-status.ts';
import { beFrugalWith } from './frugal.ts';
import { printChecks } from './print-checks.ts';
import { printMatrix } from './print-matrix.ts';
import { openReportDir } from './report-dir.ts';
import { SINGLE_FILE_HELP, SINGLE_FILE_OPTIONS, singleFileOf } from './single-file-option.ts';
import { appendStepSummary } from './step-summary.ts';

const HELP = `Usage: ./ringfence report DIR... [--out DIR] [--single-file | --no-single-file] [--matrix] [--no-allure]

Renders reports again from the results.json and traces/ of each DIR, and prints the answer. Several DIRs are merged:
on the same cell the later one wins, and servers that share an id but not a version are kept apart.

  --out DIR         where the report goes  [the DIR itself; reports/merged for several]
${SINGLE_FILE_HELP}
  --matrix          the whole matrix and the claims on the console
  --no-allure       leave Allure's page out
  --check           end as the run itself would have; 3 also when a shard of a divided run is missing, or a DIR holds no results

Exit status: 0 rendered, whatever the verdicts (with --check: 0, 1, 3 or 130, as of ./ringfence run); 2 usage error, or a results.json that cannot be read.
`;

/** @throws by `parseArgs`, for what is no option */
export function parseReportArgs(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      out: { type: 'string' },
      ...SINGLE_FILE_OPTIONS,
      matrix: { type: 'boolean', default: false },
      'no-allure': { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
    },
  });
}

/** `./ringfence report`. @returns the exit status. @throws {UsageError} */
export async function reportCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseReportArgs(args);
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const singleFile = singleFileOf(values);
  const asked = [...new Set(positionals.map((dir) => resolve(dir)))];
  const without = values.check ? asked.filter((dir) => !existsSync(join(dir, 'results.json'))) : [];
  // With nothing at all to show, the first of them is complained of.
  const dirs = without.length === asked.length ? asked : asked.filter((dir) => !without.includes(dir));
  await using report = await openReportDir(outputDir(asked, values.out), '.');
  const { dir: out } = report;
  const run = dirs.includes(out) ? await merged(dirs) : await copyRun(out, await merged(dirs));

  const earlier = new EarlierRuns(out);
  // What the runs were made without is not made now: it may be too large for it.
  const allure = !values['no-allure'] && dirs.some((dir) => existsSync(join(dir, 'allure-results')));
  const { deviations, warnings } = await renderReports(
    run,
    out,
    renderers({ allure, historyFile: null, singleFile, earlier }),
  );
  await printChecks(run);
  printMatrix(run.results, out, { deviations, matrix: values.matrix, singleFile, found: await earlier.find(run) });
  await appendStepSummary(run.results);
  if (warnings.length > 0) throw new LabError(warnings.join('\n'));
  return values.check ? checked(run.results, without) : 0;
}

/** What a pipeline asks that ran the shards on several machines: it must not be green because one of them left nothing behind. */
function checked(results: RunRows, withoutResults: readonly string[]): number {
  const missing = missingShards(results.run.shards ?? []);
  const gone = [
    ...withoutResults.map((dir) => `${relative('', dir)} holds no results.json`),
    ...(missing.length > 0 ? [`${missing.join(', ')} of the run is not among the reports`] : []),
  ];
  for (const what of gone) process.stderr.write(`ringfence: ${what}: did its job fail?\n`);
  return exitStatus(results) || (gone.length > 0 ? 3 : 0);
}

/** Merged results must not take the place of what they were merged from. */
function outputDir(dirs: readonly string[], asked: string | undefined): string {
  const [only, ...others] = dirs;
  const out = resolve(asked ?? (only !== undefined && others.length === 0 ? only : 'reports/merged'));
  if (others.length > 0 && dirs.includes(out)) {
    throw new UsageError(
      `--out ${relative('', out)} is one of the folders to merge: choose another, its results.json would be lost`,
    );
  }
  return out;
}

/** Read one after the other: each is parsed whole, and several at once would need the memory of all. */
async function merged(dirs: readonly string[]): Promise<StoredRun> {
  beFrugalWith(dirs);
  const runs: StoredRun[] = [];
  const toRow = rowMaker();
  for (const dir of dirs) runs.push(await readRun(dir, toRow));
  const [first, ...others] = runs;
  if (first === undefined) throw new UsageError('which report? ./ringfence report DIR..., e.g. reports/latest');
  return mergeRuns([first, ...others], settleWith({ claims, scenarios, variants }));
}
