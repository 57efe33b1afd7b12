import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CellResult, RunResults } from '../../harness/model/results.ts';
import { answerRun } from './answer-run.ts';
import { describeInBrowser, watchedPage } from './browser.ts';
import { type Rendered, render } from './rendered.ts';

const SITUATIONS = { 'voicemail-no-answer': 'voicemail', 'team-ring': 'team-ring' } as const;
const SECONDARY = 'Ms-Target-Class: secondary';

/** `ms-sipre` obeys one header, `plain` none, and on `blog-2012` a call is not proven. */
function threePolicies(): { results: RunResults; traces: ReturnType<typeof answerRun>['traces'] } {
  const rows = { none: ['o', 'o'], 'sensitivity-private': ['o', 'o'] };
  const runs = [
    answerRun({ situations: SITUATIONS, rows: { ...rows, 'target-class-secondary': ['-', '-'] } }),
    answerRun({
      policy: 'blog-2012',
      situations: SITUATIONS,
      rows: { ...rows, 'target-class-secondary': ['-i', '-'] },
    }),
    answerRun({ policy: 'plain', situations: SITUATIONS, rows: { ...rows, 'target-class-secondary': ['o', 'o'] } }),
  ];
  const [first] = runs;
  if (first === undefined) throw new Error('three runs were made');
  const claim = {
    id: 'from-a-book',
    statement: 'It works.',
    source: 'A book, 3.9',
    url: 'https://example.org/book',
    evidence: 'documented',
  };
  const cells = runs
    .flatMap(({ results }) => results.cells)
    .map(
      (cell): CellResult => ({
        ...cell,
        expected: { ...cell.expected, claims: cell.observed.outcome === 'suppressed' ? [claim.id] : [] },
      }),
    );
  return {
    results: {
      ...first.results,
      run: {
        ...first.results.run,
        servers: { kamailio: { name: 'Kamailio', version: '5.6.3', title: 'a simulation, no Microsoft server' } },
      },
      claims: [claim],
      cells,
    },
    traces: new Map(runs.flatMap(({ traces }) => [...traces])),
  };
}

const answerOf = async (page: Page): Promise<string> => (await page.locator('#which-answer').textContent()) ?? '';

describeInBrowser('which header to send', () => {
  let report: Rendered;
  beforeAll(async () => {
    const { results, traces } = threePolicies();
    report = await render(results, traces);
  });
  afterAll(async () => {
    await report[Symbol.asyncDispose]();
  });

  it('is told from what is ticked: the line to copy, what each server does with it, the call that proves it, the source', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(report.url);
    expect(await answerOf(page)).toBe('Tick what the call must be kept out of.');
    await page.getByRole('checkbox', { name: 'voice mail' }).check();
    await page.getByRole('checkbox', { name: 'ms-sipre' }).check();
    await expect.poll(() => page.locator('#which-answer pre').textContent()).toBe(SECONDARY);
    const [own, ...others] = await page.locator('#which-answer li').allInnerTexts();
    expect(own).toBe(
      "ms-sipre: kept out of voice mail, team ring; the callee's own phone is called. Source: A book, 3.9",
    );
    expect(others).toEqual([
      "blog-2012 (not asked for): kept out of team ring; not proven in this run: voice mail; the callee's own phone is called.",
      "plain (not asked for): not kept out of voice mail, team ring; the callee's own phone is called; harmless there: the call goes as without it.",
    ]);
    expect(
      await page.locator('#which-answer').getByRole('link', { name: 'A book, 3.9' }).first().getAttribute('href'),
    ).toBe('https://example.org/book');
    await page.locator('#which-answer').getByRole('link', { name: 'voice mail' }).first().click();
    await page.locator('dialog[open] .flows').waitFor();
    expect(await page.evaluate('location.hash')).toBe(
      '#kamailio/ms-sipre/voicemail-no-answer/target-class-secondary/udp/direct',
    );
    expect(watched.offences).toEqual([]);
  });

  it('is none that this run has not proven, and says so', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}?out=voicemail&on=kamailio/plain/udp/direct`);
    await expect
      .poll(() => answerOf(page))
      .toMatch(/^Not proven in this run: no header keeps a call out of voice mail on it/);
    expect(await page.locator('#which-answer pre').count()).toBe(0);
    await page.goto(`${report.url}?out=voicemail&on=kamailio/blog-2012/udp/direct`);
    await expect.poll(() => answerOf(page)).toMatch(/^Not proven in this run/);
    await page.goto(`${report.url}?out=voicemail`);
    await expect
      .poll(() => answerOf(page))
      .toContain(
        "on 1 of 3, and to let the callee's own phone ring. It does not on plain. Not proven in this run on blog-2012.",
      );
    expect(watched.offences).toEqual([]);
  });

  it('stands in the address, beside the filters of the matrix, and is ticked by keyboard', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}?verdict=pass`);
    await page.getByRole('checkbox', { name: 'team ring' }).focus();
    await page.keyboard.press('Space');
    await page.getByRole('checkbox', { name: 'only where they differ' }).focus();
    await page.keyboard.press('Space');
    await page.selectOption('select[name="feature"]', 'team-ring');
    await expect
      .poll(() => page.evaluate('location.search'))
      .toBe('?feature=team-ring&verdict=pass&out=team-ring&differ=on');
    await using other = await watchedPage();
    await other.page.goto(page.url());
    await expect.poll(() => answerOf(other.page)).toContain(SECONDARY);
    expect(await other.page.locator('.across tbody tr:visible').allInnerTexts()).toHaveLength(2);
    expect(await other.page.locator('select[name="feature"]').inputValue()).toBe('team-ring');
    expect([...watched.offences, ...other.offences]).toEqual([]);
  });

  it('says what the server is, and hides what all do alike where that is wanted', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(report.url);
    expect(await page.locator('.servers').textContent()).toBe('Kamailio 5.6.3 a simulation, no Microsoft server');
    const rows = page.locator('.across tbody tr:visible th');
    expect(await rows.allInnerTexts()).toEqual(['no header', SECONDARY, 'Ms-Sensitivity: private']);
    await page.getByRole('checkbox', { name: 'only where they differ' }).check();
    expect(await rows.allInnerTexts()).toEqual(['no header', SECONDARY]);
    expect(watched.offences).toEqual([]);
  });

  it('is there without a script as a table, and asks nothing', async () => {
    await using watched = await watchedPage({ javaScriptEnabled: false });
    const { page } = watched;
    await page.goto(report.url);
    expect(await page.locator('#which').isVisible()).toBe(false);
    await page.getByRole('checkbox', { name: 'only where they differ' }).check();
    expect(await page.locator('.across tbody tr:visible').count()).toBe(2);
  });

  it.for([390, 768, 1280, 1920])('is no wider than a page of %i pixels', async (width) => {
    await using watched = await watchedPage({ viewport: { width, height: 900 } });
    const { page } = watched;
    await page.goto(`${report.url}?out=voicemail`);
    await page.locator('#which-answer pre').waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    const box = await page
      .locator('table.across')
      .first()
      .locator('tbody tr')
      .nth(1)
      .locator('td')
      .first()
      .boundingBox();
    expect(box?.x).toBeLessThan(width - 60);
  });
});
