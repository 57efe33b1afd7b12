import { describe, expect, it } from 'vitest';
import { type Case, judge } from '../../harness/judge/judge.ts';
import type { Leg, Observation } from '../../harness/model/observation.ts';
import { diverted, scenario, suppressed } from '../helpers/observations.ts';
import { mustSuppress } from './case.ts';

const along: Leg = { ...(diverted().legs[0] as Leg), role: 'simultaneous-ring', startMs: 5 };
const withLeg = (seen: Observation): Observation => ({ ...seen, legs: [...seen.legs, along] });

function judged(over: Partial<Case>) {
  const item = {
    scenario: { ...scenario, otherTraps: ['simultaneous-ring'] as const },
    planned: [],
    seen: suppressed(),
    control: withLeg(diverted()),
    expected: mustSuppress,
    ...over,
  };
  return judge(item);
}
const ELSEWHERE = (outcome: 'engaged' | 'suppressed') => ({
  ...mustSuppress,
  elsewhere: { 'simultaneous-ring': { outcome, claims: ['it-rings'] } },
});

describe('a further trap of the situation', () => {
  it('must be reached where the sources demand it', () => {
    expect(judged({ expected: ELSEWHERE('engaged') })).toMatchObject({
      verdict: 'fail',
      why: 'the simultaneous-ring phone was not reached, but it-rings says it must be',
    });
    expect(judged({ expected: ELSEWHERE('engaged'), seen: withLeg(suppressed()) }).verdict).toBe('pass');
  });

  it('must not be reached where the sources forbid it', () => {
    expect(judged({ expected: ELSEWHERE('suppressed'), seen: withLeg(suppressed()) })).toMatchObject({
      verdict: 'fail',
    });
    expect(judged({ expected: ELSEWHERE('suppressed') }).verdict).toBe('pass');
  });

  it("needs canaries to be said of it that it was not reached, also where the situation's own trap was", () => {
    const dead: Observation = { ...diverted(), canary: { ...diverted().canary, before: null } };
    const expected = { ...ELSEWHERE('suppressed'), outcome: 'engaged' as const };
    expect(judged({ seen: dead, expected })).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringMatching(/no canary/),
    });
    expect(judged({ seen: withLeg(dead), expected: { ...expected, elsewhere: {} } }).verdict).toBe('pass');
  });
});
