import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { faultsOf } from './accessibility.ts';
import { describeInBrowser, launchBrowser, watchedPage } from './browser.ts';
import { type Rendered, renderSample } from './rendered.ts';

const FAILED = 'kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct';
const NARROW = { width: 390, height: 844 };
const TABLET = { width: 768, height: 1024 };
const WALL = { width: 1920, height: 1080 };
const WIDE = { width: 1280, height: 900 };

describeInBrowser('the page has no serious fault of accessibility', () => {
  let browser: Browser;
  let report: Rendered;
  beforeAll(async () => {
    [browser, report] = await Promise.all([launchBrowser(), renderSample()]);
  });
  afterAll(async () => {
    await Promise.all([browser.close(), report[Symbol.asyncDispose]()]);
  });

  it.each(
    (['light', 'dark'] as const).flatMap((colorScheme) => [
      { colorScheme, viewport: WIDE, view: 'whole', address: '' },
      { colorScheme, viewport: WIDE, view: 'filtered', address: '?policy=ms-sipre&verdict=fail&verdict=inconclusive' },
      { colorScheme, viewport: WIDE, view: 'with a cell open', address: `#${FAILED}` },
      { colorScheme, viewport: NARROW, view: 'on a telephone', address: '?out=voicemail' },
      { colorScheme, viewport: TABLET, view: 'on a tablet', address: '?out=voicemail&differ=on' },
      { colorScheme, viewport: WALL, view: 'on a wall', address: '?out=voicemail&out=team-ring' },
    ]),
  )('$view, $colorScheme', async ({ colorScheme, viewport, address }) => {
    await using watched = await watchedPage(browser, { colorScheme, viewport });
    const { page } = watched;
    await page.goto(`${report.url}${address}`);
    if (address.startsWith('#')) await page.locator('dialog[open] .flows').waitFor();
    else await page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true");
    expect(await faultsOf(page)).toEqual([]);
    expect(watched.offences).toEqual([]);
  });

  it('would find one, were there one', async () => {
    await using watched = await watchedPage(browser);
    await watched.page.setContent('<html lang="en"><title>x</title><main><h1>x</h1><button></button></main></html>');
    expect(await faultsOf(watched.page)).toEqual([expect.stringContaining('critical: button-name')]);
  });
});
