import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EarlierRuns } from '../../harness/compare/earlier.ts';
import type { SeenMessage } from '../../harness/model/observation.ts';
import type { CellResult, CellRow, RunResults } from '../../harness/model/results.ts';
import { renderReports } from '../../harness/report/index.ts';
import { renderers } from '../../harness/report/renderers.ts';
import { readRun, tracesIn } from '../../harness/results/read.ts';
import { writeResults } from '../../harness/results/write.ts';
import { faultsOf } from '../report/accessibility.ts';
import { describeInBrowser, watchedPage } from '../report/browser.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';
import { type Scratch, scratch } from '../setup/scratch.ts';

const BUSY = 'kamailio/ms-sipre/voicemail-busy/sensitivity-private-no-diversion/udp/direct';
const [FIRST, SECOND, THIRD] = ['2026-01-09T120000-aaaa', '2026-01-10T090000-zzzz', '2026-02-01T000000-cccc'] as const;
const WHY = 'voice mail was reached, final 200';

const traceOf = tracesIn(SAMPLE_DIR);
const traces: ReadonlyMap<string, readonly SeenMessage[]> = new Map(
  await Promise.all(sample().cells.map(async (cell) => [cell.id, await traceOf(cell)] as const)),
);

/** The sample as a run of that name, but for one cell. */
async function runIn(reports: string, id: string, change: Partial<CellResult> = {}): Promise<void> {
  const { run, cells, ...rest } = sample();
  const results: RunResults = {
    ...rest,
    run: { ...run, id },
    cells: cells.map((cell) => (cell.id === BUSY ? { ...cell, ...change } : cell)),
  };
  await writeResults(join(reports, id), results, traces);
}

const failed = { verdict: 'fail', why: WHY } as const;

describe('the runs before', () => {
  it('are those beside it that were earlier, oldest first, with what changed since the last', async () => {
    await using place = await scratch();
    await runIn(place.dir, FIRST);
    await runIn(place.dir, SECOND, failed);
    await runIn(place.dir, THIRD);
    await runIn(place.dir, '2026-03-01T000000-late', failed);
    const run = await readRun(join(place.dir, THIRD));
    const { earlier, notes } = await new EarlierRuns(join(place.dir, THIRD)).find(run);
    expect(notes).toEqual([]);
    expect(earlier?.runs.map(({ id, href }) => [id, href])).toEqual([
      [FIRST, `../${FIRST}/`],
      [SECOND, `../${SECOND}/`],
    ]);
    expect(earlier?.verdictsOf(BUSY)).toEqual(['pass', 'fail']);
    expect(earlier?.since.line).toBe(`${sample().cells.length} cells in both: 0 worse, 1 better`);
    expect(earlier?.since.groups).toMatchObject([
      { tone: 'pass', kind: 'better', why: `before: ${WHY}`, cells: [{ id: BUSY, verdict: 'pass' }] },
    ]);
    const before = await earlier?.beforeOf(BUSY);
    expect(before).toMatchObject({ cell: failed, messages: traces.get(BUSY) });
    const same = sample().cells.find(({ id }) => id !== BUSY)?.id ?? '';
    expect(await earlier?.beforeOf(same)).toBeNull();
  });

  it('are not read for a run that is very large, and that is told', async () => {
    await using place = await scratch();
    await runIn(place.dir, FIRST);
    await runIn(place.dir, SECOND);
    const run = await readRun(join(place.dir, SECOND));
    const [cell] = run.results.cells as [CellRow];
    const cells = Array.from({ length: 20_001 }, (_, nth) => ({ ...cell, id: `${cell.id}${nth}` }));
    const large = { ...run, results: { ...run.results, cells } };
    const { earlier, notes } = await new EarlierRuns(join(place.dir, SECOND)).find(large);
    expect(earlier).toBeNull();
    expect(notes).toEqual([expect.stringMatching(/^20,001 cells are not compared in passing/)]);
  });

  it.each([FIRST, 'merged'])('are none of %s, which is the first, or no run', async (name) => {
    await using place = await scratch();
    await runIn(place.dir, SECOND);
    await runIn(place.dir, name);
    const runs = new EarlierRuns(join(place.dir, name));
    expect(await runs.find(await readRun(join(place.dir, name)))).toEqual({ earlier: null, notes: [] });
  });

  it('are those that have cells of it; of one that cannot be read it is told', async () => {
    await using place = await scratch();
    await mkdir(join(place.dir, FIRST));
    await writeFile(join(place.dir, FIRST, 'results.json'), '{}');
    await mkdir(join(place.dir, '2026-01-11T000000-none'));
    const { cells, ...rest } = sample();
    const others = cells.map((cell) => ({ ...cell, id: cell.id.replace('kamailio/', 'other/'), server: 'other' }));
    await writeResults(join(place.dir, SECOND), { ...rest, cells: others }, new Map());
    await runIn(place.dir, THIRD);
    const { earlier, notes } = await new EarlierRuns(join(place.dir, THIRD)).find(
      await readRun(join(place.dir, THIRD)),
    );
    expect(earlier).toBeNull();
    expect(notes).toEqual([expect.stringMatching(`^the earlier run ${FIRST} is not compared with: .*results\\.json`)]);
  });
});

