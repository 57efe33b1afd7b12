/** The page of a real run says what the judge said, and nothing that it did not. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ASKED } from '../../harness/model/checks.ts';
import type { CellResult } from '../../harness/model/results.ts';
import { expectation } from '../../harness/oracle/index.ts';
import { smallRun } from '../helpers/small-run.ts';
import { sample } from '../results/sample.ts';
import { describeInBrowser, watchedPage } from './browser.ts';
import { junitOf, type Rendered, render } from './rendered.ts';

const WORDS = { true: 'holds', false: 'does not hold', null: 'does not matter' } as const;

describeInBrowser('a run of a real lab', () => {
  let report: Rendered;
  let results: readonly CellResult[];
  beforeAll(async () => {
    const run = await smallRun({
      situations: ['voicemail-busy'],
      variants: ['none', 'sensitivity-private-no-diversion', 'sensitivity-invalid', 'target-class-secondary'],
      // One must fail: this server keeps the call out of voice mail, and here a source demands that it goes there.
      expectationOf: (cell) => {
        const own = expectation(cell.policy, cell.scenario, cell.variant);
        return cell.variant.id === 'sensitivity-invalid' ? { ...own, outcome: 'engaged' } : own;
      },
      inTime: true,
    });
    ({ results } = run);
    const { observations } = run.outcome;
    const messages = new Map([...observations].map(([id, seen]) => [id, seen.messages]));
    report = await render({ ...sample(), cells: results }, messages);
  });
  afterAll(async () => {
    await report[Symbol.asyncDispose]();
  });

  it('shows each check of each cell in the words of the judge, in order, and no other', async () => {
    expect(results.map(({ verdict }) => verdict)).toContain('fail');
    for (const { id, checks = [] } of results) {
      await using watched = await watchedPage();
      await watched.page.goto(`${report.url}#${id}`);
      const shown = await watched.page.locator('dialog[open] .proof > details > ul:first-of-type li').allTextContents();
      expect(shown.map((text) => text.slice(1))).toEqual(
        checks.map((check) => `${WORDS[`${check.holds}`]}: ${ASKED[check.id]}${check.seen}`),
      );
      expect(checks.length).toBeGreaterThan(15);
      expect(watched.offences).toEqual([]);
    }
  });

  it('gives the reason of a verdict as the first check has it that does not hold', () => {
    for (const { why, checks = [] } of results) {
      expect(checks.find(({ holds }) => holds === false)?.seen ?? null).toBe(why);
    }
  });

  it('has them in junit.xml, of what failed', async () => {
    const failed = results.find(({ verdict }) => verdict === 'fail');
    const junit = await junitOf({ ...sample(), cells: results });
    for (const { seen } of failed?.checks ?? []) expect(junit).toContain(seen.replaceAll('"', '&quot;'));
    expect(junit.match(/Absence was watched to the end/g)).toHaveLength(1);
  });
});
