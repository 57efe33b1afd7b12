import { describe, expect, it } from 'vitest';
import { cannotBoth, likeness, said } from '../../harness/judge/likeness.ts';
import type { CellRow, Expectation } from '../../harness/model/results.ts';
import { POLICIES, type Statement, UNKNOWN_POLICY } from '../../harness/model/words.ts';
import { expectation } from '../../harness/oracle/index.ts';
import { type Cell, plan } from '../../harness/plan/plan.ts';
import { likenessLines } from '../../harness/report/matrix/likeness.ts';
import { painter } from '../../harness/report/matrix/text.ts';
import { scenarios, variants } from '../../scenarios/index.ts';
import { sample } from '../results/sample.ts';

const cells = plan({ server: 'sip:a:1', transport: 'udp', policies: [UNKNOWN_POLICY], scenarios, variants });
const CATALOGUE = { scenarios, variants };
const [row] = sample().cells;

/** What comes of a cell on a server that does as this policy demands; where it demands nothing, as `plain` has it. */
function asDemanded(policy: Statement, cell: Cell, over: Partial<CellRow> = {}): CellRow {
  if (row === undefined) throw new Error('the sample is empty');
  const demand = expectation(policy, cell.scenario, cell.variant);
  const plain = expectation('plain', cell.scenario, cell.variant);
  const outcome = demand.outcome === 'unspecified' ? plain.outcome : demand.outcome;
  return {
    ...row,
    id: cell.id,
    situation: cell.scenario.id,
    variant: cell.variant.id,
    control: cell.control === null ? null : { id: cell.control, outcome: 'engaged' },
    verdict: 'unspecified',
    observed: {
      outcome: outcome === 'unspecified' ? 'engaged' : outcome,
      status: demand.statuses[0] ?? null,
      calleeRang: demand.callee === 'rings' || demand.callee === 'answers',
      legs: [],
    },
    ...over,
  };
}

const rowsOf = (policy: Statement, over?: Partial<CellRow>): CellRow[] =>
  cells.map((cell) => asDemanded(policy, cell, over));

describe('which policy a server behaves like', () => {
  it.for(POLICIES)('one that does as %s demands is like that, and some other policy has cells against it', (policy) => {
    const found = likeness(rowsOf(policy), CATALOGUE);
    expect(found.map((each) => each.policy).toSorted()).toEqual(POLICIES.toSorted());
    const own = found.find((each) => each.policy === policy);
    expect(own?.against).toEqual([]);
    expect(own?.agrees).toBeGreaterThan(20);
    expect(found[0]?.against).toEqual([]);
    expect(found.at(-1)?.against.length).toBeGreaterThan(20);
  });

  it('plain and the specification are told apart, by name', () => {
    const [best, ...others] = likeness(rowsOf('plain'), CATALOGUE);
    expect(best?.policy).toBe('plain');
    const against = others.find(({ policy }) => policy === 'ms-sipre')?.against;
    expect(against).toContain(`sip:a:1/unknown/voicemail-busy/sensitivity-private-no-diversion/udp/direct`);
    expect(against?.some((id) => id.includes('/none/'))).toBe(false);
  });

  it.for<[string, Partial<CellRow>]>([
    ['not proven', { verdict: 'inconclusive' }],
    ['not asked', { verdict: 'unsupported' }],
    ['not the same each time', { repeats: { count: 2, agreed: false, others: [] } }],
  ])('what was %s speaks for nobody', ([, over]) => {
    for (const { agrees, against } of likeness(rowsOf('plain', over), CATALOGUE)) {
      expect({ agrees, against }).toEqual({ agrees: 0, against: [] });
    }
  });

  it('a callee whose phone was not heard speaks against nobody', () => {
    const silent = rowsOf('ms-sipre').map((each) => ({ ...each, observed: { ...each.observed, calleeRang: false } }));
    expect(likeness(silent, CATALOGUE).find(({ policy }) => policy === 'ms-sipre')?.against).toEqual([]);
  });

  it('a call that was refused and rang nobody does not speak for who lets the phone ring', () => {
    const refused = (calleeRang: boolean) =>
      rowsOf('ms-sipre').map((each) =>
        each.observed.outcome === 'suppressed'
          ? { ...each, observed: { ...each.observed, calleeRang, status: 403 } }
          : each,
      );
    const agreeing = (calleeRang: boolean) =>
      likeness(refused(calleeRang), CATALOGUE).find(({ policy }) => policy === 'ms-sipre')?.agrees ?? 0;
    expect(agreeing(false)).toBeLessThan(agreeing(true));
  });
});

