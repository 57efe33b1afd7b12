import { describe, expect, it } from 'vitest';
import { likeness } from '../../harness/judge/likeness.ts';
import type { CellRow } from '../../harness/model/results.ts';
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

describe('what the console says of it', () => {
  const said = (behavesLike: ReturnType<typeof likeness> | undefined): string =>
    likenessLines(
      { run: { ...sample().run, ...(behavesLike && { behavesLike: { 'sip:a:1': behavesLike } }) } },
      100,
      painter(false),
    ).join('\n');

  it('names the likeliest, and what speaks against the others', () => {
    const text = said(likeness(rowsOf('plain'), CATALOGUE));
    expect(text).toMatch(
      /^sip:a:1 behaves like plain, in all \d+ cells that tell policies apart\nplain: (\d+) of \1, nothing against it\n/,
    );
    expect(text).toMatch(/ms-sipre: \d+ of \d+, against it [a-z-]+\/[a-z-]+,[\s\S]* and \d+ more/);
  });

  it('says when nothing tells policies apart, and nothing of other runs', () => {
    expect(said(likeness([], CATALOGUE))).toBe(
      'sip:a:1 does not show which policy it behaves like: no proven cell tells policies apart',
    );
    expect(said(undefined)).toBe('');
  });
});
