import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SeenMessage } from '../../harness/model/observation.ts';
import type { CellRow, RunResults } from '../../harness/model/results.ts';
import { CELLS_IN_PAGE } from '../../harness/report/html/parts.ts';
import { inMatrixOrder } from '../../harness/results/matrix-order.ts';
import { tracesIn } from '../../harness/results/read.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';
import { describeInBrowser, type WatchedPage, watchedPage, watchedPageApart } from './browser.ts';
import { type Rendered, render, renderSample } from './rendered.ts';
import { syntheticResults } from './synthetic-run.ts';

const hrefs = (page: Page): Promise<(string | null)[]> =>
  page.locator('table.matrix td a:visible').evaluateAll((all) => all.map((each) => each.getAttribute('href')));
/** Few more than a page has with it: its tables, its reasons and its messages are in data/, as those of ten thousand. */
const LARGE = syntheticResults(CELLS_IN_PAGE + 200);
const saidOf = (count: number): string => `${count.toLocaleString('en-US')} ${count === 1 ? 'cell' : 'cells'}`;
const traceOf = tracesIn(SAMPLE_DIR);
const FLOWS = new Map(await Promise.all(sample().cells.map(async (cell) => [cell.id, await traceOf(cell)] as const)));

/** In a page that may have been asked something else before. */
async function search({ page }: WatchedPage, { cells }: Pick<RunResults, 'cells'>, text: string): Promise<void> {
  const box = page.getByRole('searchbox');
  await box.fill('');
  await expect.poll(() => page.locator('output').textContent()).toBe(saidOf(cells.length));
  await box.fill(text);
}

