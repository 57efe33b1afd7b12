import { describe, expect, it } from 'vitest';
import { POLICIES } from '../../harness/model/words.ts';
import { asControl, OPEN, saying } from '../../harness/oracle/saying.ts';
import { readSensitivity } from '../../harness/oracle/sensitivity.ts';
import { pointsBeside } from './points.ts';

type Knowing = Parameters<typeof readSensitivity>[0];
const KNOWING = POLICIES.filter((each): each is Knowing => each !== 'plain');
const beside = (otherwise: Parameters<typeof pointsBeside>[0], policy: Knowing, value: string) =>
  pointsBeside(otherwise, readSensitivity(policy, [value]));

const RING_AT_ONCE = saying('engaged', 'ms-sipre-no-diversion-simultaneous-ring');
const OWN_PHONES = asControl('ms-sipre-no-diversion-own-phones');
/** MS-SIPRE 3.9.5.2.1, written down by hand. */
const NO_DIVERSION = {
  'features.voicemail': saying('suppressed', 'ms-sipre-no-diversion-voicemail'),
  'features.forward-target': saying('suppressed', 'ms-sipre-no-diversion-forwarding'),
  'features.team': saying('suppressed', 'ms-sipre-no-diversion-team'),
  'features.simultaneous-ring': RING_AT_ONCE,
  'callee.ringing': OWN_PHONES,
  'callee.immediate': saying('silent', 'ms-sipre-no-diversion-immediate-fails'),
};
const withSource = (claim: string) => ({
  ...NO_DIVERSION,
  'features.voicemail': saying('suppressed', 'ms-sipre-no-diversion-voicemail', claim),
  'features.forward-target': saying('suppressed', 'ms-sipre-no-diversion-forwarding', claim),
});

describe('Ms-Sensitivity', () => {
  it.for(KNOWING)('that is not there, or normal, changes nothing: %s', (policy) => {
    expect(pointsBeside(asControl(), readSensitivity(policy, []))).toEqual({});
    expect(beside(asControl('ms-sipre-normal'), policy, 'normal')).toEqual({});
    expect(beside(asControl('ms-sipre-normal'), policy, 'NORMAL')).toEqual({});
  });

  it.for(KNOWING)('twice, or with another value, is refused: %s', (policy) => {
    expect(readSensitivity(policy, ['normal', 'normal']).refused).toEqual(saying([400], 'ms-sipre-repeated-400'));
    expect(readSensitivity(policy, ['secret']).refused).toEqual(saying([400], 'ms-sipre-invalid-400'));
  });

  it.for(KNOWING.filter((policy) => policy !== 'ucma-doc'))('private is as normal: %s', (policy) => {
    expect(beside(asControl('ms-sipre-private-is-normal'), policy, 'private')).toEqual({});
  });

  it.for(['ms-sipre', 'rgs-2009'] as const)('of no diversion is what the specification says: %s', (policy) => {
    expect(beside(OPEN, policy, 'normal-no-diversion')).toEqual(NO_DIVERSION);
    expect(beside(OPEN, policy, 'private-no-diversion')).toEqual(NO_DIVERSION);
  });
});

describe('Ms-Sensitivity, source by source', () => {
  it('blog-2012: what was not tried is open, but for what rings at once', () => {
    expect(beside(OPEN, 'blog-2012', 'normal-no-diversion')).toEqual({
      'features.simultaneous-ring': RING_AT_ONCE,
      'callee.ringing': OWN_PHONES,
    });
  });

  it('blog-2012: private-no-diversion alone changes nothing', () => {
    expect(beside(OPEN, 'blog-2012', 'private-no-diversion')).toEqual({
      'features.voicemail': asControl('blog-sensitivity-alone-voicemail'),
      'features.forward-target': asControl('blog-sensitivity-alone-forwarding'),
      'features.team': asControl('blog-sensitivity-alone-team'),
      'features.simultaneous-ring': RING_AT_ONCE,
      askedForVoicemail: asControl('blog-sensitivity-alone-voicemail'),
      'callee.ringing': OWN_PHONES,
      'callee.immediate': asControl('blog-sensitivity-alone-forwarding'),
      'callee.doNotDisturb': asControl('blog-sensitivity-alone-voicemail'),
    });
  });

  it('comment-2013: private-no-diversion ends unanswered calls with 480', () => {
    expect(beside(OPEN, 'comment-2013', 'private-no-diversion')).toEqual({
      ...withSource('comment-never-diverted'),
      'unanswered.alone': saying([480], 'comment-no-diversion-480'),
      'unanswered.team': saying([480], 'comment-no-diversion-480'),
    });
    expect(beside(OPEN, 'comment-2013', 'normal-no-diversion')).toEqual(NO_DIVERSION);
  });

  it('ucma-doc: private is for teams and the like', () => {
    expect(beside(asControl('ms-sipre-private-is-normal'), 'ucma-doc', 'private')).toEqual({
      'features.team': saying('suppressed', 'ucma-private-team-ring'),
      'features.delegate': OPEN,
      'features.simultaneous-ring': OPEN,
      'unanswered.team': OPEN,
      'unanswered.delegates': OPEN,
      'unanswered.simultaneous-ring': OPEN,
    });
  });

  it('ucma-doc: of no diversion, normal leaves the team on and private does not', () => {
    expect(beside(OPEN, 'ucma-doc', 'normal-no-diversion')).toEqual({
      ...withSource('ucma-normal-no-diversion'),
      'features.team': asControl('ucma-normal-no-diversion'),
    });
    expect(beside(OPEN, 'ucma-doc', 'private-no-diversion')).toEqual({
      ...withSource('ucma-private-no-diversion'),
      'features.team': saying('suppressed', 'ms-sipre-no-diversion-team', 'ucma-private-no-diversion'),
    });
  });
});
