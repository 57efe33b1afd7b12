/** Somebody who has never seen the page: how many clicks are between its top and what he came for. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, type WatchedPage, watchedPage } from './browser.ts';
import { type Rendered, renderSample } from './rendered.ts';

const COUNTS_CLICKS = `window.clicked = 0; addEventListener('click', () => { window.clicked += 1; }, true);`;
const clicksOn = (page: Page): Promise<number> => page.evaluate('window.clicked');

describeInBrowser('from the top of the page', () => {
  let report: Rendered;
  beforeAll(async () => {
    report = await renderSample();
  });
  afterAll(async () => {
    await report[Symbol.asyncDispose]();
  });

  const opened = async (width: number): Promise<WatchedPage> => {
    const watched = await watchedPage({ viewport: { width, height: 900 } });
    await watched.page.addInitScript(COUNTS_CLICKS);
    await watched.page.goto(report.url);
    return watched;
  };

  it.for([390, 1280])('the header line to send is copied in three clicks or fewer, at %i pixels', async (width) => {
    await using watched = await opened(width);
    const { page } = watched;
    await page.getByRole('checkbox', { name: 'voice mail' }).click();
    const answer = page.locator('#which-answer');
    expect(await answer.locator('pre').first().textContent()).toBe('Ms-Target-Class: secondary');
    await answer.getByRole('button', { name: 'Copy' }).first().click();
    expect(await clicksOn(page)).toBeLessThanOrEqual(3);
    expect(watched.offences).toEqual([]);
  });

  it.for([
    ['a word of the answer', ['.across td a']],
    ['a finding', ['#findings summary', '#findings .cells a']],
  ] as const)('the packet for the vendor is had in three clicks or fewer, from %s', async ([, path]) => {
    await using watched = await opened(1280);
    const { page } = watched;
    for (const step of path) await page.locator(step).first().click();
    const download = page.waitForEvent('download');
    await page.locator('dialog[open]').getByRole('button', { name: 'For the vendor' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.html$/);
    expect(await clicksOn(page)).toBeLessThanOrEqual(3);
    expect(watched.offences).toEqual([]);
  });
});
