/** One call that meets two features: what became of each, in a real lab. */
import { describe, expect, it } from 'vitest';
import { evaluateClaims } from '../../harness/judge/claims.ts';
import { FEATURES, type Feature, type Trap } from '../../harness/model/words.ts';
import { CANARY_USER } from '../../harness/run/identity.ts';
import { neverTogether } from '../../scenarios/claims/never-together.ts';
import { claims } from '../../scenarios/index.ts';
import { severalFeatures } from '../../scenarios/several-features.ts';
import { smallRun } from '../helpers/small-run.ts';

const situations = severalFeatures.map(({ id }) => id);
const FEATURE_OF: Readonly<Record<Trap, Feature>> = {
  voicemail: 'voicemail',
  'forward-target': 'forwarding',
  'simultaneous-ring': 'simultaneous-ring',
  team: 'team-ring',
  delegate: 'delegate-ring',
  'missed-call-inbox': 'missed-call-notification',
};
const pair = (features: readonly Feature[]): string => features.toSorted().join(' and ');
const ALONG = 'simultaneous-ring-then-voicemail';

it('is asked of each pair of features, unless a source says that no call meets both', () => {
  const met = severalFeatures.map(({ trap, otherTraps = [] }) =>
    pair([trap, ...otherTraps].map((each) => FEATURE_OF[each])),
  );
  const never = neverTogether.map(({ features }) => pair(features));
  const all = FEATURES.flatMap((one, index) => FEATURES.slice(index + 1).map((other) => pair([one, other])));
  expect([...met, ...never].toSorted()).toEqual(all.toSorted());
});

describe.concurrent('a call that meets several features', () => {
  it('reaches all of them without the header, and none with Ms-Target-Class: secondary', async () => {
    const run = await smallRun({ situations, variants: ['target-class-secondary'], inTime: true });
    for (const { situation, variant, verdict, why, observed } of run.results) {
      const reached = observed.otherTraps?.map((each) => each.reached);
      const isControl = variant === 'none';
      expect([situation, variant, observed.outcome, reached, why]).toEqual([
        situation,
        variant,
        isControl ? 'engaged' : 'suppressed',
        [isControl],
        verdict === 'unspecified' ? expect.stringMatching(/^no source says/) : null,
      ]);
      if (!isControl) expect([situation, verdict]).toEqual([situation, 'pass']);
    }
    const [together] = evaluateClaims(
      claims.filter(({ id }) => id === 'blog-target-class-together'),
      run.results,
    );
    expect(together).toMatchObject({ held: 'holds' });
  });

  it('is kept out of one of them and not of the other by a header that does so: that is not all or nothing', async () => {
    const run = await smallRun({ situations: [ALONG], variants: ['sensitivity-private-no-diversion'], inTime: true });
    const cell = run.cell(ALONG, 'sensitivity-private-no-diversion');
    expect(cell).toMatchObject({
      verdict: 'pass',
      observed: { outcome: 'suppressed', otherTraps: [{ reached: true }] },
    });
    expect(cell.checks?.find(({ id }) => id === 'other-trap')?.seen).toMatch(
      /^the simultaneous-ring phone was reached/,
    );
    const [blog] = claims.filter(({ id }) => id === 'blog-target-class-together');
    const asked = { ...blog, test: [{ variants: [cell.variant], situations: [ALONG], says: 'together' }] } as const;
    expect(blog && evaluateClaims([{ ...blog, ...asked }], run.results)[0]?.held).toBe('does-not-hold');
  });

  it('proves nothing where the control met one of them alone', async () => {
    const run = await smallRun({
      situations: [ALONG],
      variants: ['target-class-secondary'],
      misprovision: (subscriber) => (CANARY_USER.test(subscriber.user) ? subscriber : { ...subscriber, flags: [] }),
    });
    const { verdict, checks } = run.cell(ALONG, 'target-class-secondary');
    expect(verdict).toBe('inconclusive');
    expect(checks?.find(({ id }) => id === 'control')).toMatchObject({
      holds: false,
      seen: expect.stringMatching(/did not reach the simultaneous-ring phone .*, so its absence proves nothing/),
    });
  });
});
