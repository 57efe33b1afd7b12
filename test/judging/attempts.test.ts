import { describe, expect, it } from 'vitest';
import { Attempts } from '../../harness/judging/attempts.ts';
import { Repeats } from '../../harness/judging/repeats.ts';
import type { CellResult } from '../../harness/model/results.ts';
import { suppressed } from '../helpers/observations.ts';
import { syntheticRun } from '../report/synthetic-run.ts';

const some = syntheticRun().results.cells[0];
if (some === undefined) throw new Error('no cell');
const cell: CellResult = { ...some, verdict: 'pass', why: null };
const late: CellResult = { ...cell, verdict: 'inconclusive', why: 'the lab was 2000 ms late', late: true };
const batch = (attempt: number, repeat = 1) => ({ cells: [], attempt, repeat });
const seen = { seen: suppressed({ lateMs: 2000 }), lost: false };

describe('attempts', () => {
  it('are over with the first that proved something', () => {
    const attempts = new Attempts(2);
    expect(attempts.take(batch(1), cell, seen)).toEqual({ again: false, result: cell });
    expect(attempts.abandoned()).toEqual([]);
  });

  it('go on while the lab is late, and keep what was before', () => {
    const attempts = new Attempts(2);
    expect(attempts.take(batch(1), late, seen)).toMatchObject({
      again: true,
      traceFile: expect.stringMatching(/\.1\.json$/),
    });
    expect(attempts.take(batch(2), late, seen)).toMatchObject({
      again: true,
      traceFile: expect.stringMatching(/\.2\.json$/),
    });
    const last = attempts.take(batch(3), cell, seen);
    expect(last).toMatchObject({ again: false, result: { verdict: 'pass' } });
    const earlier = last?.again === false ? last.result.earlier : undefined;
    expect(earlier).toEqual([
      { startedAt: null, lateMs: 2000, why: late.why },
      { startedAt: null, lateMs: 2000, why: late.why },
    ]);
  });

  it('end somewhere', () => {
    const attempts = new Attempts(1);
    attempts.take(batch(1), late, seen);
    expect(attempts.take(batch(2), late, seen)).toMatchObject({ again: false, result: { verdict: 'inconclusive' } });
  });

  it('never follow a verdict of the server, nor a doubt that has nothing to do with time', () => {
    const attempts = new Attempts(2);
    for (const verdict of ['fail', 'inconclusive', 'unspecified', 'unsupported'] as const) {
      expect(attempts.take(batch(1), { ...cell, verdict, why: 'so' }, seen)).toMatchObject({ again: false });
    }
  });

  it('follow the death of the caller', () => {
    const dead: CellResult = { ...cell, verdict: 'inconclusive', why: 'SIPp ended with signal SIGABRT' };
    expect(new Attempts(2).take(batch(1), dead, { ...seen, lost: true })).toMatchObject({ again: true });
  });

  it('do not touch a control that only came along', () => {
    expect(new Attempts(2).take(batch(2), cell, seen)).toBeNull();
  });

  it('that nobody makes any more leave the last that there was', () => {
    const attempts = new Attempts(2);
    attempts.take(batch(1), late, seen);
    expect(attempts.abandoned()).toMatchObject([{ repeat: 1, result: late }]);
  });
});

describe('repeats', () => {
  const failed: CellResult = { ...cell, verdict: 'fail', why: 'voice mail answered after 610 ms' };

  it('of a cell that goes the same way every time agree, whatever the times in its reason', () => {
    const repeats = new Repeats();
    expect(repeats.take(1, failed)).toEqual({ result: failed, trace: failed.trace, moved: null });
    expect(repeats.of(failed.id)).toBeNull();
    expect(repeats.take(2, { ...failed, why: 'voice mail answered after 634 ms' })).toEqual({
      result: null,
      trace: null,
      moved: null,
    });
    expect(repeats.of(failed.id)).toEqual({ count: 2, agreed: true, others: [] });
  });

  it('that differ are told, with the flow of each', () => {
    const repeats = new Repeats();
    repeats.take(1, cell);
    const other = { ...cell, observed: { ...cell.observed, status: 599 } };
    expect(repeats.take(2, other).trace).toMatch(/\.call-2\.json$/);
    repeats.take(3, other);
    expect(repeats.of(cell.id)).toMatchObject({ count: 3, agreed: false, others: [{ attempt: 2, status: 599 }] });
  });

  it('show the worst as the cell itself, and where the messages of the better went', () => {
    const repeats = new Repeats();
    repeats.take(1, cell);
    const worse = repeats.take(2, failed);
    expect(worse).toEqual({ result: failed, trace: cell.trace, moved: expect.stringMatching(/\.call-1\.json$/) });
    expect(repeats.of(cell.id)?.others).toMatchObject([{ attempt: 1, verdict: 'pass', trace: worse.moved }]);
  });
});
