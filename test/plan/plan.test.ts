import { describe, expect, it } from 'vitest';
import type { HeaderVariant } from '../../harness/model/scenario.ts';
import { plan, planAll, WHOLE_MATRIX } from '../../harness/plan/plan.ts';
import { scenario } from '../helpers/observations.ts';

const none: HeaderVariant = { id: 'none', title: 'No header', kind: 'control', claims: [], headers: [] };
const secondary: HeaderVariant = {
  id: 'secondary',
  title: 'x',
  kind: 'inhibitor',
  claims: [],
  headers: ['Ms-Target-Class: secondary'],
};
const input = {
  server: 'kamailio',
  transport: 'udp' as const,
  policies: ['ms-sipre', 'plain'] as const,
  scenarios: [scenario, { ...scenario, id: 'voicemail-busy' }],
  variants: [none, secondary],
};
const ids = (selection: Partial<typeof WHOLE_MATRIX>): string[] =>
  plan(input, { ...WHOLE_MATRIX, ...selection }).map((cell) => cell.id);

describe('plan', () => {
  it('makes a cell of every policy, situation and variant', () => {
    expect(plan(input)).toHaveLength(2 * 2 * 2);
  });

  it('gives every variant its control, and a control none', () => {
    for (const cell of plan(input)) {
      const control = `kamailio/${cell.policy}/${cell.scenario.id}/none/udp/direct`;
      expect(cell.control).toBe(cell.variant === none ? null : control);
    }
  });

  it('brings the control along when only a variant is asked for', () => {
    expect(ids({ variants: ['secondary'], policies: ['plain'], situations: ['voicemail-busy'] })).toEqual([
      'kamailio/plain/voicemail-busy/none/udp/direct',
      'kamailio/plain/voicemail-busy/secondary/udp/direct',
    ]);
  });

  it('takes parts of cell ids as filters', () => {
    expect(ids({ filters: ['plain/voicemail-busy/none'] })).toEqual(['kamailio/plain/voicemail-busy/none/udp/direct']);
  });

  it.for([
    [{ variants: ['secundary'] }, /unknown variant "secundary"; did you mean "secondary"\? there is: none, secondary/],
    [{ policies: ['lync'] }, /unknown policy "lync"/],
    [{ situations: ['busy'] }, /unknown situation "busy"/],
    [{ filters: ['no-such-part'] }, /no cell matches "no-such-part"/],
  ] as const)('rejects %o', ([selection, message]) => {
    expect(() => ids(selection)).toThrow(message);
  });

  it('needs exactly one control', () => {
    expect(() => plan({ ...input, variants: [secondary] })).toThrow(/exactly one variant of kind "control"/);
  });
});

describe('a plan of several servers', () => {
  const other = { ...input, server: 'other', policies: ['plain'] as const };
  const both = (selection: Partial<typeof WHOLE_MATRIX>): string[] =>
    planAll([input, other], { ...WHOLE_MATRIX, ...selection }).map((cell) => cell.id);

  it('asks each what it plays', () => {
    const situation = { situations: ['voicemail-busy'], variants: ['none'] };
    expect(both({ ...situation, policies: ['plain', 'ms-sipre'] })).toEqual([
      'kamailio/ms-sipre/voicemail-busy/none/udp/direct',
      'kamailio/plain/voicemail-busy/none/udp/direct',
      'other/plain/voicemail-busy/none/udp/direct',
    ]);
    expect(both({ ...situation, filters: ['ms-sipre/', 'other/'] })).toHaveLength(2);
  });

  it('lets no word match nothing on all of them', () => {
    expect(() => both({ policies: ['plain', 'lync'] })).toThrow(/unknown policy "lync"/);
    expect(() => both({ filters: ['other/ms-sipre/', 'plain/'] })).toThrow(/no cell matches "other\/ms-sipre\/"/);
  });
});
