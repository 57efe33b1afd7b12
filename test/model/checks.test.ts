import { describe, expect, it } from 'vitest';
import { ASKED, CHECK_IDS, type CheckId, conclusionOf, withCheck } from '../../harness/model/checks.ts';

const one = (id: CheckId) => [{ id, holds: false, seen: 'so' }] as const;

it('every question is a statement of its own', () => {
  for (const id of CHECK_IDS) expect(ASKED[id], id).toMatch(/^[A-Z][a-z' -]+ [a-z]+$/);
  expect(new Set(Object.values(ASKED)).size).toBe(CHECK_IDS.length);
});

describe('conclusionOf', () => {
  it('is pass where nothing fails', () => {
    expect(conclusionOf([])).toEqual({ verdict: 'pass', why: null });
    expect(conclusionOf([{ id: 'told', holds: null, seen: 'so' }])).toEqual({ verdict: 'pass', why: null });
  });

  it('accuses the server for what the sources and the scenario demand, and for nothing else', () => {
    const of = (verdict: string) => CHECK_IDS.filter((id) => conclusionOf(one(id)).verdict === verdict);
    expect(of('fail')).toEqual([
      'expectation',
      'elsewhere',
      'other-trap',
      'over-blocking',
      'status',
      'cancel-copied',
      'not-missed',
      'assertion',
    ]);
    expect(of('unsupported')).toEqual(['playable']);
    expect(of('unspecified')).toEqual(['specified']);
    expect(of('inconclusive')).toHaveLength(CHECK_IDS.length - 10);
  });
});

describe('withCheck', () => {
  const lab = { id: 'lab', holds: true, seen: 'so' } as const;
  const window = { id: 'window', holds: true, seen: 'so' } as const;

  it('adds one that was not asked', () => {
    expect(withCheck([lab], window)).toEqual([lab, window]);
  });

  it('gives another answer to one that was, in its place', () => {
    const other = { ...lab, holds: false };
    expect(withCheck([lab, window], other)).toEqual([other, window]);
  });
});
