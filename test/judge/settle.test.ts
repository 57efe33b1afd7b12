/** What follows from cells that were read from files. */
import { describe, expect, it } from 'vitest';
import { settleWith } from '../../harness/judge/settle.ts';
import type { Claim } from '../../harness/model/scenario.ts';
import { scenarios, variants } from '../../scenarios/index.ts';
import { sample } from '../results/sample.ts';

const SITUATION = 'voicemail-no-answer';
const VARIANT = 'target-class-secondary';
const claim: Claim = {
  id: 'it-is-kept-out',
  statement: 'It is so.',
  source: { title: 'Test', url: 'https://example.test/', readOn: '2026-11-22' },
  evidence: 'inferred',
  test: [{ variants: [VARIANT], situations: [SITUATION], says: 'outcome', outcome: 'suppressed' }],
};
const known = { claims: [claim], scenarios, variants };
const rows = sample()
  .cells.slice(0, 1)
  .map((cell) => ({
    ...cell,
    server: 'kamailio',
    policy: 'ms-sipre' as const,
    situation: SITUATION,
    variant: VARIANT,
    verdict: 'pass' as const,
    control: { id: 'the-control', outcome: 'engaged' as const },
    observed: { outcome: 'suppressed' as const, status: 480, calleeRang: true, legs: [] },
  }));

describe('of runs that are merged', () => {
  it('follows which of the claims hold that are known', () => {
    expect(settleWith(known).claims(rows)).toEqual([
      { claim: 'it-is-kept-out', policy: 'ms-sipre', held: 'holds', cells: [] },
    ]);
    expect(settleWith({ ...known, claims: [] }).claims(rows)).toEqual([]);
  });

  it('follows which policy their server behaves like, by the situations and rows that are known', () => {
    const against = (over: Partial<typeof known>) =>
      settleWith({ ...known, ...over })
        .likeness(rows)
        .flatMap((each) => each.against.map(() => each.policy));
    expect(against({})).toEqual(['rgs-2009', 'plain']);
    expect([against({ scenarios: [] }), against({ variants: [] })]).toEqual([[], []]);
  });
});
