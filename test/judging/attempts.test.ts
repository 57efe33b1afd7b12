import { describe, expect, it } from 'vitest';
import { Attempts } from '../../harness/judging/attempts.ts';
import { Repeats } from '../../harness/judging/repeats.ts';
import type { CellResult } from '../../harness/model/results.ts';
import { suppressed } from '../helpers/observations.ts';
import { syntheticResults } from '../report/synthetic-run.ts';

const some = syntheticResults().cells[0];
if (some === undefined) throw new Error('no cell');
const cell: CellResult = { ...some, verdict: 'pass', why: null };
const late: CellResult = { ...cell, verdict: 'inconclusive', why: 'the lab was 2000 ms late', late: true };
const batch = (attempt: number, repeat = 1) => ({ cells: [], attempt, repeat });
const seen = { seen: suppressed({ lateMs: 2000 }), lost: false };
const TRACE = 'traces/calls-1.jsonl#bytes=0-9';
const keep = (): string => TRACE;
const never = (): string => expect.fail('kept for nothing');

describe('attempts', () => {
  it('are over with the first that proved something', () => {
    const attempts = new Attempts(2);
    expect(attempts.take(batch(1), cell, seen, keep)).toEqual({ again: false, result: cell });
    expect(attempts.abandoned()).toEqual([]);
  });

  it('go on while the lab is late, and keep what was before', () => {
    const attempts = new Attempts(2);
    expect(attempts.take(batch(1), late, seen, keep)).toEqual({ again: true });
    expect(attempts.take(batch(2), late, seen, keep)).toEqual({ again: true });
    const last = attempts.take(batch(3), cell, seen, keep);
    expect(last).toMatchObject({ again: false, result: { verdict: 'pass' } });
    const earlier = last?.again === false ? last.result.earlier : undefined;
    expect(earlier).toEqual([
      { startedAt: null, lateMs: 2000, why: late.why },
      { startedAt: null, lateMs: 2000, why: late.why },
    ]);
    expect(last?.again === false ? last.result.checks?.at(-1) : undefined).toEqual({
      id: 'called-again',
      holds: null,
      seen: `2 calls before this one proved nothing: ${late.why}`,
    });
  });

  it('say so once, however often', () => {
    const attempts = new Attempts(2);
    const checks = [{ id: 'in-time', holds: false, seen: 'late' }] as const;
    attempts.take(batch(1), { ...late, checks }, seen, keep);
    const last = attempts.take(batch(2), { ...cell, checks: [] }, seen, keep);
    expect(last?.again === false ? last.result.checks : undefined).toEqual([
      { id: 'called-again', holds: null, seen: `one call before this one proved nothing: ${late.why}` },
    ]);
  });

  it('end somewhere', () => {
    const attempts = new Attempts(1);
    attempts.take(batch(1), late, seen, keep);
    expect(attempts.take(batch(2), late, seen, keep)).toMatchObject({
      again: false,
      result: { verdict: 'inconclusive' },
    });
  });

  it('go on beyond the fifth only where the lab was late by its clocks, for the call or its control', () => {
    const slackMs = suppressed().window.slackMs;
    const inTime = suppressed({ lateMs: slackMs / 4 });
    const slow = suppressed({ lateMs: slackMs / 4 + 1 });
    const sixth = (attempt: Parameters<Attempts['take']>[2]) => {
      const attempts = new Attempts(20);
      for (let each = 1; each <= 5; each++)
        expect(attempts.take(batch(each), late, { seen: inTime, lost: false }, keep)).toEqual({ again: true });
      return attempts.take(batch(6), late, attempt, keep)?.again;
    };
    expect(sixth({ seen: inTime, control: inTime, lost: false })).toBe(false);
    expect(sixth({ seen: slow, control: inTime, lost: false })).toBe(true);
    expect(sixth({ seen: inTime, control: slow, lost: false })).toBe(true);
    expect(sixth({ seen: inTime, lost: true })).toBe(true);
  });

  it('never follow a verdict of the server, nor a doubt that has nothing to do with time', () => {
    const attempts = new Attempts(2);
    for (const verdict of ['fail', 'inconclusive', 'unspecified', 'unsupported'] as const) {
      expect(attempts.take(batch(1), { ...cell, verdict, why: 'so' }, seen, keep)).toMatchObject({ again: false });
    }
  });

  it('follow the death of the caller', () => {
    const dead: CellResult = { ...cell, verdict: 'inconclusive', why: 'SIPp ended with signal SIGABRT' };
    expect(new Attempts(2).take(batch(1), dead, { ...seen, lost: true }, keep)).toMatchObject({ again: true });
  });

  it('do not touch a control that only came along', () => {
    expect(new Attempts(2).take(batch(2), cell, seen, keep)).toBeNull();
  });

  it('that nobody makes any more leave the last that there was', () => {
    const attempts = new Attempts(2);
    attempts.take(batch(1), late, seen, keep);
    expect(attempts.abandoned()).toMatchObject([{ repeat: 1, result: { ...late, trace: TRACE } }]);
  });
});

