/** A cell that was called several times and did not go the same way each time, in everything that tells of a run. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitStatus } from '../../harness/cli/exit-status.ts';
import { compareRuns } from '../../harness/compare/compare.ts';
import { renderComparison } from '../../harness/compare/text.ts';
import { evaluateClaims } from '../../harness/judge/claims.ts';
import type { SeenMessage } from '../../harness/model/observation.ts';
import type { CellResult, RunResults } from '../../harness/model/results.ts';
import { annotations } from '../../harness/report/annotations.ts';
import { renderMatrix } from '../../harness/report/matrix.ts';
import { renderSummary } from '../../harness/report/summary.ts';
import { mergeRuns } from '../../harness/results/merge.ts';
import { readRun, tracesIn } from '../../harness/results/read.ts';
import { copyRun, writeResults } from '../../harness/results/write.ts';
import { NOTHING_SETTLED } from '../results/nothing-settled.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';
import { describeInBrowser, watchedPage } from './browser.ts';
import { junitOf, render } from './rendered.ts';

const OTHER_TRACE = 'traces/calls-1.jsonl#bytes=3-7';
const CELL = 'kamailio/blog-2012/missed-call-hangup-while-ringing/target-class-secondary/udp/direct';
const WHY = 'voice mail was reached 6 ms after the INVITE';

/** The sample, complete, with passing cells only, and one of them unsteady. */
function run(repeats: CellResult['repeats'] | null): RunResults {
  const { run: facts, ...rest } = sample();
  const cells = rest.cells
    .filter(({ verdict }) => verdict === 'pass')
    .map((cell) => (cell.id === CELL && repeats != null ? { ...cell, repeats } : cell));
  return { ...rest, run: { ...facts, ended: 'complete', trouble: null }, cells };
}

const unsteady = run({
  count: 3,
  agreed: false,
  others: [
    { attempt: 2, verdict: 'fail', outcome: 'engaged', status: 200, calleeRang: false, why: WHY, trace: OTHER_TRACE },
  ],
});
const steady = run({ count: 3, agreed: true, others: [] });
const options = { colour: false, columns: 100 };

describe('an unsteady cell', () => {
  it('is there to be called so, and passed', () => {
    expect(unsteady.cells.find(({ id }) => id === CELL)?.verdict).toBe('pass');
  });

  it('ends the run with 1, a steady one with 0', () => {
    expect([exitStatus(unsteady), exitStatus(steady)]).toEqual([1, 0]);
  });

  it('is a finding of the console, with both ways, a mark in its table, and the count at the end', () => {
    const text = renderMatrix(unsteady, options).replaceAll(/\s+/g, ' ');
    expect(text).toContain('unsteady: of 3 calls not all went the same way: pass, kept out, final');
    expect(text).toContain(`call 2: fail, not kept out, final 200 (${WHY})`);
    expect(text).toMatch(/target-class-secondary ○ ○≠/);
    expect(text).toMatch(/1 of them unsteady; 1 to look at $/);
    expect(renderMatrix(steady, options)).not.toContain('≠');
    expect(renderMatrix(steady, options)).toContain('nothing to look at');
  });

  it('is a failure for CI, of JUnit and of GitHub', async () => {
    const junit = await junitOf(unsteady);
    expect(junit).toContain(`tests="${unsteady.cells.length}" failures="1" errors="0"`);
    expect(junit).toMatch(/<failure message="of 3 calls not all[^"]*" type="unsteady">/);
    expect(junit).toContain('messages of call 2: grep -F ');
    expect(await junitOf(steady)).not.toContain('<failure');
    expect(annotations(unsteady)).toHaveLength(1);
    expect(renderSummary(unsteady)).toContain('## Ringfence: 1 unsteady');
    expect(renderSummary(unsteady)).toContain('- **unsteady**: of 3 calls');
  });

  it('is worse than a steady one, and better the other way round', () => {
    const worse = compareRuns(steady, unsteady);
    expect(worse.changes.map(({ kind, after }) => [kind, after?.id])).toEqual([['worse', CELL]]);
    expect(renderComparison({ a: steady, b: unsteady, comparison: worse }, options)).toContain('steady → unsteady');
    expect(compareRuns(unsteady, steady).changes.map(({ kind }) => kind)).toEqual(['better']);
    expect(compareRuns(unsteady, unsteady).changes).toEqual([]);
  });

  it('settles no claim', () => {
    const claim = {
      id: 'c',
      test: [
        {
          says: 'outcome',
          outcome: 'suppressed',
          situations: ['missed-call-hangup-while-ringing'],
          variants: ['target-class-secondary'],
        },
      ],
    } as unknown as Parameters<typeof evaluateClaims>[0][number];
    const heldOn = (results: RunResults): unknown =>
      evaluateClaims([claim], results.cells).find(({ policy }) => policy === 'blog-2012');
    expect(heldOn(steady)).toMatchObject({ held: 'holds' });
    expect(heldOn(unsteady)).toMatchObject({ held: 'not-settled', cells: [CELL] });
  });
});

