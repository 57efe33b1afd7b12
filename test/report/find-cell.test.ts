import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CellRow, RunResults } from '../../harness/model/results.ts';
import { inMatrixOrder } from '../../harness/results/matrix-order.ts';
import { sample } from '../results/sample.ts';
import { describeInBrowser, launchBrowser, watchedPage } from './browser.ts';
import { type Rendered, render, renderSample } from './rendered.ts';
import { syntheticRun } from './synthetic-run.ts';

const hrefs = (page: Page): Promise<(string | null)[]> =>
  page.locator('table.matrix td a:visible').evaluateAll((all) => all.map((each) => each.getAttribute('href')));
const LARGE = syntheticRun({ cells: 10_000 }).results;

describeInBrowser('a cell is found', () => {
  let browser: Browser;
  let small: Rendered;
  let large: Rendered;
  beforeAll(async () => {
    [browser, small, large] = await Promise.all([launchBrowser(), renderSample(), render(LARGE, new Map())]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([browser.close(), small[Symbol.asyncDispose](), large[Symbol.asyncDispose]()]);
  });

  it.for<[string, (cell: CellRow) => boolean]>([
    ['verdict:fail', ({ verdict }) => verdict === 'fail'],
    [
      'policy:ms-sipre status:4',
      ({ policy, observed }) => policy === 'ms-sipre' && `${observed.status}`.startsWith('4'),
    ],
    ['status:200', ({ observed }) => observed.status === 200],
    ['variant:none transport:udp', ({ variant, transport }) => variant === 'none' && transport === 'udp'],
    ['feature:voicemail server:kamailio', ({ feature }) => feature === 'voicemail'],
    ['situation:voicemail-busy', ({ situation }) => situation === 'voicemail-busy'],
    ['policy:ms', () => false],
    ['verdict:nonsense', () => false],
  ])('by %s, which stands in the address', async ([text, wanted]) => {
    const check = async ({ url }: Rendered, { cells }: RunResults): Promise<void> => {
      await using watched = await watchedPage(browser);
      const { page } = watched;
      await page.goto(url);
      await page.getByRole('searchbox').fill(text);
      const count = cells.filter(wanted).length;
      const said = `${count.toLocaleString('en-US')} ${count === 1 ? 'cell' : 'cells'}`;
      await expect.poll(() => page.locator('output').textContent()).toBe(said);
      await expect.poll(() => page.evaluate('new URLSearchParams(location.search).get("text")')).toBe(text);
      expect(watched.offences).toEqual([]);
    };
    await check(small, sample());
    if (!text.includes('server:')) await check(large, LARGE);
  });

  it('from the one before it and the one after it, by link and by key, over what the filters hide', async () => {
    await using watched = await watchedPage(browser);
    const { page } = watched;
    await page.goto(`${small.url}?text=verdict:fail`);
    const shown = await hrefs(page);
    expect(shown.length).toBeGreaterThan(1);
    await page.locator('table.matrix td a:visible').first().click();
    const heading = page.locator('dialog[open] nav.neighbours');
    await heading.waitFor();
    expect(await heading.getByRole('link', { name: 'previous' }).count()).toBe(0);
    for (const href of shown.slice(1)) {
      await page.keyboard.press('n');
      await expect.poll(() => page.evaluate('location.hash')).toBe(href);
    }
    await expect.poll(() => heading.getByRole('link', { name: 'next' }).count()).toBe(0);
    await page.keyboard.press('p');
    await expect.poll(() => page.evaluate('location.hash')).toBe(shown.at(-2));
    expect(watched.offences).toEqual([]);
  });

  it('after the last of a table in the next, whose table is not there yet', async () => {
    await using watched = await watchedPage(browser);
    const { page } = watched;
    const ids = inMatrixOrder(LARGE).map(({ id }) => id);
    const first = ids[0] ?? '';
    await page.goto(`${large.url}?text=variant:none#${first}`);
    const seen: unknown[] = [];
    const situations = LARGE.situations.length;
    for (let at = 0; at < situations; at += 1) {
      seen.push(await page.evaluate('location.hash'));
      await page.locator('dialog[open] nav.neighbours a[rel="next"]').click();
    }
    seen.push(await page.evaluate('location.hash'));
    const [server, policy] = String(seen.at(-1)).slice(1).split('/');
    expect(`${server}/${policy}`).not.toBe(first.split('/').slice(0, 2).join('/'));
    expect(new Set(seen).size).toBe(situations + 1);
    expect(seen.every((hash) => String(hash).includes('/none/'))).toBe(true);
    expect(watched.offences).toEqual([]);
  });
});
