import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tracesIn } from '../../harness/results/read.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';
import { describeInBrowser, watchedPage } from './browser.ts';
import { dataIn } from './data-in.ts';
import { type Rendered, render, renderSample } from './rendered.ts';
import { flowOf } from './sample-flow.ts';

const SUPPRESSED = 'kamailio/ms-sipre/voicemail-busy/sensitivity-private-no-diversion/udp/direct';
const FAILED = 'kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct';
const DEAD_TRAP = 'kamailio/ms-sipre/simultaneous-ring/sensitivity-invalid/udp/direct';
const RESENT = 'kamailio/ms-sipre/missed-call-hangup-while-ringing/sensitivity-private-no-diversion/udp/direct';

const side = (page: Page, name: 'own' | 'control') => page.locator(`dialog[open] .ladder[data-side=${name}]`);

describe('the files of data/', () => {
  it('have every byte of every message, 60 KB header fields and odd bytes too', async () => {
    const { cell, messages } = flowOf(SUPPRESSED);
    const odd = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
    const sent = messages.map((message) => ({ ...message, raw: `${message.raw}${odd}${'z'.repeat(61_440)}` }));
    await using report = await render({ ...sample(), cells: [cell] }, new Map([[cell.id, sent]]));
    const [file = ''] = await readdir(join(report.dir, 'data'));
    const script = await readFile(join(report.dir, 'data', file), 'utf8');
    const [entry] = JSON.parse(dataIn(script)) as [typeof flowOf];
    expect(entry).toMatchObject({ left: 0, messages: sent.map(({ raw }) => ({ raw })) });
  });
});

