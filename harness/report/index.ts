import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunResults } from '../model/results.ts';
import { tracesIn } from '../results/read.ts';
import { runInMemory, type StoredRun, type TraceOf } from '../results/stored-run.ts';
import { writeWhole } from '../results/write.ts';
import { type FirstDeviation, firstDeviations } from './deviation.ts';
import { type CellGroup, cellGroups, entriesOf, type RecordedCell } from './html/data.ts';
import { type RenderedPage, renderPage } from './html/page.ts';
import { pageScript } from './html/page-script.ts';
import { dataScript, inlineData, type PagePart } from './html/parts.ts';
import { junitParts } from './junit.ts';
import { renderMatrix } from './matrix.ts';
import { renderSummary } from './summary.ts';

/** A run that is in memory whole, or one of any size that lies in a folder. */
export type ReportInput = ReportPlace & (StoredRun | { readonly results: RunResults; readonly traceOf?: TraceOf });

interface ReportPlace {
  /** Where index.html, data/, junit.xml and matrix.txt go; results.json and traces/ lie there already. */
  readonly dir: string;
  /** Link to allure.html. @default there are Allure results in `dir` to make it from */
  readonly allure?: boolean;
  /** One index.html with the messages in it, instead of data/ beside it. @default false */
  readonly singleFile?: boolean;
}

/** Width of matrix.txt: what CI logs show without breaking lines. */
const FILE_COLUMNS = 100;

/** What the console says too. */
export interface RenderedReports {
  readonly deviations: ReadonlyMap<string, FirstDeviation>;
}

/** Writes every report that is made from results and traces alone. Rendering is pure; only this function writes. */
export async function renderReports(input: ReportInput): Promise<RenderedReports> {
  const { dir, allure = existsSync(join(dir, 'allure-results')), singleFile = false } = input;
  const run = 'detailsOf' in input ? input : runInMemory(input.results, input.traceOf ?? tracesIn(dir));
  const { results } = run;
  const groups = cellGroups(results.cells);
  const beside = ['results.json', 'junit.xml', 'matrix.txt', 'summary.md', ...(allure ? ['allure.html'] : [])];
  const page = renderPage(results, groups, singleFile ? [] : beside, singleFile, await pageScript());
  if (!singleFile) {
    for await (const part of pageParts(page, groups, run)) await writeWhole(join(dir, part.file), dataScript(part));
  }
  await writeWhole(join(dir, 'junit.xml'), junitParts(run));
  const deviations = await firstDeviations(results.cells, run.traceOf);
  const matrix = renderMatrix(results, { colour: false, columns: FILE_COLUMNS, deviations });
  await writeWhole(join(dir, 'matrix.txt'), matrix);
  await writeWhole(join(dir, 'summary.md'), renderSummary(results));
  const text = singleFile ? filled(page, groups, run) : page.before + page.after;
  await writeWhole(join(dir, 'index.html'), text);
  return { deviations };
}

async function* filled(page: RenderedPage, groups: readonly CellGroup[], run: StoredRun): AsyncGenerator<string> {
  yield page.before;
  for await (const part of pageParts(page, groups, run)) yield inlineData(part);
  yield page.after;
}

async function* pageParts(page: RenderedPage, groups: readonly CellGroup[], run: StoredRun): AsyncGenerator<PagePart> {
  yield* page.parts;
  for (const group of groups) {
    const cells = await recorded(group, run);
    yield { file: group.file, value: () => entriesOf(cells) };
  }
}

async function recorded({ cells }: CellGroup, { detailsOf, traceOf }: StoredRun): Promise<RecordedCell[]> {
  const details = await detailsOf(cells);
  return Promise.all(
    details.map(async (cell) => ({
      cell,
      messages: await traceOf(cell),
      others: await Promise.all((cell.repeats?.others ?? []).map(({ trace }) => traceOf({ ...cell, trace }))),
    })),
  );
}
