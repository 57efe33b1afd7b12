import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CellResult } from '../../harness/model/results.ts';
import { scratch } from '../setup/scratch.ts';
import { faultsOf } from './accessibility.ts';
import { describeInBrowser, type WatchedPage, watchedPageApart } from './browser.ts';
import { type Rendered, render } from './rendered.ts';
import { syntheticResults } from './synthetic-run.ts';

const CELLS = 10_000;
const SHOWN = '.block:not([hidden]) tr:not([hidden]) td a:not(.off)';

const results = syntheticResults(CELLS);
const last = results.cells.at(-1)?.id ?? '';
const idsOf = (cells: readonly CellResult[]): string[] => cells.map(({ id }) => `#${id}`).toSorted();

/** Until nothing in sight is on its way. */
const atRest = (page: Page): Promise<void> => page.locator('#matrix:not([aria-busy])').waitFor();

/** Every cell that can be scrolled to: tables out of sight are not there. */
async function cellsOnTheWay(page: Page): Promise<string[]> {
  const found = new Set<string>();
  const blocks = page.locator('.block:not([hidden])');
  for (let index = 0; index < (await blocks.count()); index += 1) {
    const block = blocks.nth(index);
    await block.scrollIntoViewIfNeeded();
    await block.locator('table').waitFor();
    const links = block.locator(SHOWN.replace('.block:not([hidden]) ', ''));
    for (const href of await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))) {
      found.add(href);
    }
  }
  return [...found].toSorted();
}