describeInBrowser('a cell is found', () => {
  let small: Rendered;
  let folder: Rendered;
  let large: Rendered;
  /** For cases that ask one after the other: to load a page takes longer than to ask. */
  let asked: { readonly small: WatchedPage; readonly folder: WatchedPage; readonly large: WatchedPage };
  beforeAll(async () => {
    [small, folder, large] = await Promise.all([
      render(sample(), tracesIn(SAMPLE_DIR), { singleFile: null }),
      renderSample(),
      render(LARGE, new Map()),
    ]);
    asked = { small: await watchedPage(), folder: await watchedPage(), large: await watchedPageApart() };
    await asked.small.page.goto(small.url);
    await asked.folder.page.goto(folder.url);
    await asked.large.page.goto(large.url);
  }, 300_000);
  afterAll(async () => {
    await Promise.all([small, folder, large].map((each) => each[Symbol.asyncDispose]()));
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
    const check = async (watched: WatchedPage, { cells }: Pick<RunResults, 'cells'>): Promise<void> => {
      const { page, offences } = watched;
      await search(watched, { cells }, text);
      await expect.poll(() => page.locator('output').textContent()).toBe(saidOf(cells.filter(wanted).length));
      await expect.poll(() => page.evaluate('new URLSearchParams(location.search).get("text")')).toBe(text);
      expect(offences).toEqual([]);
    };
    // At the same time: both wait for what the page does some time after the last key.
    await Promise.all([check(asked.small, sample()), ...(text.includes('server:') ? [] : [check(asked.large, LARGE)])]);
  });

  const callIdOf = (raw: string): string => /^Call-ID: (.*)\r$/m.exec(raw)?.[1] ?? '';
  const holds = (cell: CellRow, test: (message: SeenMessage) => boolean): boolean =>
    (FLOWS.get(cell.id) ?? []).some(test);
  const someCallId = callIdOf([...FLOWS.values()].flat()[0]?.raw ?? '');

  it.for<[string, (cell: CellRow) => boolean]>([
    [`call-id:${someCallId.toUpperCase()}`, (cell) => holds(cell, ({ callId }) => callId === someCallId)],
    ['text:"ms-sensitivity: private"', (cell) => holds(cell, ({ raw }) => raw.includes('Ms-Sensitivity: private'))],
    ['text:"CSeq: 1 INVITE', (cell) => holds(cell, ({ raw }) => raw.includes('CSeq: 1 INVITE'))],
    [
      'policy:ms-sipre text:SIP/2.0 verdict:pass',
      (cell) => cell.policy === 'ms-sipre' && cell.verdict === 'pass' && holds(cell, () => true),
    ],
    ['callee:alice', (cell) => holds(cell, ({ startLine }) => startLine.startsWith('INVITE sip:alice'))],
    ['text:"no such text"', () => false],
    ['call-id:no-such', () => false],
  ])('by what its messages hold: %s', async ([text, wanted]) => {
    const count = sample().cells.filter(wanted).length;
    const check = async (watched: WatchedPage): Promise<void> => {
      await search(watched, sample(), text);
      await expect.poll(() => watched.page.locator('output').textContent()).toBe(saidOf(count));
      await watched.page.locator('#matrix:not([aria-busy])').waitFor();
      expect(await watched.page.locator('#nothing').isVisible()).toBe(count === 0);
      expect(watched.offences).toEqual([]);
    };
    await Promise.all([check(asked.small), check(asked.folder)]);
  });

  it('by what its messages hold, when that stands in the address', async () => {
    const count = sample().cells.filter((cell) => holds(cell, ({ callId }) => callId === someCallId)).length;
    for (const { url } of [small, folder]) {
      await using watched = await watchedPage();
      const { page } = watched;
      await page.goto(`${url}?text=${encodeURIComponent(`call-id:${someCallId}`)}`);
      await expect.poll(() => page.locator('output').textContent()).toBe(saidOf(count));
      expect(watched.offences).toEqual([]);
    }
  });

  it('by its messages, and says how far it has come, and what kept it', async () => {
    await using watched = await watchedPageApart();
    const { page } = watched;
    await page.goto(large.url);
    const said = page.evaluate(`new Promise((resolve) => {
      const output = document.querySelector('output');
      new MutationObserver(() => {
        if (/of \\d+ parts/.test(output.textContent)) resolve(output.textContent);
      }).observe(output, { childList: true });
    })`);
    await page.getByRole('searchbox').fill('text:anything');
    expect(await said).toMatch(/^0 cells so far: searched \d+ of \d+ parts of the messages$/);
    await using lonely = await render(sample(), tracesIn(SAMPLE_DIR), { singleFile: false });
    await rm(join(lonely.dir, 'data'), { recursive: true });
    await page.goto(`${lonely.url}?text=text:anything`);
    await expect
      .poll(() => page.locator('output').textContent())
      .toMatch(/^the messages cannot be searched: data\/.*cannot be read/);
  });

  it('from the one before it and the one after it, by link and by key, over what the filters hide', async () => {
    await using watched = await watchedPage();
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
    await using watched = await watchedPageApart();
    const { page } = watched;
    const hrefsInOrder = inMatrixOrder(LARGE)
      .filter(({ variant }) => variant === 'none')
      .map(({ id }) => `#${id}`);
    const begin = LARGE.situations.length - 3;
    const onTheWay = hrefsInOrder.slice(begin, begin + 5);
    const tables = new Set(onTheWay.map((href) => href.split('/').slice(0, 2).join('/')));
    expect(tables.size).toBe(2);
    await page.goto(`${large.url}?text=variant:none${onTheWay[0]}`);
    const seen: unknown[] = [await page.evaluate('location.hash')];
    while (seen.length < onTheWay.length) {
      const next = page.locator('dialog[open] nav.neighbours a[rel="next"]');
      const href = await next.getAttribute('href');
      await next.click();
      // Until the cell is there, the link is still that of the cell before.
      await expect.poll(() => next.getAttribute('href')).not.toBe(href);
      seen.push(await page.evaluate('location.hash'));
    }
    expect(seen).toEqual(onTheWay);
    expect(watched.offences).toEqual([]);
  });
});
