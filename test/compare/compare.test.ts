import { describe, expect, it } from 'vitest';
import { compareRuns, verdictChange } from '../../harness/compare/compare.ts';
import { renderComparePage } from '../../harness/compare/page.ts';
import { countsLine, renderComparison } from '../../harness/compare/text.ts';
import type { CellResult, RunResults } from '../../harness/model/results.ts';
import { VERDICTS } from '../../harness/model/words.ts';
import { hostileRun } from '../report/hostile-run.ts';
import { sample } from '../results/sample.ts';

const BUSY = 'kamailio/ms-sipre/voicemail-busy/target-class-secondary/udp/direct';

function changed(id: string, change: (cell: CellResult) => Partial<CellResult>): RunResults {
  const results = sample();
  return { ...results, cells: results.cells.map((cell) => (cell.id === id ? { ...cell, ...change(cell) } : cell)) };
}

const without = (id: string): RunResults => ({ ...sample(), cells: sample().cells.filter((cell) => cell.id !== id) });
const onServer = (server: string): RunResults => ({
  ...sample(),
  cells: sample().cells.map((cell) => ({ ...cell, server, id: cell.id.replace(/^[^/]+/, server) })),
});
const kinds = (a: RunResults, b: RunResults, options = {}): (readonly [string, string | undefined])[] =>
  compareRuns(a, b, options).changes.map(({ kind, before, after }) => [kind, (after ?? before)?.id] as const);

describe('compareRuns', () => {
  it('finds nothing between a run and itself', () => {
    expect(compareRuns(sample(), sample())).toEqual({ matched: 20, changes: [], claims: [] });
  });

  it('says worse of a cell that fails now, and better on the way back', () => {
    const failing = changed(BUSY, () => ({ verdict: 'fail', why: 'reached' }));
    expect(kinds(sample(), failing)).toEqual([['worse', BUSY]]);
    expect(kinds(failing, sample())).toEqual([['better', BUSY]]);
  });

  it('says worse of a cell that is gone, unless that was meant, and new of one that is there now', () => {
    expect(kinds(sample(), without(BUSY))).toEqual([['worse', BUSY]]);
    expect(kinds(sample(), without(BUSY), { allowGone: true })).toEqual([]);
    expect(kinds(without(BUSY), sample())).toEqual([['appeared', BUSY]]);
  });

  it.for([
    ['outcome', { outcome: 'suppressed' }],
    ['final status', { status: 603 }],
    ['ringing', { calleeRang: false }],
  ] as const)('shows another %s of the same verdict', ([, over]) => {
    const other = changed(BUSY, ({ observed }) => ({
      observed: { ...observed, outcome: 'engaged', status: 200, calleeRang: true, ...over },
    }));
    const base = changed(BUSY, ({ observed }) => ({
      observed: { ...observed, outcome: 'engaged', status: 200, calleeRang: true },
    }));
    expect(kinds(base, other)).toEqual([['observed', BUSY]]);
  });

  it('tells which claims changed', () => {
    const results = sample();
    const [first, ...rest] = results.claimResults;
    if (first === undefined) throw new Error('the sample has claims');
    const other: RunResults = { ...results, claimResults: [{ ...first, held: 'does-not-hold' }, ...rest] };
    expect(compareRuns(results, other).claims).toEqual([
      { claim: first.claim, policy: first.policy, before: first.held, after: 'does-not-hold' },
    ]);
  });

  it('matches across servers when asked to, and says so when it was not', () => {
    expect(() => compareRuns(sample(), onServer('edge'))).toThrow(/no cell is in both runs.*--across server/s);
    expect(compareRuns(sample(), onServer('edge'), { across: ['server'] })).toMatchObject({ matched: 20, changes: [] });
  });

  it('does not guess which of two cells is meant', () => {
    expect(() => compareRuns(sample(), sample(), { across: ['policy', 'transport'] })).toThrow(/has both .* and /);
  });
});

describe('verdictChange', () => {
  it('is this table', () => {
    const mark = { worse: '-', better: '+', verdict: '=' };
    const table = VERDICTS.map((before) =>
      VERDICTS.map((after) => (before === after ? ' ' : mark[verdictChange(before, after)])).join(''),
    );
    // Down: before, across: after; pass, fail, inconclusive, unsupported, unspecified.
    expect(table).toEqual([' ---=', '+ ==+', '+- =+', '+-- +', '=--- ']);
  });
});

describe('what a reader sees', () => {
  const failing = changed(BUSY, () => ({ verdict: 'fail', why: 'voice mail was reached' }));
  const compared = { a: sample(), b: failing, comparison: compareRuns(sample(), failing) };

  it('on the console: the cause, the command, the counts last', () => {
    const text = renderComparison(compared, { colour: false, columns: 100 });
    expect(text).toContain(
      'worse: pass → fail, not kept out: voice mail was reached\n./ringfence run kamailio/ms-sipre/',
    );
    expect(text.trimEnd().split('\n').at(-1)).toBe('20 cells in both: 1 worse, 0 better');
    expect(renderComparison(compared, { colour: true, columns: 100 })).toContain('\u001b[1;31m');
  });

  it('says how many of the worse are gone', () => {
    expect(countsLine(compareRuns(sample(), without(BUSY)))).toContain('1 worse (1 of them gone)');
  });

  it('on the page: links into both reports, no script', () => {
    const page = renderComparePage({ ...compared, hrefs: ['../a/', '../b/'] });
    expect(page).toContain(`<a href="../a/index.html#${BUSY}">before: pass</a>`);
    expect(page).toContain(`<a href="../b/index.html#${BUSY}">after: fail</a>`);
    expect(page).not.toContain('<script');
    expect(page).toContain('default-src &#39;none&#39;');
  });

  it('stays text, whatever the wire said', () => {
    const { results } = hostileRun();
    const other = { ...results, cells: results.cells.map((cell) => ({ ...cell, verdict: 'fail' as const })) };
    const hostile = { a: results, b: other, comparison: compareRuns(results, other) };
    const page = renderComparePage({ ...hostile, hrefs: ['../a/', '../b/'] });
    expect(page).not.toMatch(/<(script|img|svg|link)\b/);
    expect(renderComparison(hostile, { colour: false, columns: 100 })).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
  });
});
