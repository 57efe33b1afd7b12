import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, launchBrowser, watchedPage } from './browser.ts';
import { type Rendered, render } from './rendered.ts';
import { syntheticRun } from './synthetic-run.ts';

const CELLS = 10_000;

const shownCells = (page: Page): Promise<number> =>
  page.evaluate("document.querySelectorAll('.block:not([hidden]) tr:not([hidden]) td a:not(.off)').length");

describeInBrowser('a run of ten thousand cells', () => {
  const { results } = syntheticRun({ cells: CELLS });
  const last = results.cells.at(-1)?.id ?? '';
  let browser: Browser;
  let report: Rendered;
  beforeAll(async () => {
    [browser, report] = await Promise.all([launchBrowser(), render(results, new Map())]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([browser.close(), report[Symbol.asyncDispose]()]);
  });

  it('has every one of them in the matrix, and opens the last', async () => {
    await using watched = await watchedPage(browser);
    const { page } = watched;
    await page.goto(`${report.url}#${last}`);
    await page.locator('dialog[open] .verdict-line').waitFor();
    expect(await page.locator('table.matrix td a').count()).toBe(CELLS);
    expect(await page.locator('#matrix table.matrix a:not([tabindex="-1"])').count()).toBe(
      await page.locator('table.matrix').count(),
    );
    expect(watched.offences).toEqual([]);
  });

  it('shows exactly the cells that each filter asks for', async () => {
    await using watched = await watchedPage(browser);
    const { page } = watched;
    await page.goto(report.url);
    const count = (wanted: (cell: (typeof results.cells)[number]) => boolean): number =>
      results.cells.filter(wanted).length;
    const shown = async (): Promise<readonly [number, string | null]> => [
      await shownCells(page),
      await page.locator('output').textContent(),
    ];
    const said = (cells: number): readonly [number, string] => [
      cells,
      `${cells.toLocaleString('en-US')} ${cells === 1 ? 'cell' : 'cells'}`,
    ];
    await page.selectOption('select[name="server"]', 'server-3');
    expect(await shown()).toEqual(said(count((cell) => cell.server === 'server-3')));
    await page.getByRole('checkbox', { name: /^fail/ }).check();
    expect(await shown()).toEqual(said(count((cell) => cell.server === 'server-3' && cell.verdict === 'fail')));
    await page.selectOption('select[name="server"]', '');
    await page.selectOption('select[name="feature"]', 'team-ring');
    expect(await shown()).toEqual(said(count((cell) => cell.feature === 'team-ring' && cell.verdict === 'fail')));
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByRole('searchbox').fill('secondary-folded');
    expect(await shown()).toEqual(said(count((cell) => cell.variant === 'target-class-secondary-folded')));
    await page.getByRole('searchbox').fill('');
    expect(await shown()).toEqual(said(CELLS));
    expect(watched.offences).toEqual([]);
  });
});
