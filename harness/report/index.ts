import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SeenMessage } from '../model/observation.ts';
import type { CellResult, RunResults } from '../model/results.ts';
import { type TraceOf, tracesIn } from '../results/read.ts';
import { writeWhole } from '../results/write.ts';
import { type FirstDeviation, firstDeviations } from './deviation.ts';
import { cellGroups, dataScript, inlineData } from './html/data.ts';
import { renderPage } from './html/page.ts';
import type { Markup } from './html/template.ts';
import { renderJunit } from './junit.ts';
import { renderMatrix } from './matrix.ts';
import { renderSummary } from './summary.ts';

export interface ReportInput {
  readonly results: RunResults;
  /** Where index.html, data/, junit.xml and matrix.txt go; results.json and traces/ lie there already. */
  readonly dir: string;
  /** @default the files of `traces/` in `dir` */
  readonly traceOf?: TraceOf;
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
  const { results, dir, traceOf = tracesIn(dir), allure = existsSync(join(dir, 'allure-results')) } = input;
  const groups = cellGroups(results.cells);
  const inlined: Markup[] = [];
  for (const group of groups) {
    const messages = await messagesByCell(group.cells, traceOf);
    const messagesOf = (cell: CellResult): readonly SeenMessage[] => messages.get(cell) ?? [];
    if (input.singleFile === true) inlined.push(inlineData(group, messagesOf));
    else await writeWhole(join(dir, group.file), dataScript(group, messagesOf));
  }
  const beside = ['results.json', 'junit.xml', 'matrix.txt', 'summary.md', ...(allure ? ['allure.html'] : [])];
  await writeWhole(join(dir, 'junit.xml'), renderJunit(results));
  const deviations = await firstDeviations(results.cells, traceOf);
  const matrix = renderMatrix(results, { colour: false, columns: FILE_COLUMNS, deviations });
  await writeWhole(join(dir, 'matrix.txt'), matrix);
  await writeWhole(join(dir, 'summary.md'), renderSummary(results));
  await writeWhole(
    join(dir, 'index.html'),
    renderPage(results, groups, input.singleFile === true ? [] : beside, input.singleFile === true ? inlined : null),
  );
  return { deviations };
}

async function messagesByCell(
  cells: readonly CellResult[],
  traceOf: TraceOf,
): Promise<Map<CellResult, readonly SeenMessage[]>> {
  return new Map(await Promise.all(cells.map(async (cell) => [cell, await traceOf(cell)] as const)));
}
