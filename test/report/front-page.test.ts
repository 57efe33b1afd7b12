import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerRun } from './answer-run.ts';
import { describeInBrowser, watchedPage } from './browser.ts';
import { type Rendered, render, renderSample } from './rendered.ts';

const shownCells = (page: Page): Promise<number> => page.locator('table.matrix td a:visible').count();
const query = (page: Page): Promise<string> => page.evaluate('location.search');

describeInBrowser('the front page', () => {
  let sampleReport: Rendered;
  beforeAll(async () => {
    sampleReport = await renderSample();
  });
  afterAll(async () => {
    await sampleReport[Symbol.asyncDispose]();
  });

  it('leads within three clicks to the INVITE that was kept out, and to the one of its control that was not', async () => {
    const { results, traces } = answerRun({
      situations: { 'voicemail-no-answer': 'voicemail', 'voicemail-busy': 'voicemail', 'team-ring': 'team-ring' },
      rows: {
        none: ['o', 'o', 'o'],
        'target-class-secondary': ['-', '-', '-'],
        'sensitivity-private': ['o', 'o', 'o'],
      },
    });
    await using report = await render(results, traces);
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(report.url);
    expect(await page.locator('.policy > summary').first().textContent()).toMatch(
      /ms-sipre.*Ms-Target-Class: secondary keeps a call out of voice mail and team ring/,
    );
    const row = page.locator('table.answers tbody tr', { hasText: 'Ms-Target-Class: secondary' });
    await row.getByRole('link', { name: 'kept out' }).first().click(); // the first click
    const panes = page.locator('dialog[open] .flows > section');
    await panes.nth(1).waitFor();
    expect(await page.evaluate('location.hash')).toBe(
      '#kamailio/ms-sipre/voicemail-no-answer/target-class-secondary/udp/direct',
    );
    const invite = /INVITE.*caller (to|→) server/;
    await page.getByRole('button', { name: invite }).first().click(); // the second
    await expect
      .poll(() => rawText(page))
      .toMatch(/INVITE sip:alice@ms-sipre\.test SIP\/2\.0[\s\S]*Ms-Target-Class: secondary/);
    const trap = page.getByRole('button', { name: /INVITE.*server (to|→) voice ?mail/ });
    await trap.last().click(); // the third
    await expect.poll(() => rawText(page)).toContain('INVITE sip:alice@127.0.1.40 SIP/2.0');
    expect(watched.offences).toEqual([]);
  });

  it('puts the answer first, then what went wrong, then the matrix and the claims', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(sampleReport.url);
    expect(await page.locator('main > section').evaluateAll((all) => all.map(({ id }) => id))).toEqual([
      'answer',
      'findings',
      'matrix',
      'policies',
      'claims',
      'asked',
      'run',
    ]);
    expect(await page.locator('.tally li').allInnerTexts()).toEqual([
      '2 fail',
      '3 inconclusive',
      '12 pass',
      '2 unsupported',
      '1 unspecified',
    ]);
    expect(watched.offences).toEqual([]);
  });

  it('filters the matrix from a count, without loading the page again, and Back undoes it', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(sampleReport.url);
    const all = await shownCells(page);
    await page.evaluate('globalThis.samePage = true');
    await page.locator('.tally').getByRole('link', { name: 'inconclusive' }).click();
    await expect.poll(() => shownCells(page)).toBe(3);
    expect([await query(page), await page.evaluate('location.hash')]).toEqual(['?verdict=inconclusive', '#matrix']);
    await page.goBack();
    await expect.poll(() => shownCells(page)).toBe(all);
    expect(await page.evaluate('globalThis.samePage')).toBe(true);
    expect(watched.offences).toEqual([]);
  });

  it('keeps filters and cell in the address, so that it can be passed on', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(sampleReport.url);
    await page.selectOption('select[name="policy"]', 'ms-sipre');
    await page.selectOption('select[name="feature"]', 'voicemail');
    await page.getByRole('checkbox', { name: /^fail/ }).check();
    await page.getByRole('searchbox').fill('sensitivity');
    await expect.poll(() => query(page)).toBe('?policy=ms-sipre&feature=voicemail&verdict=fail&text=sensitivity');
    const left = await shownCells(page);
    expect(left).toBeGreaterThan(0);
    await page.locator('table.matrix td a:visible').first().click();
    await page.locator('dialog[open] .flows').waitFor();
    const address = page.url();
    expect(address).toContain('#kamailio/');
    await using other = await watchedPage();
    await other.page.goto(address);
    await other.page.locator('dialog[open] .flows').waitFor();
    await other.page.keyboard.press('Escape');
    await expect.poll(() => other.page.locator('dialog[open]').count()).toBe(0);
    expect(await shownCells(other.page)).toBe(left);
    expect(await other.page.locator('select[name="policy"]').inputValue()).toBe('ms-sipre');
    await expect.poll(() => query(other.page)).toBe('?policy=ms-sipre&feature=voicemail&verdict=fail&text=sensitivity');
    expect([...watched.offences, ...other.offences]).toEqual([]);
  });

  it('ignores what an address asks for that the run has not', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${sampleReport.url}?policy=nobody&verdict=%3Cscript%3E&colour=blue#kamailio/nothing/here`);
    expect(await shownCells(page)).toBe(20);
    expect(watched.offences).toEqual([]);
  });

  it('says so when no cell is left, and shows all again', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${sampleReport.url}?text=no-such-thing`);
    expect(await shownCells(page)).toBe(0);
    await page.getByRole('link', { name: 'Show all' }).click();
    await expect.poll(() => shownCells(page)).toBe(20);
    await page.getByRole('searchbox').fill('forward');
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => shownCells(page)).toBe(20);
    expect(watched.offences).toEqual([]);
  });

  it('offers each of several servers, transports, features and variants, and no choice of one', async () => {
    const situations = { 'voicemail-no-answer': 'voicemail', 'team-ring': 'team-ring' } as const;
    const rows = { none: ['o', 'o'], 'target-class-secondary': ['-', 'o'] };
    const one = answerRun({ situations, rows });
    const two = answerRun({ situations, rows, server: 'other' });
    await using report = await render(
      {
        ...one.results,
        run: {
          ...one.results.run,
          servers: { ...one.results.run.servers, other: { name: 'Kamailio', version: '6.0.1' } },
        },
        cells: [...one.results.cells, ...two.results.cells],
      },
      new Map([...one.traces, ...two.traces]),
    );
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(report.url);
    expect(
      await page.locator('.bar select').evaluateAll((all) => all.map((each) => each.getAttribute('name'))),
    ).toEqual(['policy', 'server', 'feature', 'variant']);
    expect(await page.locator('.policy .place').allInnerTexts()).toEqual([
      'ms-sipre (Kamailio 5.6.3, udp)',
      'ms-sipre (Kamailio 6.0.1, udp)',
    ]);
    await page.selectOption('select[name="server"]', 'other');
    await page.selectOption('select[name="variant"]', 'target-class-secondary');
    expect(
      await page
        .locator('table.matrix td a:visible')
        .evaluateAll((all) => all.map((each) => each.getAttribute('href'))),
    ).toEqual([
      '#other/ms-sipre/voicemail-no-answer/target-class-secondary/udp/direct',
      '#other/ms-sipre/team-ring/target-class-secondary/udp/direct',
    ]);
    expect(watched.offences).toEqual([]);
  });

  it('says on which of several servers a claim does not hold', async () => {
    const { results, traces } = answerRun({ situations: { 'team-ring': 'team-ring' }, rows: { none: ['o'] } });
    const [claim] = results.claims;
    await using report = await render(
      {
        ...results,
        run: { ...results.run, servers: { ...results.run.servers, other: { name: 'Kamailio', version: '6.0.1' } } },
        claimResults: [
          {
            claim: claim?.id ?? '',
            policy: 'ms-sipre',
            held: 'does-not-hold',
            cells: ['other/ms-sipre/team-ring/none/udp/direct'],
          },
        ],
      },
      traces,
    );
    await using watched = await watchedPage();
    await watched.page.goto(report.url);
    expect(await watched.page.locator('td.does-not-hold summary').allTextContents()).toEqual([
      '✕ does not hold 1 on Kamailio 6.0.1',
    ]);
    expect(watched.offences).toEqual([]);
  });

  it('has keys for the search and for help, but not while somebody types', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(sampleReport.url);
    const search = page.getByRole('searchbox');
    await page.keyboard.press('/');
    expect(await hasFocus(page, search)).toBe(true);
    await page.keyboard.type('a/b?');
    expect([await search.inputValue(), await page.locator('dialog[open]').count()]).toEqual(['a/b?', 0]);
    await page.keyboard.press('Escape');
    expect([await search.inputValue(), await shownCells(page)]).toEqual(['', 20]);
    await search.blur();
    await page.keyboard.press('?');
    expect(await page.locator('dialog[open]').textContent()).toContain('walk from cell to cell');
    await page.keyboard.press('Escape');
    expect(await page.locator('dialog[open]').count()).toBe(0);
    expect(watched.offences).toEqual([]);
  });

  it('can be reached with Tab whatever the filters hide, and walked from end to end', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${sampleReport.url}?verdict=fail`);
    const stops = page.locator('table.matrix:visible td a:not([tabindex="-1"])');
    expect(await stops.count()).toBe(await page.locator('table.matrix:visible').count());
    expect(await page.locator('table.matrix td a:visible:not([tabindex="-1"])').count()).toBe(await stops.count());
    await page.getByRole('button', { name: 'Clear' }).click();
    const row = page.locator('table.matrix').first().locator('tbody tr').first().locator('td a');
    await row.first().focus();
    await page.keyboard.press('End');
    expect(await hasFocus(page, row.last())).toBe(true);
    await page.keyboard.press('Home');
    expect(await hasFocus(page, row.first())).toBe(true);
    expect(watched.offences).toEqual([]);
  });

  it('prints whole: no bars, folded parts open, verdicts in words', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(sampleReport.url);
    await page.emulateMedia({ media: 'print' });
    for (const gone of ['#filters', 'nav', 'button.keys'])
      expect(await page.locator(gone).isVisible(), gone).toBe(false);
    for (const table of await page.locator('table.answers, #asked table').all())
      expect(await table.isVisible()).toBe(true);
    for (const verdict of ['fail', 'inconclusive', 'unsupported', 'unspecified']) {
      const word = `getComputedStyle(document.querySelector('table.matrix td.${verdict} a'), '::after').content`;
      expect(await page.evaluate(word)).toBe(`"${verdict}"`);
    }
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
    expect(watched.offences).toEqual([]);
  });

  it('keeps its sections in reach, and says what the policies are and where they are from', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${sampleReport.url}#claims`);
    const sections = page.getByRole('navigation', { name: 'Sections' });
    await expect.poll(async () => (await sections.boundingBox())?.y).toBe(0);
    await sections.getByRole('link', { name: 'Answer' }).click();
    await page.locator('.policies summary').click();
    const policy = page.locator('.policies li', { hasText: 'blog-2012' });
    expect(await policy.textContent()).toContain('a developer on Lync, December 2012');
    expect(watched.offences).toEqual([]);
  });

  it('prints an open cell alone, with its control, on two pages at most', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${sampleReport.url}#kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct`);
    await page.locator('dialog[open] .flows').waitFor();
    expect(pagesOf(await page.pdf({ preferCSSPageSize: true }))).toBeLessThanOrEqual(2);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('main').isVisible()).toBe(false);
    for (const part of ['.verdict-line', '.comparison', '.flows', '.says', '.rerun'])
      expect(await page.locator(`#detail ${part}`).first().isVisible(), part).toBe(true);
    expect(watched.offences).toEqual([]);
  });
});

/** Of a PDF as Chromium writes it. */
function pagesOf(pdf: Buffer): number {
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
}

async function hasFocus(page: Page, element: Locator): Promise<boolean> {
  return (await element.and(page.locator(':focus')).count()) === 1;
}

/** The messages on show. */
async function rawText(page: Page): Promise<string> {
  return (await page.locator('dialog[open] .raw:visible').allInnerTexts()).join('\n');
}
