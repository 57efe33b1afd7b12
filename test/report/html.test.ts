import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sample } from '../results/sample.ts';
import { describeInBrowser, watchedPage, watchedPageApart } from './browser.ts';
import { type Rendered, render, renderSample } from './rendered.ts';
import { syntheticRun } from './synthetic-run.ts';

const FAILED = 'kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct';
const SUPPRESSED = 'kamailio/blog-2012/missed-call-hangup-while-ringing/target-class-secondary/udp/direct';
const NEVER_PLACED = 'kamailio/ms-sipre/missed-call-hangup-while-ringing/sensitivity-invalid/udp/direct';
const ODD_BYTES = 'kamailio/ms-sipre/voicemail-busy/none/udp/direct';

const shownCells = (page: Page): Promise<number> => page.locator('table.matrix td a:visible').count();
const dialogOf = (page: Page) => page.locator('dialog[open]');

describeInBrowser('index.html of the sample', () => {
  let report: Rendered;
  beforeAll(async () => {
    report = await renderSample();
  });
  afterAll(async () => {
    await report[Symbol.asyncDispose]();
  });

  it('has a cell for each of the run, a hole where none was run, and every verdict', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(report.url);
    expect(await shownCells(page)).toBe(sample().cells.length);
    expect(await page.locator('table.matrix td.none').count()).toBeGreaterThan(0);
    for (const verdict of new Set(sample().cells.map((cell) => cell.verdict))) {
      const count = sample().cells.filter((cell) => cell.verdict === verdict).length;
      expect(await page.locator(`table.matrix td.${verdict}`).count()).toBe(count);
    }
    expect(await page.title()).toBe('Ringfence: 2 failed, 3 inconclusive');
    expect(await page.locator('[role=status]').textContent()).toContain('cancelled by the user');
    expect(watched.offences).toEqual([]);
  });

  it('shows a call beside its control when a cell is clicked', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(report.url);
    await page.locator(`table.matrix a[href="#${SUPPRESSED}"]`).click();
    const panes = dialogOf(page).locator('.flows > section');
    await expect.poll(() => panes.count()).toBe(2);
    const [own, control] = [panes.nth(0), panes.nth(1)];
    expect(await own.locator('.label').allTextContents()).not.toContain('NOTIFY');
    expect((await control.locator('.label').allTextContents()).slice(0, 4)).toEqual([
      'INVITE',
      '100 Trying',
      'INVITE',
      '180 Ringing',
    ]);
    expect(await control.locator('.label').allTextContents()).toContain('NOTIFY');
    expect(await control.locator('.note').textContent()).toContain('missed call in the mailbox, made by the server');
    expect(await own.locator('.heads').textContent()).toBe(await control.locator('.heads').textContent());
    const [left, right] = await Promise.all([own.boundingBox(), control.boundingBox()]);
    expect(right?.y).toBe(left?.y);
    expect(right?.x).toBeGreaterThan((left?.x ?? 0) + (left?.width ?? 0));
    expect(watched.offences).toEqual([]);
  });

  it('draws each arrow from the role that sent to the role that got it', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}#${FAILED}`);
    const own = dialogOf(page).locator('.flows > section').first();
    const roles = ['caller', 'server', 'phone', 'voice mail', 'notified'];
    expect(await own.locator('.heads .lane span').allTextContents()).toEqual(roles);
    const centres = await Promise.all(
      roles.map(async (_, index) => centreOf(await own.locator('.heads .lane span').nth(index).boundingBox())),
    );
    const invite = own.locator('button', { has: page.locator('.label', { hasText: /^INVITE$/ }) }).last();
    expect(await invite.getAttribute('aria-label')).toBe(
      '6 ms: INVITE, server to voicemail, first deviation: must not come',
    );
    const box = await invite.locator('.arrow.right').boundingBox();
    expect(box?.x).toBeCloseTo(centres[1] ?? 0, 0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeCloseTo(centres[3] ?? 0, 0);
    expect(watched.offences).toEqual([]);
  });

  it('says what was expected and observed, who says so, and how to run it again', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}#${FAILED}`);
    const dialog = dialogOf(page);
    expect(await dialog.locator('.verdict-line').textContent()).toContain(
      'voice mail was reached 6 ms after the INVITE',
    );
    expect(await dialog.locator('.comparison tbody tr').allInnerTexts()).toEqual([
      'voicemail\tkept out\tnot kept out\t✕ differs',
      "callee's own phone\tunspecified\tdid not ring\t",
      'final response\t400\t200\t✕ differs',
      'mailbox\t\tnothing new\t',
      'control\t\tnot kept out\t',
    ]);
    expect(await dialog.locator('.says li').textContent()).toContain('should be answered with 400');
    expect(await dialog.locator('.says a').getAttribute('href')).toMatch(/^https:/);
    expect(await dialog.locator('.command').textContent()).toBe(`./ringfence run ${FAILED}`);
    expect(watched.offences).toEqual([]);
  });

  it('says of a call that was never placed that nothing is known of it', async () => {
    await using watched = await watchedPage();
    await watched.page.goto(`${report.url}#${NEVER_PLACED}`);
    const rows = await dialogOf(watched.page).locator('.comparison tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split('\t').slice(2))).toEqual([
      ['not known', ''],
      ['not known', ''],
      ['not known', ''],
      ['not known', ''],
      ['not kept out', ''],
    ]);
  });

  it('shows a message as it was on the wire on click, with the variant marked', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}#${FAILED}`);
    const own = dialogOf(page).locator('.flows > section').first();
    const first = own.locator('.ladder button').first();
    expect(await own.locator('.raw:visible').count()).toBe(0);
    await first.click();
    expect(await own.locator('.raw:visible').textContent()).toMatch(
      /^INVITE sip:alice@ms-sipre\.test SIP\/2\.0\n.*\nCSeq: 1 INVITE\n/s,
    );
    expect(await own.locator('mark').allTextContents()).toEqual(['Ms-Sensitivity: no-diversion\n']);
    await first.press('Enter');
    expect(await own.locator('.raw:visible').count()).toBe(0);
    expect(watched.offences).toEqual([]);
  });

  it('shows bytes that are not UTF-8 as such', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}#${ODD_BYTES}`);
    await dialogOf(page).getByRole('button', { name: '486' }).click();
    expect(await page.locator('.raw:visible').textContent()).toContain(
      'T\\xC3\\xA9l\\xC3\\xA9phone/2.0 <b>odd</b> \\xFF\\x07',
    );
    expect(watched.offences).toEqual([]);
  });

  it('says that there is nothing to show of a call that was never placed', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(`${report.url}#${NEVER_PLACED}`);
    expect(await dialogOf(page).locator('.flows > section').first().textContent()).toContain('No message on record.');
    expect(watched.offences).toEqual([]);
  });

  it('filters by policy, verdict and text, and counts what is left', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(report.url);
    const output = page.locator('output');
    await page.selectOption('select', 'blog-2012');
    expect([await shownCells(page), await output.textContent()]).toEqual([7, '7 cells']);
    await page.getByRole('checkbox', { name: /unsupported/ }).check();
    expect([await shownCells(page), await output.textContent()]).toEqual([2, '2 cells']);
    await page.selectOption('select', '');
    await page.getByRole('checkbox', { name: /^fail/ }).check();
    expect(await shownCells(page)).toBe(4);
    await page.getByRole('searchbox').fill('CANARY');
    expect([await shownCells(page), await page.locator('.block:visible').count()]).toEqual([0, 0]);
    await page.getByRole('checkbox', { name: /^inconclusive/ }).check();
    expect([await shownCells(page), await output.textContent()]).toEqual([1, '1 cell']);
    expect(watched.offences).toEqual([]);
  });

  it('can be used with the keyboard alone', async () => {
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(report.url);
    const links = page.locator('table.matrix').first().locator('td a');
    expect(
      await links.evaluateAll(
        (all) => all.filter((link) => (link as unknown as { tabIndex: number }).tabIndex === 0).length,
      ),
    ).toBe(1);
    await links.first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight'); // over the hole in the forwarding column
    expect(await page.locator('a:focus').getAttribute('href')).toBe(
      '#kamailio/ms-sipre/simultaneous-ring/sensitivity-private-no-diversion/udp/direct',
    );
    await page.keyboard.press('Enter');
    await dialogOf(page).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => dialogOf(page).count()).toBe(0);
    await expect.poll(() => page.evaluate('location.hash')).toBe('');
    expect(watched.offences).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'has enough contrast for its text and follows the %s scheme',
    async (colorScheme) => {
      await using watched = await watchedPage({ colorScheme });
      const { page } = watched;
      await page.goto(report.url);
      for (const selector of [
        'body',
        'td.fail a',
        'td.inconclusive a',
        'td.unsupported a',
        'td.unspecified a',
        'td.pass a',
        '.quiet',
      ]) {
        expect(await contrast(page, selector), selector).toBeGreaterThanOrEqual(4.5);
      }
      expect((await luminance(page, 'body')) > 0.5).toBe(colorScheme === 'light');
      expect(watched.offences).toEqual([]);
    },
  );

  it('does not scroll sideways on a telephone, and stacks the flows', async () => {
    await using watched = await watchedPage({ viewport: { width: 400, height: 800 } });
    const { page } = watched;
    await page.goto(`${report.url}#${SUPPRESSED}`);
    const [own, control] = await Promise.all(
      [0, 1].map((index) => dialogOf(page).locator('.flows > section').nth(index).boundingBox()),
    );
    expect(control?.y).toBeGreaterThan((own?.y ?? 0) + (own?.height ?? 0));
    for (const element of ['document.documentElement', "document.querySelector('dialog')"]) {
      expect(await page.evaluate(`${element}.scrollWidth - ${element}.clientWidth`)).toBe(0);
    }
    expect(watched.offences).toEqual([]);
  });

  it('says what is missing when data/ was left behind', async () => {
    await using lonely = await renderSample();
    await rm(join(lonely.dir, 'data'), { recursive: true });
    await using watched = await watchedPage();
    await watched.page.goto(`${lonely.url}#${FAILED}`);
    expect(await dialogOf(watched.page).getByRole('alert').textContent()).toMatch(
      /^data\/.*\.js cannot be read\. .*copy the folder data\/ too/,
    );
  });

  it('stays small for a run of full size, and opens any cell of it', async () => {
    const { results, traces } = syntheticRun();
    await using large = await render(results, traces);
    expect((await stat(join(large.dir, 'index.html'))).size).toBeLessThan(3_000_000);
    await using watched = await watchedPageApart();
    const { page } = watched;
    const last = results.cells.at(-1)?.id ?? '';
    await page.goto(`${large.url}#${last}`);
    expect(await dialogOf(page).locator('.ladder').first().locator('button').count()).toBe(20);
    expect(await page.locator('table.matrix td a').count()).toBe(results.cells.length);
    expect(watched.offences).toEqual([]);
  });
});

function centreOf(box: { x: number; width: number } | null): number {
  return (box?.x ?? 0) + (box?.width ?? 0) / 2;
}

/** Colour of the text and of the nearest painted background, as WCAG 2 relative luminances. */
const LUMINANCES = `(selector) => {
  const element = document.querySelector(selector);
  let behind = element;
  const painted = (node) => getComputedStyle(node).backgroundColor;
  while (/^rgba\\(.*, 0\\)$/.test(painted(behind))) behind = behind.parentElement;
  return [getComputedStyle(element).color, painted(behind)].map((colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  });
}`;

function luminances(page: Page, selector: string): Promise<[text: number, background: number]> {
  return page.evaluate(`(${LUMINANCES})(${JSON.stringify(selector)})`);
}

async function luminance(page: Page, selector: string): Promise<number> {
  return (await luminances(page, selector))[1];
}

/** WCAG 2 contrast ratio. */
async function contrast(page: Page, selector: string): Promise<number> {
  const [darker = 0, lighter = 0] = (await luminances(page, selector)).toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}