describe('the messages of a call that went otherwise', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ringfence-unsteady-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('are kept, and come along when runs are merged, under the name of their server', async () => {
    const message = {
      ...(JSON.parse(await readFile(join(SAMPLE_DIR, sample().cells[0]?.trace ?? ''), 'utf8'))[0] as SeenMessage),
      callId: 'other',
    };
    const versions = ['1', '2'].map((version) => ({
      ...unsteady,
      run: { ...unsteady.run, servers: { kamailio: { name: 'Kamailio', version } } },
    }));
    for (const [index, results] of versions.entries()) {
      await writeResults(
        join(dir, `${index}`),
        results,
        new Map([[OTHER_TRACE, [{ ...message, callId: `of run ${index}` }]]]),
      );
    }
    const runs = [await readRun(join(dir, '0')), await readRun(join(dir, '1'))] as const;
    await copyRun(join(dir, 'merged'), mergeRuns(runs, NOTHING_SETTLED));
    const merged = await readRun(join(dir, 'merged'));
    const cell = merged.results.cells.find(({ id }) => id === CELL.replace('kamailio', 'kamailio@2'));
    const trace = cell?.repeats?.others[0]?.trace ?? '';
    expect(trace).not.toBe(OTHER_TRACE);
    if (cell === undefined) throw new Error('the cell was lost');
    expect(await merged.traceOf({ ...cell, trace })).toMatchObject([{ callId: 'of run 1' }]);
    expect(await merged.traceOf(cell)).toEqual([]);
  });
});

describeInBrowser('the page of a run with an unsteady cell', () => {
  it('marks it, filters by it, and shows both calls side by side', async () => {
    const traces = tracesIn(SAMPLE_DIR);
    const control = sample().cells.find(({ id }) => id === CELL.replace('target-class-secondary', 'none'));
    await using report = await render(unsteady, (cell) =>
      traces(cell.trace === OTHER_TRACE ? { ...cell, trace: control?.trace ?? '' } : cell),
    );
    await using watched = await watchedPage();
    const { page } = watched;
    await page.goto(report.url);
    expect(await page.title()).toBe('Ringfence: 1 unsteady');
    await page.locator('.tally .unsteady a').click();
    const link = page.locator('table.matrix td a:visible');
    expect(await page.locator('output').textContent()).toBe('1 cell');
    expect([await link.textContent(), await link.getAttribute('aria-label')]).toEqual([
      '○≠',
      'kept out, pass, unsteady',
    ]);
    expect(await link.getAttribute('title')).toContain('of 3 calls not all went the same way');
    expect(await page.locator('.finding.unsteady h3').textContent()).toContain('call 2: fail, not kept out');
    await link.click();
    const repeats = page.locator('dialog[open] section.repeats');
    expect(await repeats.locator('h3').first().textContent()).toBe('unsteady Of 3 calls not all went the same way');
    expect(await repeats.locator('.flows > section h3').allTextContents()).toEqual([
      expect.stringContaining('This callkept out'),
      expect.stringContaining('Call 2 of the same cellnot kept out, final 200'),
    ]);
    expect(await repeats.locator('.flows').textContent()).toContain('first difference from call 2');
    expect(await repeats.locator('.flows').textContent()).not.toContain('the control');
    expect(await repeats.locator('.flows > section').nth(1).locator('.ladder button').count()).toBeGreaterThan(3);
    await page.goto(`${report.url}#${CELL.replace('target-class-secondary', 'none')}`);
    expect(watched.offences).toEqual([]);
  });
});