describe('one cell', () => {
  const NO_DIVERSION = ['voicemail-no-answer', 'sensitivity-normal-no-diversion'] as const;
  const SECONDARY = ['voicemail-no-answer', 'target-class-secondary'] as const;
  const unheard = { outcome: 'suppressed', status: null, calleeRang: false, legs: [] } as const;
  const rowOf = ([situation, variant]: readonly [string, string], over: Partial<CellRow> = {}): CellRow => {
    if (row === undefined) throw new Error('the sample is empty');
    const control = { id: 'the-control', outcome: 'engaged' } as const;
    return { ...row, id: variant, situation, variant, control, verdict: 'unspecified', observed: unheard, ...over };
  };
  const found = (...rows: CellRow[]) =>
    likeness(rows, CATALOGUE).map(({ policy, agrees, against }) => `${policy} ${agrees} ${against.join(', ')}`);
  const NOTHING = POLICIES.map((policy) => `${policy} 0 `);
  const AS_SECONDARY = [...POLICIES.slice(0, -1).map((policy) => `${policy} 1 `), 'plain 0 target-class-secondary'];

  it('puts whom it speaks for before whom it says nothing of, and whom it speaks against behind', () => {
    expect(found(rowOf(NO_DIVERSION))).toEqual([
      'ms-sipre 1 ',
      'comment-2013 1 ',
      'ucma-doc 1 ',
      'rgs-2009 1 ',
      'blog-2012 0 ',
      'plain 0 sensitivity-normal-no-diversion',
    ]);
  });

  it('that speaks against a policy weighs more than others that speak for it', () => {
    const engaged = { ...unheard, outcome: 'engaged' } as const;
    const other = { ...rowOf(NO_DIVERSION, { observed: engaged }), id: 'other' };
    expect(found(rowOf(SECONDARY), rowOf(NO_DIVERSION), other)).toEqual([
      'blog-2012 1 ',
      'ms-sipre 2 other',
      'comment-2013 2 other',
      'ucma-doc 2 other',
      'rgs-2009 2 other',
      'plain 1 target-class-secondary, sensitivity-normal-no-diversion',
    ]);
  });

  it.for(['pass', 'fail', 'unspecified'] as const)('that was judged %s speaks', (verdict) => {
    expect(found(rowOf(SECONDARY, { verdict }))).toEqual(AS_SECONDARY);
  });

  it.for([
    ['of a situation that nobody knows', rowOf(['of-a-user', SECONDARY[1]])],
    ['of a row that nobody knows', rowOf([SECONDARY[0], 'of-a-user'])],
    ['that was held against no control', rowOf(SECONDARY, { control: null })],
    ['of which nobody knows how it went', rowOf(SECONDARY, { observed: { ...unheard, outcome: 'unknown' } })],
    ['of which all policies demand the same', rowOf(['answered-by-callee', SECONDARY[1]])],
  ] as const)('%s says nothing', ([, one]) => expect(found(one)).toEqual(NOTHING));
});

const demand = (over: Partial<Expectation> = {}): Expectation => ({
  outcome: 'unspecified',
  callee: 'unspecified',
  statuses: [],
  claims: [],
  ...over,
});

describe('two demands', () => {
  it.for([
    ['suppressed and engaged', { outcome: 'suppressed' }, { outcome: 'engaged' }],
    ['to ring and to be silent', { callee: 'rings' }, { callee: 'silent' }],
    ['to answer and to be silent', { callee: 'answers' }, { callee: 'silent' }],
    ['480 and 486', { statuses: [480] }, { statuses: [486] }],
    [
      '480 and 486 where the outcome is one',
      { outcome: 'engaged', statuses: [480] },
      { outcome: 'engaged', statuses: [486] },
    ],
  ] as const)('cannot both be: %s', ([, one, other]) => {
    expect([cannotBoth(demand(one), demand(other)), cannotBoth(demand(other), demand(one))]).toEqual([true, true]);
  });

  it.for([
    ['nothing and nothing', {}, {}],
    ['suppressed and suppressed', { outcome: 'suppressed' }, { outcome: 'suppressed' }],
    ['suppressed and nothing', { outcome: 'suppressed' }, {}],
    ['to ring and to answer', { callee: 'rings' }, { callee: 'answers' }],
    ['to be silent and to be silent', { callee: 'silent' }, { callee: 'silent' }],
    ['to ring and nothing', { callee: 'rings' }, {}],
    ['480 and nothing', { statuses: [480] }, {}],
    ['480, and that or 486', { statuses: [480] }, { statuses: [480, 486] }],
  ] as const)('may both be: %s', ([, one, other]) => {
    expect([cannotBoth(demand(one), demand(other)), cannotBoth(demand(other), demand(one))]).toEqual([false, false]);
  });
});