describe('repeats', () => {
  const failed: CellResult = { ...cell, verdict: 'fail', why: 'voice mail answered after 610 ms' };
  const at = (nth: number) => `traces/calls-${nth}.jsonl#bytes=0-9`;

  it('of a cell that goes the same way every time agree, whatever the times in its reason', () => {
    const repeats = new Repeats();
    expect(repeats.take(1, failed, () => at(1))).toEqual({ ...failed, trace: at(1) });
    expect(repeats.of(failed.id)).toBeNull();
    expect(repeats.take(2, { ...failed, why: 'voice mail answered after 634 ms' }, never)).toBeNull();
    expect(repeats.of(failed.id)).toEqual({ count: 2, agreed: true, others: [] });
  });

  it('that differ are told, with the flow of each', () => {
    const repeats = new Repeats();
    repeats.take(1, cell, () => at(1));
    const other = { ...cell, observed: { ...cell.observed, status: 599 } };
    expect(repeats.take(2, other, () => at(2))).toBeNull();
    repeats.take(3, other, never);
    expect(repeats.of(cell.id)).toMatchObject({
      count: 3,
      agreed: false,
      others: [{ attempt: 2, status: 599, trace: at(2) }],
    });
  });

  it('show the worst as the cell itself, and the better beside it', () => {
    const repeats = new Repeats();
    repeats.take(1, cell, () => at(1));
    expect(repeats.take(2, failed, () => at(2))).toEqual({ ...failed, trace: at(2) });
    expect(repeats.of(cell.id)?.others).toMatchObject([{ attempt: 1, verdict: 'pass', trace: at(1) }]);
  });

  const proof = { ...some.proof, lateMs: 850 } as NonNullable<CellResult['proof']>;
  const lateBusy: CellResult = { ...cell, proof, observed: { ...cell.observed, status: 480 } };

  it('are not called unsteady for the final response of a call that a late lab had', () => {
    const repeats = new Repeats();
    repeats.take(1, cell, () => at(1));
    expect(repeats.take(2, lateBusy, never)).toBeNull();
    expect(repeats.take(3, { ...lateBusy, verdict: 'fail', why: 'x' }, () => at(3))).toMatchObject({ verdict: 'fail' });
    const rings = { ...lateBusy.observed, calleeRang: !cell.observed.calleeRang };
    expect(repeats.take(4, { ...lateBusy, observed: rings }, () => at(4))).toBeNull();
    expect(repeats.of(cell.id)).toMatchObject({ count: 4, agreed: false, others: [{ attempt: 1 }, { attempt: 4 }] });
  });

  it('show a call of a lab in time rather than one of a late lab', () => {
    const repeats = new Repeats();
    repeats.take(1, lateBusy, () => at(1));
    expect(repeats.take(2, cell, () => at(2))).toEqual({ ...cell, trace: at(2) });
    repeats.take(3, lateBusy, never);
    expect(repeats.of(cell.id)).toEqual({ count: 3, agreed: true, others: [] });
  });
});
