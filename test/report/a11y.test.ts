import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunResults } from '../../harness/model/results.ts';
import { faultsOf } from './accessibility.ts';
import { answerRun } from './answer-run.ts';
import { describeInBrowser, watchedPage } from './browser.ts';
import { type Rendered, render, renderSample } from './rendered.ts';

const FAILED = 'kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct';
const NARROW = { width: 390, height: 844 };
const TABLET = { width: 768, height: 1024 };
const WALL = { width: 1920, height: 1080 };
const WIDE = { width: 1280, height: 900 };

const SITUATIONS = {
  'voicemail-no-answer': 'voicemail',
  'voicemail-busy': 'voicemail',
  'team-ring': 'team-ring',
} as const;

function cancelled(): RunResults {
  const open = ['oi', '-i', '-i'];
  const { results } = answerRun({ situations: SITUATIONS, rows: { none: open, 'target-class-secondary': open } });
  return { ...results, run: { ...results.run, ended: 'cancelled' } };
}

function oneCell(): RunResults {
  return answerRun({ situations: { 'team-ring': 'team-ring' }, rows: { none: ['o'] } }).results;
}

function severalServers(): RunResults {
  const rows = { none: ['o', 'o', 'os'], 'target-class-secondary': ['-', '-', '-s'] };
  const [one, other] = ['kamailio', 'asterisk'].map(
    (server) => answerRun({ server, situations: SITUATIONS, rows }).results,
  );
  if (one === undefined || other === undefined) throw new Error('two runs were made');
  return {
    ...one,
    run: { ...one.run, servers: { ...one.run.servers, ...other.run.servers } },
    cells: [...one.cells, ...other.cells],
  };
}

describeInBrowser('the page has no serious fault of accessibility', () => {
  let report: Rendered;
  beforeAll(async () => {
    report = await renderSample();
  });
  afterAll(async () => {
    await report[Symbol.asyncDispose]();
  });

  it.each([
    { viewport: WIDE, view: 'whole', address: '' },
    { viewport: WIDE, view: 'filtered', address: '?policy=ms-sipre&verdict=fail&verdict=inconclusive' },
    { viewport: WIDE, view: 'with a cell open', address: `#${FAILED}` },
    { viewport: NARROW, view: 'on a telephone', address: '?out=voicemail' },
    { viewport: TABLET, view: 'on a tablet', address: '?out=voicemail&differ=on' },
    { viewport: WALL, view: 'on a wall', address: '?out=voicemail&out=team-ring' },
  ])('$view, light and dark', async ({ viewport, address }) => {
    await using watched = await watchedPage({ viewport });
    const { page } = watched;
    await page.goto(`${report.url}${address}`);
    if (address.startsWith('#')) await page.locator('dialog[open] .flows').waitFor();
    else await page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true");
    const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const seen: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      seen.push(await background());
      expect(await faultsOf(page), colorScheme).toEqual([]);
    }
    expect(new Set(seen).size, 'what is light is not dark').toBe(2);
    expect(watched.offences).toEqual([]);
  });

  it.each([
    { kind: 'cancelled, with nothing proven', viewport: NARROW, forcedColors: 'none', run: cancelled() },
    { kind: 'of one cell', viewport: TABLET, forcedColors: 'active', run: oneCell() },
    { kind: 'of several servers', viewport: WIDE, forcedColors: 'none', run: severalServers() },
  ] as const)('of a run $kind, and no link without a text', async ({ viewport, forcedColors, run }) => {
    await using rendered = await render(run, new Map());
    await using watched = await watchedPage({ viewport, forcedColors });
    const { page } = watched;
    await page.goto(rendered.url);
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.locator('a:not([aria-label]):not(:has(*))').filter({ hasText: /^\s*$/ }).count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
    expect(watched.offences).toEqual([]);
  });

  it('would find one, were there one', async () => {
    await using watched = await watchedPage();
    await watched.page.setContent('<html lang="en"><title>x</title><main><h1>x</h1><button></button></main></html>');
    expect(await faultsOf(watched.page)).toEqual([expect.stringContaining('critical: button-name')]);
  });
});