describe('a call says of a demand', () => {
  const unheard = { outcome: 'suppressed', status: 480, calleeRang: false } as const;
  const rang = { ...unheard, calleeRang: true };
  const engaged = { ...rang, outcome: 'engaged', status: 200 } as const;
  const suppressed = demand({ outcome: 'suppressed', callee: 'rings' });

  it.for([
    ['nothing', 'where it demands nothing', demand(), rang],
    ['nothing', 'of a phone that was not heard', demand({ callee: 'silent' }), unheard],
    ['nothing', 'of a phone that must ring and was not heard', demand({ callee: 'rings' }), unheard],
    ['nothing', 'of a status where there was none', demand({ statuses: [480] }), { ...unheard, status: null }],
    ['nothing', 'where all was refused and the phone was to ring', suppressed, unheard],
    ['nothing', 'where all was refused with the least of refusals', suppressed, { ...unheard, status: 400 }],
    ['nothing', 'where all was refused and the phone was to answer', { ...suppressed, callee: 'answers' }, unheard],
    ['for', 'where the phone rang, though the call was refused', suppressed, rang],
    ['for', 'where it was not refused', suppressed, { ...unheard, status: 399 }],
    ['for', 'where it has no end', suppressed, { ...unheard, status: null }],
    ['for', 'where the phone was not to ring', { ...suppressed, callee: 'silent' }, unheard],
    ['for', 'where nothing is said of the phone', demand({ outcome: 'suppressed' }), unheard],
    ['for', 'where the phone rang as it must', demand({ callee: 'rings' }), rang],
    ['for', 'where the phone, which was to answer, rang', demand({ callee: 'answers' }), rang],
    ['for', 'where it ended with one of two', demand({ statuses: [486, 480] }), rang],
    ['against', 'where the outcome is another', demand({ outcome: 'engaged' }), rang],
    ['against', 'where it was refused, and was not to be', { ...suppressed, outcome: 'engaged' }, unheard],
    ['against', 'where it was reached', suppressed, engaged],
    ['against', 'where it was reached, and answered late', suppressed, { ...engaged, calleeRang: false, status: 480 }],
    ['against', 'where the phone rang and was to be silent', { ...suppressed, callee: 'silent' }, rang],
    ['against', 'where it ended with another status', { ...suppressed, statuses: [487] }, rang],
    ['against', 'where it ended as it was to, elsewhere', { ...suppressed, statuses: [200] }, engaged],
  ] as const)('%s: %s', ([word, , demanded, observed]) => expect(said(demanded, { observed })).toBe(word));
});

describe('what the console says of it', () => {
  const printed = (behavesLike: ReturnType<typeof likeness> | undefined): string =>
    likenessLines(
      { run: { ...sample().run, ...(behavesLike && { behavesLike: { 'sip:a:1': behavesLike } }) } },
      100,
      painter(false),
    ).join('\n');

  it('names the likeliest, and what speaks against the others', () => {
    const text = printed(likeness(rowsOf('plain'), CATALOGUE));
    expect(text).toMatch(
      /^sip:a:1 behaves like plain, in all \d+ cells that tell policies apart\nplain: (\d+) of \1, nothing against it\n/,
    );
    expect(text).toMatch(/ms-sipre: \d+ of \d+, against it [a-z-]+\/[a-z-]+,[\s\S]* and \d+ more/);
  });

  it('says when nothing tells policies apart, and nothing of other runs', () => {
    expect(printed(likeness([], CATALOGUE))).toBe(
      'sip:a:1 does not show which policy it behaves like: no proven cell tells policies apart',
    );
    expect(printed(undefined)).toBe('');
  });
});
