import { join } from 'node:path';
import type { CellResult } from '../model/results.ts';
import { removeOlderData } from '../results/left-overs.ts';
import type { StoredRun } from '../results/stored-run.ts';
import { writeWhole } from '../results/write.ts';
import type { Earlier, FindEarlier } from './earlier.ts';
import { type CellGroup, cellGroups, entriesOf, type RecordedCell } from './html/data.ts';
import { type RenderedPage, renderPage } from './html/page.ts';
import { pageScript } from './html/page-script.ts';
import { dataScript, inlineData, type PagePart, packed } from './html/parts.ts';
import { PartsAhead } from './parts-ahead.ts';
import type { EarlyRenderer, FinishedRun, PlannedReport, Rendering, ReportPlace, ToCome } from './renderer.ts';

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
 * @param earlier null: of earlier runs nothing is said.
 * @param singleFile true: one file, to be sent alone: it links to nothing. null: one, if the run is not too large for that.
 */
export function page(singleFile: boolean | null, earlier: FindEarlier | null = null): EarlyRenderer {
  return {
    id: 'page',
    files: singleFile === false ? [PAGE, DATA] : [PAGE],
    begin: (place, planned) => new PageRendering(place, planned, singleFile, earlier),
  };
}

class PageRendering implements Rendering {
  readonly #place: ReportPlace;
  readonly #singleFile: boolean | null;
  readonly #earlier: FindEarlier | null;
  readonly #ahead: PartsAhead | null;

  constructor(place: ReportPlace, { cells }: PlannedReport, singleFile: boolean | null, earlier: FindEarlier | null) {
    this.#place = place;
    this.#singleFile = singleFile;
    this.#earlier = earlier;
    const ids = cells.map(({ id }) => id);
    // What is larger is not kept in memory for it.
    const isAhead = isOneFile(singleFile, ids.length) && ids.length <= ONE_FILE_CELLS;
    this.#ahead = isAhead ? new PartsAhead(place.dir, ids, async () => (await earlier?.verdicts(ids)) ?? null) : null;
  }

  add(results: readonly CellResult[], toCome: ToCome): void {
    this.#ahead?.add(results, toCome);
  }

  async render(run: FinishedRun): Promise<void> {
    const { dir, files } = this.#place;
    const groups = cellGroups(run.results.cells);
    const single = isOneFile(this.#singleFile, run.results.cells.length);
    const others = this.#singleFile === true ? [] : files.filter((file) => file !== PAGE);
    const { earlier } = (await this.#earlier?.find(run)) ?? { earlier: null };
    const rendered = renderPage(run.results, groups, others, single, await pageScript(), earlier);
    if (single) {
      await writeWhole(join(dir, PAGE), filled(rendered, groups, run, earlier, this.#ahead));
      await removeOlderData(dir, new Set());
      return;
    }
    const written = new Set<string>();
    for (const { file, made } of partsOf(rendered, groups, run, earlier)) {
      await writeWhole(join(dir, file), await dataScript(await made()));
      written.add(file);
    }
    await writeWhole(join(dir, PAGE), rendered.before + rendered.after);
    await removeOlderData(dir, written);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ahead?.add([], 'nothing');
  }
}

/** The page with all that it shows, as text. Of earlier runs it says nothing. */
export async function* wholePage(run: StoredRun): AsyncGenerator<string> {
  const groups = cellGroups(run.results.cells);
  yield* filled(renderPage(run.results, groups, [], true, await pageScript(), null), groups, run, null, null);
}

async function* filled(
  rendered: RenderedPage,
  groups: readonly CellGroup[],
  run: StoredRun,
  earlier: Earlier | null,
  ahead: PartsAhead | null,
): AsyncGenerator<string> {
  yield rendered.before;
  // While one is packed, beside this thread, the next is read.
  let packing: Promise<string> | null = null;
  for (const part of partsOf(rendered, groups, run, earlier)) {
    const before = packing;
    const ready = part.group === null ? null : await ahead?.dataOf(part.group, earlier);
    const data = ready ?? packed((await part.made()).value());
    packing = Promise.resolve(data).then((text) => inlineData(part.file, text));
    packing.catch(() => {}); // told when its turn comes
    if (before !== null) yield await before;
  }
  if (packing !== null) yield await packing;
  yield rendered.after;
}

interface PartToMake {
  readonly file: string;
  /** null: it is of the whole run. */
  readonly group: CellGroup | null;
  readonly made: () => Promise<PagePart>;
}

function partsOf(
  rendered: RenderedPage,
  groups: readonly CellGroup[],
  run: StoredRun,
  earlier: Earlier | null,
): PartToMake[] {
  return [
    ...rendered.parts.map((part) => ({ file: part.file, group: null, made: async () => part })),
    ...groups.map((group) => ({
      file: group.file,
      group,
      made: async () => {
        const cells = await recorded(group, run, earlier);
        return { file: group.file, value: () => entriesOf(cells) };
      },
    })),
  ];
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
