import { join } from 'node:path';
import { removeOlderData } from '../results/left-overs.ts';
import type { StoredRun } from '../results/stored-run.ts';
import { writeWhole } from '../results/write.ts';
import type { Earlier, FindEarlier } from './earlier.ts';
import { type CellGroup, cellGroups, entriesOf, type RecordedCell } from './html/data.ts';
import { type RenderedPage, renderPage } from './html/page.ts';
import { pageScript } from './html/page-script.ts';
import { dataScript, inlineData, type PagePart } from './html/parts.ts';
import type { FinishedRun, ReportPlace, WholeRenderer } from './renderer.ts';

const PAGE = 'index.html';
const DATA = 'data/';

/** Beyond this many cells one file is slow to send, to keep and to open where no choice was made: 10,000 are 8 MB, 100,000 were 80. */
const ONE_FILE_CELLS = 10_000;

/** @param singleFile What was asked for; null: nothing, and the size decides. */
export function isOneFile(singleFile: boolean | null, cells: number): boolean {
  return singleFile ?? cells <= ONE_FILE_CELLS;
}

/**
 * The page: one file with all messages in it, or one that loads them from `data/`, when somebody looks at them.
 *
 * @param findEarlier null: of earlier runs nothing is said.
 * @param singleFile true: one file, to be sent alone: it links to nothing. null: one, if the run is not too large for that.
 */
export function page(singleFile: boolean | null, findEarlier: FindEarlier | null = null): WholeRenderer {
  return {
    id: 'page',
    files: singleFile === false ? [PAGE, DATA] : [PAGE],
    async render(run: FinishedRun, { dir, files }: ReportPlace): Promise<void> {
      const groups = cellGroups(run.results.cells);
      const single = isOneFile(singleFile, run.results.cells.length);
      const others = singleFile === true ? [] : files.filter((file) => file !== PAGE);
      const { earlier } = (await findEarlier?.(run)) ?? { earlier: null };
      const rendered = renderPage(run.results, groups, others, single, await pageScript(), earlier);
      if (single) {
        await writeWhole(join(dir, PAGE), filled(rendered, groups, run, earlier));
        await removeOlderData(dir, new Set());
        return;
      }
      const written = new Set<string>();
      for await (const part of pageParts(rendered, groups, run, earlier)) {
        await writeWhole(join(dir, part.file), await dataScript(part));
        written.add(part.file);
      }
      await writeWhole(join(dir, PAGE), rendered.before + rendered.after);
      await removeOlderData(dir, written);
    },
  };
}

/** The page with all that it shows, as text. Of earlier runs it says nothing. */
export async function* wholePage(run: StoredRun): AsyncGenerator<string> {
  const groups = cellGroups(run.results.cells);
  yield* filled(renderPage(run.results, groups, [], true, await pageScript(), null), groups, run, null);
}

async function* filled(
  rendered: RenderedPage,
  groups: readonly CellGroup[],
  run: StoredRun,
  earlier: Earlier | null,
): AsyncGenerator<string> {
  yield rendered.before;
  // While one is packed, beside this thread, the next is read.
  let packing: Promise<string> | null = null;
  for await (const part of pageParts(rendered, groups, run, earlier)) {
    const before = packing;
    packing = inlineData(part);
    packing.catch(() => {}); // told when its turn comes
    if (before !== null) yield await before;
  }
  if (packing !== null) yield await packing;
  yield rendered.after;
}

async function* pageParts(
  rendered: RenderedPage,
  groups: readonly CellGroup[],
  run: StoredRun,
  earlier: Earlier | null,
): AsyncGenerator<PagePart> {
  yield* rendered.parts;
  for (const group of groups) {
    const cells = await recorded(group, run, earlier);
    yield { file: group.file, value: () => entriesOf(cells) };
  }
}

async function recorded(
  { cells }: CellGroup,
  { detailsOf, traceOf }: StoredRun,
  earlier: Earlier | null,
): Promise<RecordedCell[]> {
  const details = await detailsOf(cells);
  return Promise.all(
    details.map(async (cell) => ({
      cell,
      messages: await traceOf(cell),
      others: await Promise.all((cell.repeats?.others ?? []).map(({ trace }) => traceOf({ ...cell, trace }))),
      ...(earlier !== null && { past: earlier.verdictsOf(cell.id), before: await earlier.beforeOf(cell.id) }),
    })),
  );
}
