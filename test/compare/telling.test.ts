import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../harness/compare/compare.ts';
import { groupChanges } from '../../harness/compare/groups.ts';
import { laddersOf } from '../../harness/compare/ladders.ts';
import { renderComparePage } from '../../harness/compare/page.ts';
import { telling, tellingsOf } from '../../harness/compare/telling.ts';
import { renderComparison } from '../../harness/compare/text.ts';
import type { Check } from '../../harness/model/checks.ts';
import type { CellResult, RunResults } from '../../harness/model/results.ts';
import { tracesIn } from '../../harness/results/read.ts';
import { runInMemory } from '../../harness/results/stored-run.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';

const BUSY = 'kamailio/ms-sipre/voicemail-busy/sensitivity-private-no-diversion/udp/direct';
const cellOf = ({ cells }: RunResults): CellResult => cells.find(({ id }) => id === BUSY) ?? expect.fail('not there');
const checked = (...checks: Check[]): CellResult => ({ ...cellOf(sample()), checks });
const alive = { id: 'canary-after', holds: true, seen: 'a canary reached it' } as const;
const dead = { ...alive, holds: false, seen: 'no canary reached it' } as const;

describe('the check that tells two verdicts apart', () => {
  it('is the first that fails on one side, as both sides have it', () => {
    const late = { id: 'in-time', holds: false, seen: 'late' } as const;
    const expected = 'The trap was alive after the window: ✓ a canary reached it → ✕ no canary reached it';
    expect(telling(checked(alive), checked(dead, late))).toBe(expected);
    expect(telling(checked(dead, late), checked(alive))).toBe(
      'The trap was alive after the window: ✕ no canary reached it → ✓ a canary reached it',
    );
  });

  it('is not one that does not matter on one side, nor one that fails on both', () => {
    const idle = { id: 'window', holds: null, seen: 'watched' } as const;
    expect(telling(checked(idle, alive), checked({ ...idle, holds: true }, alive))).toBeNull();
    expect(telling(checked(dead), checked(dead))).toBeNull();
  });

  it('may not have been asked, or be of a file that has none', () => {
    const { checks: _checks, ...older } = cellOf(sample());
    expect(telling(checked(alive), checked({ ...alive, id: 'lab', holds: false, seen: 'SIPp died' }))).toBe(
      'The lab itself held: not asked → ✕ SIPp died',
    );
    expect(telling(older, checked(dead))).toBe(
      'The trap was alive after the window: not on record → ✕ no canary reached it',
    );
    expect(telling(older, older)).toBeNull();
  });
});

describe('a comparison', () => {
  const a = sample();
  const other = (change: (cell: CellResult) => Partial<CellResult>): RunResults => ({
    ...a,
    cells: a.cells.map((cell) => (cell.id === BUSY ? { ...cell, ...change(cell) } : cell)),
  });
  const compared = async (b: RunResults) => {
    const comparison = compareRuns(a, b);
    const detailsOf = (run: RunResults) => runInMemory(run, async () => []).detailsOf;
    const tellings = await tellingsOf(groupChanges(comparison.changes), detailsOf(a), detailsOf(b));
    return { a, b, comparison, tellings };
  };

  it('names it, on the console and on the page', async () => {
    const both = await compared(
      other(({ checks = [] }) => ({
        verdict: 'inconclusive',
        why: dead.seen,
        checks: checks.map((each) => (each.id === dead.id ? dead : each)),
      })),
    );
    const said =
      /told apart by: The trap was alive after the window: ✓ a canary reached voice mail .* → ✕ no canary reached it/i;
    expect(renderComparison(both, { colour: false, columns: 400 })).toMatch(said);
    expect(renderComparePage({ ...both, hrefs: [null, null] })).toMatch(said);
  });

  it('shows on the page the call of both runs, where they have its messages, and else why not', async () => {
    const both = await compared(other(() => ({ verdict: 'fail', why: dead.seen })));
    const groups = groupChanges(both.comparison.changes);
    const [own, gone] = [tracesIn(SAMPLE_DIR), tracesIn('/no/such/report')];
    const drawn = await laddersOf(groups, runInMemory(both.a, own), runInMemory(both.b, own));
    const page = renderComparePage({ ...both, hrefs: [null, null], ladders: drawn });
    const drawings = [...page.matchAll(/<img [^>]*src="data:image\/svg\+xml;base64,([^"]+)"/g)];
    expect(drawings).toHaveLength(1);
    expect(Buffer.from(drawings[0]?.[1] ?? '', 'base64').toString()).toMatch(/^<svg [\s\S]*>After<[\s\S]*>Before</);
    const lost = await laddersOf(groups, runInMemory(both.a, gone), runInMemory(both.b, own));
    const without = renderComparePage({ ...both, hrefs: [null, null], ladders: lost });
    expect(without).not.toContain('<img');
    expect(without).toContain('Its call cannot be drawn: /no/such/report/');
  });

  it('says nothing of it where the verdict is the same', async () => {
    const both = await compared(other(({ observed }) => ({ observed: { ...observed, calleeRang: true } })));
    expect(both.comparison.changes).toHaveLength(1);
    expect(both.tellings.size).toBe(0);
  });
});