describeInBrowser('a run of ten thousand cells', () => {
  let report: Rendered;
  let single: Rendered;
  /** For cases that ask one after the other: to load it takes longer than to ask. The first finds it as it was loaded. */
  let asked: WatchedPage;
  beforeAll(async () => {
    [report, single] = await Promise.all([
      render(results, new Map()),
      render(results, new Map(), { singleFile: true }),
    ]);
    asked = await watchedPageApart();
    await asked.page.goto(report.url);
  }, 300_000);
  afterAll(async () => {
    await Promise.all([report[Symbol.asyncDispose](), single[Symbol.asyncDispose]()]);
  });

  it('has tables where somebody looks, and no others; every one has its place', async () => {
    const { page, offences } = asked;
    expect(await page.locator('table.matrix').count()).toBe(0);
    const blocks = page.locator('.block');
    for (const block of [blocks.first(), blocks.last()]) {
      await block.scrollIntoViewIfNeeded();
      await block.locator('table').waitFor();
    }
    await expect.poll(() => blocks.first().locator('table').count()).toBe(0);
    const there = await page.locator('table.matrix').count();
    expect(there).toBeLessThan(6);
    expect(await page.locator('#matrix table.matrix a:not([tabindex="-1"])').count()).toBe(there);
    expect(offences).toEqual([]);
  });

  it('reserves as much room for a table as it takes', async () => {
    const { page } = asked;
    // One that nobody has been at: it would have the room that it took.
    const place = page.locator('.block .scroll').nth(Math.floor((await page.locator('.block').count()) / 2));
    expect(await place.locator('table').count()).toBe(0);
    const reserved = (await place.boundingBox())?.height ?? 0;
    await place.scrollIntoViewIfNeeded();
    await place.locator('table').waitFor();
    const taken = (await place.boundingBox())?.height ?? 0;
    expect(Math.abs(taken - reserved)).toBeLessThan(taken / 10);
  });

  it.for(['data beside it', 'a single file'])('opens the last of its cells: %s', async (kind) => {
    await using watched = await watchedPageApart();
    const { page } = watched;
    await page.goto(`${kind === 'a single file' ? single.url : report.url}#${last}`);
    await page.locator('dialog[open] .verdict-line').waitFor();
    await page.keyboard.press('Escape');
    await page.goto(
      `${kind === 'a single file' ? single.url : report.url}?server=server-5&verdict=inconclusive#matrix`,
    );
    await page.locator('table.matrix').first().waitFor();
    expect(await cellsOnTheWay(page)).toEqual(
      idsOf(results.cells.filter(({ server, verdict }) => server === 'server-5' && verdict === 'inconclusive')),
    );
    expect(watched.offences).toEqual([]);
  });

  it('prints the tables that were in sight, and says that there are more', async () => {
    const { page } = asked;
    await page.locator('.block').first().scrollIntoViewIfNeeded();
    await page.locator('.block').first().locator('table').waitFor();
    const note = page.locator('p.paper');
    expect(await note.isVisible()).toBe(false);
    await page.emulateMedia({ media: 'print' });
    expect(await note.textContent()).toContain('matrix.txt has all of them');
    expect(await note.isVisible()).toBe(true);
    expect(await page.locator('.block .scroll').last().isVisible()).toBe(false);
    expect(await page.locator('.block h3').last().isVisible()).toBe(true);
    await page.emulateMedia({ media: null });
  });

  it('is one file when it is asked to be', async () => {
    expect((await readdir(single.dir)).toSorted()).toEqual(['index.html', 'junit.xml', 'matrix.txt', 'summary.md']);
  });

  const saidOf = (count: number): string => `${count.toLocaleString('en-US')} ${count === 1 ? 'cell' : 'cells'}`;

  /** The page as nothing filters it. */
  const unfiltered = async (): Promise<Page> => {
    const { page } = asked;
    await page.getByRole('button', { name: 'Clear' }).click();
    await atRest(page);
    expect(await page.locator('output').textContent()).toBe(saidOf(CELLS));
    return page;
  };

  it('shows exactly the cells that each filter asks for', async () => {
    const page = await unfiltered();
    const said = async (wanted: (cell: CellResult) => boolean): Promise<void> => {
      await atRest(page);
      expect(await page.locator('output').textContent()).toBe(saidOf(results.cells.filter(wanted).length));
    };
    await page.selectOption('select[name="server"]', 'server-3');
    await said((cell) => cell.server === 'server-3');
    await page.getByRole('checkbox', { name: /^fail/ }).check();
    await said((cell) => cell.server === 'server-3' && cell.verdict === 'fail');
    await page.selectOption('select[name="server"]', '');
    await page.selectOption('select[name="feature"]', 'team-ring');
    await said((cell) => cell.feature === 'team-ring' && cell.verdict === 'fail');
    expect(await cellsOnTheWay(page)).toEqual(
      idsOf(results.cells.filter((cell) => cell.feature === 'team-ring' && cell.verdict === 'fail')),
    );
    await page.getByRole('button', { name: 'Clear' }).click();
    await said(() => true);
    expect(asked.offences).toEqual([]);
  });

  it.each([
    'secondary-folded',
    'SERVER-4',
    'busy/target-class',
    'udp/direct',
    'server-2 reached 4',
    'no-such-word',
    // Parts of an id, and a title: words of which each is found elsewhere.
    'ms-sipre secondary voicemail',
  ])('finds cells by what they are called and by their reasons: %s', async (text) => {
    const page = await unfiltered();
    await page.getByRole('searchbox').fill(text);
    await atRest(page);
    const titles = new Map(results.variants.map(({ id, title }) => [id, title]));
    const found = results.cells.filter(({ id, variant, why }) => {
      const words = `${id} ${variant}${titles.get(variant) ?? ''} ${why ?? ''}`.toLowerCase();
      return text
        .toLowerCase()
        .split(' ')
        .every((word) => words.includes(word));
    });
    expect(await page.locator('output').textContent()).toContain(`${found.length.toLocaleString('en-US')} cell`);
    expect(asked.offences).toEqual([]);
  });

  it('loads the answers of another server when they are opened', async () => {
    const { page, offences } = asked;
    await page.locator('details.others > summary').click();
    const answer = page.locator('details.others details.policy').last();
    expect(await answer.locator('table').count()).toBe(0);
    await answer.locator('summary').first().click();
    await answer.locator('table.answers').first().waitFor();
    expect(await answer.locator('a.word').first().getAttribute('href')).toContain('#server-5/');
    expect(offences).toEqual([]);
  });

  it('says which header keeps a call out from a file of its own, and its further columns from others', async () => {
    await using watched = await watchedPageApart();
    const { page } = watched;
    await page.goto(`${report.url}?out=voicemail`);
    await expect.poll(() => page.locator('#which-answer').textContent()).not.toBe('');
    expect(await page.locator('table.across').first().locator('thead th').count()).toBeLessThan(10);
    const more = page.locator('.sheet details.more').last();
    expect(await more.locator('table').count()).toBe(0);
    await more.locator('summary').first().click();
    await more.locator('table.across').first().waitFor();
    expect(watched.offences).toEqual([]);
  });

  it('has no serious fault of accessibility, with what was loaded', async () => {
    await using watched = await watchedPageApart();
    const { page } = watched;
    await page.goto(report.url);
    await page.locator('details.others > summary').click();
    await page.locator('details.others details.policy > summary').first().click();
    await page.locator('details.others table.answers').first().waitFor();
    await page.locator('.block').first().scrollIntoViewIfNeeded();
    await page.locator('table.matrix').first().waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  it('says what is missing when data/ was left behind', async () => {
    await using lonely = await scratch();
    await copyFile(join(report.dir, 'index.html'), join(lonely.dir, 'index.html'));
    await using watched = await watchedPageApart();
    const { page } = watched;
    await page.goto(`file://${encodeURI(lonely.dir)}/index.html#matrix`);
    await expect.poll(() => page.locator('.block .scroll').first().textContent()).toMatch(/copy the folder data\/ too/);
    await page.getByRole('searchbox').fill('reached');
    await expect.poll(() => page.locator('output').textContent()).toMatch(/reasons\.js cannot be read/);
  });
});
