import { join } from 'node:path';
import type { StoredRun } from '../results/stored-run.ts';
import { writeWhole } from '../results/write.ts';
import { type CellGroup, cellGroups, entriesOf, type RecordedCell } from './html/data.ts';
import { type RenderedPage, renderPage } from './html/page.ts';
import { pageScript } from './html/page-script.ts';
import { dataScript, inlineData, type PagePart } from './html/parts.ts';
import type { FinishedRun, ReportPlace, WholeRenderer } from './renderer.ts';

const PAGE = 'index.html';

/** The page with messages in files that it loads when somebody looks at them. */
export const page: WholeRenderer = {
  id: 'page',
  files: [PAGE, 'data/'],
  async render(run: FinishedRun, { dir, files }: ReportPlace): Promise<void> {
    const groups = cellGroups(run.results.cells);
    const others = files.filter((file) => file !== PAGE);
    const rendered = renderPage(run.results, groups, others, false, await pageScript());
    for await (const part of pageParts(rendered, groups, run)) await writeWhole(join(dir, part.file), dataScript(part));
    await writeWhole(join(dir, PAGE), rendered.before + rendered.after);
  },
};

/** The page with all messages in it, to be sent as one file: it links to nothing. */
export const singlePage: WholeRenderer = {
  id: 'page',
  files: [PAGE],
  async render(run: FinishedRun, { dir }: ReportPlace): Promise<void> {
    await writeWhole(join(dir, PAGE), wholePage(run));
  },
};

/** The page with all that it shows, as text. */
export async function* wholePage(run: StoredRun): AsyncGenerator<string> {
  const groups = cellGroups(run.results.cells);
  yield* filled(renderPage(run.results, groups, [], true, await pageScript()), groups, run);
}

async function* filled(rendered: RenderedPage, groups: readonly CellGroup[], run: StoredRun): AsyncGenerator<string> {
  yield rendered.before;
  for await (const part of pageParts(rendered, groups, run)) yield inlineData(part);
  yield rendered.after;
}

async function* pageParts(
  rendered: RenderedPage,
  groups: readonly CellGroup[],
  run: StoredRun,
): AsyncGenerator<PagePart> {
  yield* rendered.parts;
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
