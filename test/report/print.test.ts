/** A run of five servers on paper: nothing may be cut off at its edge. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunResults } from '../../harness/model/results.ts';
import { FEATURES, POLICIES } from '../../harness/model/words.ts';
import { type AnswerRun, answerRun } from './answer-run.ts';
import { describeInBrowser, watchedPage } from './browser.ts';
import { type Rendered, render } from './rendered.ts';

/** For eyes: a folder for the printed pages. */
const { REPORT_SCREENSHOTS } = process.env;

/** A4 within the page's own margins of 12 mm, in CSS pixels: 96 of an inch of 25.4 mm (CSS Values 4, 6.2). */
const PAPERS = [
  ['landscape', Math.floor(((297 - 24) / 25.4) * 96)],
  ['portrait', Math.floor(((210 - 24) / 25.4) * 96)],
] as const;

/** As many columns as the usual matrix has, and more. */
const SITUATIONS = Object.fromEntries(
  FEATURES.flatMap((feature) => ['no-answer', 'busy', 'declined'].map((when) => [`${feature}-${when}`, feature])),
);
const VARIANTS = [
  'none',
  'target-class-secondary',
  'sensitivity-private-no-diversion',
  'reject-contact-automata',
  'x-no-voicemail',
];

/** Six policies of one server, and four more servers: no two of them alike. */
function fiveServers(): RunResults {
  const blocks = [
    ...POLICIES.map((policy) => ({ server: 'kamailio', policy })),
    ...['kamailio-stock', 'asterisk', 'asterisk-headers', 'ejabberd'].map((server) => ({
      server,
      policy: 'plain' as const,
    })),
  ];
  const runs = blocks.map((block, index): RunResults => {
    const kept = (row: number): AnswerRun['rows'][string] =>
      Object.keys(SITUATIONS).map((_, situation) =>
        row > 0 && (row * 7 + situation + index) % (index + 2) === 0 ? '-' : situation % 5 === 4 ? 'oi' : 'o',
      );
    const rows = Object.fromEntries(VARIANTS.map((id, row) => [id, kept(row)]));
    return answerRun({ ...block, situations: SITUATIONS, rows }).results;
  });
  const [first] = runs;
  if (first === undefined) throw new Error('there is no run');
  const name = 'Kamailio (stock configuration)';
  const servers = Object.fromEntries(
    blocks.map(({ server }) => [
      server,
      { name, version: '5.6.3', title: `${name}: diverts to voice mail whatever the header` },
    ]),
  );
  return { ...first, run: { ...first.run, servers }, cells: runs.flatMap(({ cells }) => cells) };
}

describeInBrowser('a run of five servers, printed', () => {
  let report: Rendered;
  beforeAll(async () => {
    report = await render(fiveServers(), new Map());
  });
  afterAll(async () => {
    await report[Symbol.asyncDispose]();
  });

  it.each(PAPERS)('fits A4 %s', async (name, width) => {
    await using watched = await watchedPage({ viewport: { width, height: 700 } });
    const { page } = watched;
    await page.goto(report.url);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.across thead th').count()).toBeGreaterThan(9);
    expect(await beyond(page, width)).toEqual([]);
    if (REPORT_SCREENSHOTS !== undefined)
      for (const table of ['.across', '.answers', '.claims', '.matrix'])
        await page
          .locator(table)
          .first()
          .screenshot({ path: join(REPORT_SCREENSHOTS, `print-${name}${table}.png`) });
  });
});

/** What reaches beyond the right edge of the paper, or out of its own box. */
function beyond(page: Page, width: number): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('main *, .top *')]
    .filter((each) => each.checkVisibility() && !each.closest('.unseen, caption'))
    .filter((each) => each.getBoundingClientRect().right > ${width + 1})
    .map((each) => each.tagName + '.' + each.className + ' ' + Math.round(each.getBoundingClientRect().right) + ': ' + each.textContent.slice(0, 30))
    .slice(0, 12)`);
}
