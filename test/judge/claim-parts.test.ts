/** What each part of a claim makes of cells. */
import { describe, expect, it } from 'vitest';
import type { ClaimCell } from '../../harness/judge/claims.ts';
import type { ClaimPart } from '../../harness/model/scenario.ts';
import { cell, held, threeCells } from './claimed.ts';

type Asked = ClaimPart extends infer Part
  ? Part extends ClaimPart
    ? Omit<Part, 'variants' | 'situations'>
    : never
  : never;

describe('a cell', () => {
  const BUSY = 'kamailio/ms-sipre/busy/h/udp/direct';
  const busy = cell('busy', 'h', {});
  const asked = (part: Asked, observed: Partial<ClaimCell['observed']>, over: Partial<ClaimCell> = {}) =>
    held(
      [{ variants: ['h'], situations: ['busy'], ...part }],
      [{ ...busy, ...over, observed: { ...busy.observed, ...observed } }],
    );
  const traps = (...reached: boolean[]) => ({
    otherTraps: reached.map((each) => ({ trap: 'team' as const, reached: each })),
  });
  const holds = ['holds', []];
  const refuted = ['does-not-hold', [BUSY]];
  const unsettled = ['not-settled', [BUSY]];

  it('without a final response settles nothing about one', () => {
    expect(asked({ says: 'status', status: [480] }, { status: null })).toEqual(unsettled);
  });

  it.for(['callee-rings', 'callee-silent'] as const)('of whose phone nothing is known settles nothing: %s', (says) => {
    expect(asked({ says }, { calleeRang: null })).toEqual(unsettled);
  });

  it.for([
    ['pass', holds],
    ['unspecified', holds],
    ['fail', refuted],
    ['inconclusive', unsettled],
  ] as const)('tells by its verdict whether it went as it was meant: %s', ([verdict, result]) => {
    expect(asked({ says: 'as-meant' }, {}, { verdict })).toEqual(result);
  });

  it.for([
    ['to all of them goes together', 'engaged', traps(true, true), holds],
    ['to none of them does so too', 'suppressed', traps(false, false), holds],
    ['to its own trap alone does not', 'engaged', traps(true, false), refuted],
    ['to another trap alone does not either', 'suppressed', traps(false, true), refuted],
    ['to its own, while no other is known, settles nothing', 'engaged', {}, unsettled],
  ] as const)('that came %s', ([, outcomeOf, others, result]) => {
    expect(asked({ says: 'together' }, { outcome: outcomeOf, ...others })).toEqual(result);
  });

  it('that went several ways settles nothing', () => {
    const repeats = { count: 3, agreed: false, others: [] };
    expect(asked({ says: 'outcome', outcome: 'suppressed' }, {}, { repeats })).toEqual(unsettled);
    expect(asked({ says: 'outcome', outcome: 'suppressed' }, {}, { repeats: { ...repeats, agreed: true } })).toEqual(
      holds,
    );
  });
});

describe('of all or nothing', () => {
  const part: ClaimPart = { variants: ['h'], situations: ['busy', 'idle', 'team'], says: 'all-or-nothing' };
  const named = (...outcomes: Parameters<typeof threeCells>) =>
    held([part], threeCells(...outcomes))[1].map((id) => id.split('/')[2]);

  it('the fewer are named, whichever they are', () => {
    expect(named('engaged', 'engaged', 'suppressed')).toEqual(['team']);
    expect(named('suppressed', 'engaged', 'suppressed')).toEqual(['idle']);
  });

  it('those that were engaged are named where there are as many', () => {
    expect(named('suppressed', 'engaged', 'unknown')).toEqual(['idle']);
    expect(named('engaged', 'suppressed', 'unknown')).toEqual(['busy']);
  });
});
