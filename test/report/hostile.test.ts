import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { renderMatrix } from '../../harness/report/matrix.ts';
import { visible } from '../../harness/report/visible.ts';
import { describeInBrowser, watchedPage } from './browser.ts';
import { HOSTILE, hostileRun } from './hostile-run.ts';
import { render } from './rendered.ts';
import { withoutColours } from './without-colours.ts';

/** The beginning of what must be there to be read, as text. */
const SEEN = visible(HOSTILE).slice(0, 60);

/** What steers a terminal, an XML parser or the eye, and has no business in a text file. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/u;

describe('visible', () => {
  it('leaves nothing that cannot be seen, and shows what was there', () => {
    expect(visible(HOSTILE)).not.toMatch(UNSEEN);
    expect(visible('a\u001b[31m\r\n\u202eb\ud800 \u00fc \u{1f4de}')).toBe(
      'a\\x1B[31m\\x0D\\x0A\\u{202E}b\\u{D800} \u00fc \u{1f4de}',
    );
  });
});

describe('a run with hostile text in every field', () => {
  it.each([
    { colour: false, columns: 100 },
    { colour: false, columns: 60 },
  ])('leaves the console alone ($columns columns)', ({ colour, columns }) => {
    const lines = renderMatrix(hostileRun().results, { colour, columns }).split('\n');
    expect(lines.filter((line) => UNSEEN.test(line))).toEqual([]);
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
  });

  it('sends no escape sequence to the console but colours', () => {
    const text = renderMatrix(hostileRun().results, { colour: true, columns: 100 });
    expect(text).toContain('\u001b[');
    expect(
      withoutColours(text)
        .split('\n')
        .filter((line) => UNSEEN.test(line)),
    ).toEqual([]);
  });

  it('writes files of data/ with safe names and nothing but ASCII', async () => {
    const { results, traces } = hostileRun();
    await using report = await render(results, traces);
    const names = await readdir(join(report.dir, 'data'));
    expect(names.filter((name) => !/^\d+-[A-Za-z0-9-]*\.js$/.test(name))).toEqual([]);
    for (const name of names) expect(await readFile(join(report.dir, 'data', name), 'utf8')).toMatch(/^[ -~\n]*$/);
  });
});

describeInBrowser('the page of a run with hostile text in every field', () => {
  it('runs no script, asks nobody and makes no element of it, in any cell', async () => {
    const { results, traces } = hostileRun();
    await using report = await render(results, traces);
    await using watched = await watchedPage();
    const { page, offences } = watched;
    await page.goto(report.url);
    expect(await page.locator('table.matrix td a').count()).toBe(results.cells.length);
    await page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true");
    for (const part of [
      '.early',
      '.policy .place',
      '.finding h3',
      '.claims .say',
      '.matrix tbody th',
      '#asked td',
      '#run dd',
    ]) {
      expect(await page.locator(part).allTextContents(), part).toContainEqual(expect.stringContaining(SEEN));
    }
    for (const link of await page.locator('table.matrix td a').all()) {
      await page.evaluate(`location.hash = ${JSON.stringify(await link.getAttribute('href'))}`);
      await page.locator('dialog .ladder').first().waitFor();
      expect(
        await page.evaluate(
          "for (const row of document.querySelectorAll('dialog .ladder button')) row.click(); document.querySelectorAll('dialog .raw:not([hidden])').length",
        ),
      ).toBeGreaterThanOrEqual(3);
      expect(await foreignElements(page)).toEqual([]);
      await page.evaluate("document.querySelector('dialog .close').click()");
    }
    await page.fill('input[name="text"]', HOSTILE.replaceAll(/[\r\n]/g, ' '));
    expect(await foreignElements(page)).toEqual([]);
    expect(offences).toEqual([]);
  });

  it.each([1280, 390])('stays in shape at %i px', async (width) => {
    const { results, traces } = hostileRun();
    await using report = await render(results, traces);
    await using watched = await watchedPage({ viewport: { width, height: 900 } });
    await watched.page.goto(report.url);
    const { page } = watched;
    const element = 'document.documentElement';
    expect(await page.evaluate(`${element}.scrollWidth - ${element}.clientWidth`)).toBe(0);
    // The answer stays in reach, whatever a warning says.
    const answer = await page.locator('#answer').boundingBox();
    expect(answer?.y).toBeLessThan(width === 390 ? 3_000 : 2_000);
    expect(watched.offences).toEqual([]);
  });

  it('is held by its policy even if an element got in', async () => {
    const { results, traces } = hostileRun();
    await using report = await render(results, traces);
    await using watched = await watchedPage();
    const finished: string[] = [];
    watched.page.on('requestfinished', (request) => finished.push(request.url()));
    await watched.page.goto(report.url);
    const violated = await watched.page.evaluate(`new Promise((resolve) => {
      const seen = new Set();
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        seen.add(effectiveDirective);
        if (seen.size === 5) resolve([...seen].sort());
      });
      document.body.insertAdjacentHTML('beforeend', '<img src="https://example.test/a.png" onerror="alert(1)"><p style="color: red">');
      document.head.append(Object.assign(document.createElement('script'), { src: 'https://example.test/a.js' }));
      fetch('https://example.test/').catch(() => {});
    })`);
    expect(violated).toEqual(['connect-src', 'img-src', 'script-src-attr', 'script-src-elem', 'style-src-attr']);
    expect(watched.offences.filter((offence) => offence.startsWith('dialog:'))).toEqual([]);
    expect(finished.filter((url) => !url.startsWith('file:'))).toEqual([]);
  });

  it('would catch a script, a dialog and a request, were there one', async () => {
    await using watched = await watchedPage();
    const { page, offences } = watched;
    await page.setContent(
      '<img src="x:" onerror="alert(1)"><script>throw new Error("ran")</script><a href="javascript:1">x</a>',
    );
    await expect.poll(() => offences.join()).toMatch(/dialog: 1/);
    expect(offences.join()).toMatch(/error: ran/);
    expect(await foreignElements(page)).not.toEqual([]);
  });
});

/** All that the report makes. */
const KNOWN_ELEMENTS =
  'a article b body button caption code dd details dialog div dl dt fieldset form h1 h2 h3 head header html i input kbd ' +
  'label legend li main mark meta nav ol option output p pre script section select small span strong style summary ' +
  'table tbody td th thead title tr ul';

/** Elements and attributes that are none of the report's own. Runs in the page. */
function foreignElements(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('*')].filter((element) =>
    !${JSON.stringify(KNOWN_ELEMENTS.split(' '))}.includes(element.localName) ||
    [...element.attributes].some(({ name, value }) => name.startsWith('on') || /^\\s*(javascript:|data:|https:..example.test.leak)/i.test(value))
  ).map((element) => element.outerHTML.slice(0, 200))`);
}