describeInBrowser('the page of a cell', () => {
  let report: Rendered;
  beforeAll(async () => {
    report = await renderSample();
  });
  afterAll(async () => {
    await report[Symbol.asyncDispose]();
  });

  it('lays the call and its control on one time axis, also when messages are open', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}#${SUPPRESSED}`);
    await side(page, 'own').locator('button[data-index="0"]').click();
    const tops = (name: 'own' | 'control'): Promise<number[]> =>
      side(page, name)
        .locator('.slot')
        .evaluateAll((all) =>
          all.map((slot) => (slot as unknown as { getBoundingClientRect(): { y: number } }).getBoundingClientRect().y),
        );
    const [own, control] = [await tops('own'), await tops('control')];
    expect(own.length).toBeGreaterThan(10);
    expect(own).toEqual(control);
    expect(watched.offences).toEqual([]);
  });

  it("opens a message beside its twin: the variant's header here, none there, and compares them", async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}#${SUPPRESSED}`);
    const [own, control] = [side(page, 'own'), side(page, 'control')];
    await own.locator('button[data-index="0"]').click();
    expect(await own.locator('.raw:visible mark').allTextContents()).toEqual([
      'Ms-Sensitivity: private-no-diversion\n',
    ]);
    expect(await control.locator('.raw:visible').textContent()).toMatch(/^INVITE (?!.*Ms-Sensitivity)/s);
    await own.getByRole('button', { name: 'Compared with the other call' }).click();
    expect(await own.locator('.raw .added:not(.identity)').allTextContents()).toEqual([
      '+ Ms-Sensitivity: private-no-diversion\n',
    ]);
    await own.getByRole('button', { name: 'Hex' }).click();
    expect(await own.locator('.raw:visible').textContent()).toMatch(/^00000000 {2}49 4e 56 49 54 45 20 .*\|INVITE /);
    expect(watched.offences).toEqual([]);
  });

  it('draws in dashes the INVITE that voice mail did not get, and says so', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}#${SUPPRESSED}`);
    const ghost = side(page, 'own').locator('.slot.ghost', { hasText: 'voice mail' });
    expect(await ghost.textContent()).toContain('here the control has INVITE to voice mail; this call has none');
    expect(await page.evaluate("getComputedStyle(document.querySelector('.slot.ghost .arrow')).borderTopStyle")).toBe(
      'dashed',
    );
    expect(watched.offences).toEqual([]);
  });

  it('marks the first deviation, and what was sent again, in words', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}#${FAILED}`);
    expect(await side(page, 'own').locator('.first-difference .remark').allTextContents()).toEqual([
      '✕ first deviation: must not come',
    ]);
    await page.goto(`${report.url}#${RESENT}`);
    await expect
      .poll(() => side(page, 'own').locator('.again .remark').allTextContents())
      .toEqual(['↻ sent again', '↻ sent again']);
    expect(watched.offences).toEqual([]);
  });

  it('makes plain why an inconclusive cell is inconclusive', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}#${DEAD_TRAP}`);
    const { cell } = flowOf(DEAD_TRAP);
    const first = await page.locator('dialog .held-false').first().textContent();
    expect(first).toMatch(/does not hold: The trap was alive after the windowno canary reached/);
    expect(first).toContain(cell.why);
    const signs = await page.locator('dialog .proof .sign').allTextContents();
    expect(signs).toEqual(cell.checks?.map(({ holds }) => (holds === null ? '–' : holds ? '✓' : '✕')));
    expect(watched.offences).toEqual([]);
  });

  it('says that what was seen agrees, or differs, as the judge says, whatever it looks like', async () => {
    const { cell, messages } = flowOf(FAILED);
    const rang = {
      ...cell,
      observed: { ...cell.observed, calleeRang: true },
      expected: { ...cell.expected, callee: 'rings' as const },
    };
    const checks = [
      { id: 'expectation', holds: null, seen: 'x' },
      { id: 'over-blocking', holds: false, seen: 'it rang for a moment' },
      { id: 'status', holds: true, seen: 'x' },
    ] as const;
    await using odd = await render({ ...sample(), cells: [{ ...rang, checks }] }, new Map([[cell.id, messages]]));
    await using watched = await watchedPage();
    await watched.page.goto(`${odd.url}#${FAILED}`);
    const marks = watched.page.locator('dialog .comparison tbody td:last-child');
    expect((await marks.allTextContents()).slice(0, 3)).toEqual(['', '✕ differs', '✓ agrees']);
  });

  it('folds the checks away on a telephone, with their counts in sight', async () => {
    await using watched = await watchedPage({ viewport: { width: 390, height: 800 } });
    const { page } = watched;
    await page.goto(`${report.url}#${DEAD_TRAP}`);
    const checks = page.locator('dialog section.proof li').first();
    expect(await checks.isVisible()).toBe(false);
    await page.getByText('2 do not hold, 11 hold, 1 does not matter here').click();
    expect(await checks.isVisible()).toBe(true);
  });

  it('says of a file of an older run that it has no checks', async () => {
    const results = sample();
    const older = results.cells.map(({ checks: _checks, ...cell }) => cell);
    await using old = await render({ ...results, cells: older }, tracesIn(SAMPLE_DIR));
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${old.url}#${DEAD_TRAP}`);
    expect(await page.locator('dialog section.proof').textContent()).toMatch(
      /What was asked before the verdict is not on record/,
    );
    expect(await page.locator('dialog .verdict-line').textContent()).toContain(flowOf(DEAD_TRAP).cell.why);
    expect(watched.offences).toEqual([]);
  });

  it('can be walked through with the keyboard: along a call, to the twin, open, close', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}#${SUPPRESSED}`);
    await side(page, 'own').locator('button[data-index="0"]').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('2 ms: INVITE, server to phone');
    expect(await side(page, 'control').locator(':focus').getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog[open] .raw:visible').count()).toBe(0);
    expect(await page.locator('dialog[open]').count()).toBe(1);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog[open]').count()).toBe(0);
    expect(watched.offences).toEqual([]);
  });

  it('folds a header field of 60 KB, and shows all of it on demand', async () => {
    const results = sample();
    const traceOf = tracesIn(SAMPLE_DIR);
    await using long = await render(results, async (cell) =>
      (await traceOf(cell)).map((message) => ({
        ...message,
        raw: message.raw.replace('\r\n', `\r\nX-Long: ${'y'.repeat(61_440)}\r\n`),
      })),
    );
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${long.url}#${SUPPRESSED}`);
    await side(page, 'own').locator('button[data-index="0"]').click();
    const raw = side(page, 'own').locator('.raw:visible');
    expect((await raw.textContent())?.length).toBeLessThan(2000);
    await raw.getByRole('button', { name: /more characters/ }).click();
    expect((await raw.textContent())?.match(/y{61440}/)).not.toBeNull();
    expect(watched.offences).toEqual([]);
  });

  it('hands the ladder out as SVG and as text', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}#${FAILED}`);
    for (const [name, file, start] of [
      [/SVG/i, /\.svg$/, '<svg xmlns'],
      [/text/i, /\.txt$/, FAILED],
    ] as const) {
      const download = page.waitForEvent('download');
      await page.locator('dialog .exports').getByRole('button', { name }).click();
      const done = await download;
      expect(done.suggestedFilename()).toMatch(file);
      expect((await readFile(await done.path(), 'utf8')).startsWith(start)).toBe(true);
    }
    expect(watched.offences.filter((offence) => !offence.startsWith('request: blob:'))).toEqual([]);
  });

  it('does not scroll sideways on a telephone, with a message open', async () => {
    await using watched = await watchedPage({ viewport: { width: 390, height: 800 } });
    const { page } = watched;
    await page.goto(`${report.url}#${FAILED}`);
    await side(page, 'own').locator('button[data-index="0"]').click();
    expect(await page.evaluate("document.querySelector('dialog').scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    expect(watched.offences).toEqual([]);
  });
});
