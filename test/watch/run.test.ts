import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { describeInBrowser, watchedPage } from '../report/browser.ts';
import { scratch } from '../setup/scratch.ts';
import { watching } from './watching.ts';

const FEW = [
  '--policy',
  'plain',
  '--policy',
  'ms-sipre',
  '--situation',
  'voicemail-busy',
  '--situation',
  'voicemail-no-answer',
];
const CELLS = '100';
const FAILING = `export default {
  id: 'mine', title: 'busy', feature: 'forwarding', kind: 'diversion', trap: 'forward-target', callee: 'busy', caller: 'patient',
  subscriber: { flags: ['enablecf'], lists: ['forwardto'], waits: { totalMs: 600, userMs: 200, team2Ms: 600 }, voicemail: true, doNotDisturb: false },
  assert: () => { throw new Error('never'); },
};`;

const run = (report: string, ...more: string[]): ReturnType<typeof watching> =>
  watching(['run', '--no-allure', '--watch', '--report', report, ...more]);

describeInBrowser('./ringfence run --watch', () => {
  it.for([
    ['with its data beside it', []],
    ['that is one file', ['--single-file']],
  ] as const)('fills the cells as they are judged, and becomes a report %s, in every browser', async ([, options]) => {
    await using place = await scratch();
    await using first = await watchedPage();
    await using second = await watchedPage({ viewport: { width: 390, height: 844 } });
    const most = await mostShown(first.page);
    // Browsers first: they must be there before it is over.
    await using watched = await run(place.dir, ...FEW, ...options, '--rate', '20');
    await Promise.all([first.page.goto(watched.url), second.page.goto(watched.url)]);
    const waiting = first.page.locator('.matrix td.waits');
    await expect.poll(() => waiting.count()).toBeGreaterThan(0);
    await first.page.locator('#figures dd', { hasText: '/s' }).waitFor();
    const figures = await figuresOf(first.page);
    expect(figures['cells judged']).toMatch(new RegExp(`^\\d+ of ${CELLS}$`));
    expect(figures['lab late by']).toMatch(/^[\d,]+ ms$/);
    expect(figures.left).toMatch(/^about \d+ s$/);
    for (const { page } of [first, second]) {
      await page.locator('#answer').waitFor();
      expect(page.url()).toBe(watched.url);
      expect(await page.locator('h1').textContent()).toBe('Ringfence');
    }
    expect(most.called).toBeGreaterThan(0);
    expect(most.judged).toBeGreaterThan(0);
    const { exitStatus } = await watched.ended;
    expect(exitStatus).toBe(0);
    // Nobody answers there any more: what is shown now came with the page.
    await first.page.locator('.matrix td a').first().click();
    await first.page.locator('dialog[open] .flows').waitFor();
    expect(offencesBut(first.offences, watched.url)).toEqual([]);
  });

  it('says without a script what it needs', async () => {
    await using place = await scratch();
    await using watcher = await watchedPage({ javaScriptEnabled: false });
    await using watched = await run(place.dir, ...FEW);
    await watcher.page.goto(watched.url);
    expect(await watcher.page.locator('noscript').textContent()).toContain('needs JavaScript');
  });
});

describe('./ringfence run --watch without a browser', () => {
  it('ends with the exit status of the run; a client that never reads keeps neither', async () => {
    await using place = await scratch();
    await writeFile(join(place.dir, 'mine.ts'), FAILING);
    const report = join(place.dir, 'report');
    await using watched = await run(
      report,
      '--scenarios',
      place.dir,
      '--policy',
      'plain',
      '--situation',
      'mine',
      '--variant',
      'none',
    );
    const { port } = new URL(watched.url);
    const deaf = connect(Number(port), '127.0.0.1').pause();
    deaf.on('error', () => {});
    deaf.write(`GET /events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    const { exitStatus, stdout } = await watched.ended;
    deaf.destroy();
    expect(exitStatus).toBe(1);
    expect(stdout).toContain('report: ');
  });
});

async function figuresOf(page: Page): Promise<Record<string, string>> {
  const [names, values] = await Promise.all([
    page.locator('#figures dt').allTextContents(),
    page.locator('#figures dd').allTextContents(),
  ]);
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

/** How many cells it ever showed as called, and as judged, while it watched: the report that it becomes has all of them. */
async function mostShown(page: Page): Promise<{ readonly called: number; readonly judged: number }> {
  const most = { called: 0, judged: 0 };
  await page.exposeFunction('saw', (called: number, judged: number) => {
    most.called = Math.max(most.called, called);
    most.judged = Math.max(most.judged, judged);
  });
  await page.addInitScript(`new MutationObserver(() => {
    const count = (those) => document.querySelectorAll('.watch .matrix td:is(' + those + ')').length;
    saw(count('.called'), count('.pass, .fail, .inconclusive'));
  }).observe(document, { subtree: true, childList: true });`);
  return most;
}

/** A page that watches asks the run, and nobody else. */
function offencesBut(offences: readonly string[], url: string): string[] {
  return offences.filter((each) => !each.startsWith(`request: ${url}`));
}
