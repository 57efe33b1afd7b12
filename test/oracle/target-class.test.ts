import { describe, expect, it } from 'vitest';
import { POLICIES } from '../../harness/model/words.ts';
import { asControl, OPEN, saying } from '../../harness/oracle/saying.ts';
import { readTargetClass } from '../../harness/oracle/target-class.ts';
import { points, pointsBeside } from './points.ts';

type Knowing = Parameters<typeof readTargetClass>[0];
const KNOWING = POLICIES.filter((each): each is Knowing => each !== 'plain');

/** Written down by hand from the two sources: the blog post of 2012 and what the Response Group team says. */
const SECONDARY = {
  'features.voicemail': saying('suppressed', 'blog-target-class-voicemail', 'rgs-no-voicemail'),
  'features.forward-target': saying('suppressed', 'blog-target-class-forwarding', 'rgs-no-forwarding'),
  'features.team': saying('suppressed', 'blog-target-class-team', 'rgs-no-team'),
  'features.simultaneous-ring': saying('suppressed', 'rgs-no-simultaneous-ring', 'blog-target-class-all-or-nothing'),
  'features.delegate': saying('suppressed', 'rgs-no-delegates', 'blog-target-class-all-or-nothing'),
  'features.missed-call-inbox': saying('suppressed', 'blog-target-class-missed-call'),
  'callee.ringing': asControl('rgs-own-phone-rings'),
};
const HUNG_UP = saying([487], 'rgs-alert-time', 'rfc3261-cancelled-487');

describe('Ms-Target-Class', () => {
  it.for(KNOWING)('that is not there changes nothing: %s', (policy) => {
    expect(pointsBeside(asControl(), readTargetClass(policy, []))).toEqual({});
  });

  it.for(KNOWING)('twice on one request makes all uncertain: %s', (policy) => {
    expect(pointsBeside(OPEN, readTargetClass(policy, ['secondary', 'secondary']))).toEqual({});
  });

  it.for(['primary', 'secondary2', 'the secondary', 'tertiary', ''])(
    '"%s" lets the own phone ring, no more is known',
    (value) => {
      for (const policy of KNOWING) {
        expect(pointsBeside(OPEN, readTargetClass(policy, [value]))).toEqual({
          'callee.ringing': asControl('rfc3261-unknown-ignored'),
        });
      }
    },
  );

  it.for(KNOWING.filter((policy) => policy !== 'rgs-2009'))('secondary switches every feature off: %s', (policy) => {
    expect(pointsBeside(OPEN, readTargetClass(policy, ['secondary']))).toEqual(SECONDARY);
    expect(readTargetClass(policy, ['SECONDARY'])).toEqual(readTargetClass(policy, ['secondary']));
  });

  it('secondary in a Response Group: the group itself hangs up, and a phone for delegates only is silent', () => {
    expect(pointsBeside(OPEN, readTargetClass('rgs-2009', ['Secondary']))).toEqual({
      ...SECONDARY,
      'callee.skipped': saying('silent', 'rgs-delegates-only'),
      'unanswered.alone': HUNG_UP,
      'unanswered.simultaneous-ring': HUNG_UP,
      'unanswered.team': HUNG_UP,
      'unanswered.delegates': HUNG_UP,
    });
  });

  it('refuses no call', () => {
    for (const values of [[], ['secondary'], ['x'], ['a', 'b']]) {
      expect(readTargetClass('ms-sipre', values).refused).toEqual(asControl());
      expect(Object.keys(points(readTargetClass('ms-sipre', values)))).toHaveLength(15);
    }
  });
});
