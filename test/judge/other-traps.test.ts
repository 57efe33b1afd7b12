import { describe, expect, it } from 'vitest';
import { type Case, judge } from '../../harness/judge/judge.ts';
import type { Leg, Observation } from '../../harness/model/observation.ts';
import { diverted, leg, scenario, suppressed, voicemailAnswered } from '../helpers/observations.ts';
import { answered, mustEngage, mustSuppress, withCaller } from './case.ts';

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
const DEMANDED = { outcome: 'engaged', claims: ['it-rings'] } as const;

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

  describe('that is voice mail, and must be reached, may have been unseen', () => {
    const team = leg('team', { startMs: 205, endMs: 600 });
    const asked = { ...scenario, trap: 'team', otherTraps: ['voicemail'] } as const;
    const control = diverted({ legs: [leg('phone'), team, voicemailAnswered] });
    const expected = { ...mustEngage, elsewhere: { voicemail: DEMANDED } };
    const byNobody = answered({ atMs: 620 });
    const shown = ['mailbox'] as const;

    it.for([
      [
        'where nobody on record answered',
        byNobody,
        undefined,
        'the caller was answered 620 ms after the INVITE, and no leg',
      ],
      [
        'where nothing was looked for',
        {},
        { arrivals: [], shown: [], doubt: null },
        'nothing that canaries have shown',
      ],
      ['where its evidence is in doubt', {}, { arrivals: [], shown, doubt: 'it was late' }, 'it was late'],
      ['but not where it was looked for', {}, { arrivals: [], shown, doubt: null }, null],
      ['but not where it is not inside of the server', {}, undefined, null],
    ] as const)('%s', ([, caller, innerVoicemail, doubt]) => {
      const seen = withCaller(
        suppressed({ legs: [leg('phone'), team], ...(innerVoicemail && { innerVoicemail }) }),
        caller,
      );
      const finding = 'voice mail was not reached, but it-rings says it must be';
      const { verdict, why } = judged({ scenario: asked, seen, control, expected });
      expect(verdict).toBe(doubt === null ? 'fail' : 'inconclusive');
      expect(why?.startsWith(doubt === null ? finding : `${finding}; but ${doubt}`), why ?? '').toBe(true);
    });
  });

  it('that is a phone was not reached where it has no leg, whoever answered', () => {
    const team = leg('team', { startMs: 205, endMs: 600 });
    const control = diverted({ legs: [leg('phone'), along, team] });
    const seen = withCaller(suppressed({ legs: [leg('phone'), team] }), answered({ atMs: 620 }));
    const asked = { ...scenario, trap: 'team', otherTraps: ['simultaneous-ring'] } as const;
    const expected = { ...ELSEWHERE('engaged'), outcome: 'engaged' } as const;
    expect(judged({ scenario: asked, seen, control, expected })).toMatchObject({
      verdict: 'fail',
      why: 'the simultaneous-ring phone was not reached, but it-rings says it must be',
    });
  });

  it.for([
    ['no source speaks of any', mustSuppress, null, '; no source says'],
    ['the sources speak of another', { ...mustSuppress, elsewhere: { delegate: DEMANDED } }, null, '; no source says'],
    ['the sources demand it', ELSEWHERE('engaged'), true, ''],
  ] as const)('is looked at: %s', ([, expected, holds, silent]) => {
    const reached = {
      id: 'other-trap',
      holds,
      seen: `the simultaneous-ring phone was reached 5 ms after the INVITE${silent}`,
    };
    expect(judged({ expected, seen: withLeg(suppressed()) }).checks).toContainEqual(reached);
  });

  it.for([
    ['no source speaks of any', mustSuppress, null, '; no source says'],
    ['the sources speak of another', { ...mustSuppress, elsewhere: { delegate: DEMANDED } }, null, '; no source says'],
    ['the sources forbid it', ELSEWHERE('suppressed'), true, ''],
  ] as const)('is looked at where it was not reached: %s', ([, expected, holds, silent]) => {
    const missing = { id: 'other-trap', holds, seen: `the simultaneous-ring phone was not reached${silent}` };
    expect(judged({ expected }).checks).toContainEqual(missing);
  });
});