describeInBrowser("a report's page of a run that is not the first", () => {
  let place: Scratch;
  const url = (): string => pathToFileURL(join(place.dir, THIRD, 'index.html')).href;
  beforeAll(async () => {
    place = await scratch();
    await runIn(place.dir, FIRST);
    await runIn(place.dir, SECOND, failed);
    await runIn(place.dir, THIRD);
    const dir = join(place.dir, THIRD);
    const earlier = new EarlierRuns(dir);
    await renderReports(
      await readRun(dir),
      dir,
      renderers({ allure: false, historyFile: null, singleFile: null, earlier }),
    );
  });
  afterAll(() => place[Symbol.asyncDispose]());

  it.each([
    { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
    { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
  ] as const)('has on top what changed, with the way to the cells, $colorScheme', async (options) => {
    await using watched = await watchedPage(options);
    const { page } = watched;
    await page.goto(url());
    const since = page.locator('#since');
    expect(await since.textContent()).toContain('0 worse, 1 better');
    expect(await since.locator('.finding.pass').textContent()).toContain('fail → pass');
    expect(await since.getByRole('link', { name: SECOND }).getAttribute('href')).toBe(`../${SECOND}/index.html`);
    await since.locator('summary').click();
    expect(await faultsOf(page)).toEqual([]);
    expect(await since.getByRole('img', { name: 'pass, fail, pass' }).textContent()).toBe('✓✕✓');
    await since.getByRole('link', { name: BUSY }).click();
    await page.locator('dialog[open] .before').waitFor();
    expect(watched.offences).toEqual([]);
  });

  it('has of a cell its verdict in each run, and the call as it was beside the call as it is', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${url()}#${BUSY}`);
    const dots = page.locator('dialog[open] .past .dot');
    await dots.first().waitFor();
    expect(await dots.evaluateAll((all) => all.map((dot) => dot.className))).toEqual([
      'dot pass',
      'dot fail',
      'dot pass',
    ]);
    expect(await page.locator('.past a').first().getAttribute('href')).toBe(`../${FIRST}/index.html#${BUSY}`);
    const before = page.locator('dialog[open] .before');
    expect(await before.locator('h3').first().textContent()).toBe('Now, and in the run before: fail → pass');
    expect(await before.locator('.ladder[data-side=control] .message').count()).toBe(traces.get(BUSY)?.length);
    expect(await faultsOf(page)).toEqual([]);
    expect(watched.offences).toEqual([]);
  });

  it('has of a cell that went the same way no call of before', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    const same = sample().cells.find(({ id }) => id !== BUSY)?.id ?? '';
    await page.goto(`${url()}#${same}`);
    await page.locator('dialog[open] .past').waitFor();
    expect(await page.locator('dialog[open] .before').count()).toBe(0);
  });
});
