import { describe, expect, it } from 'vitest';
import type { Answer, InnerVoicemail, Observation } from '../../harness/model/observation.ts';
import { diverted, leg, rangAlone, scenario, suppressed, voicemailAnswered } from '../helpers/observations.ts';
import { answered, mustEngage, mustSuppress, verdictOn, withCaller } from './case.ts';

describe('a 181', () => {
  const forwarding = (...atMs: number[]): Partial<Observation['caller']> => ({
    provisionals: atMs.map((each) => ({ status: 181, atMs: each, known: false })),
  });
  const control = withCaller(diverted(), forwarding(600)); // voice mail's leg begins at 605

  it('without a leg to anybody proves nothing of absence', () => {
    const seen = withCaller(suppressed(), forwarding(600));
    const why = expect.stringContaining('being forwarded (181, 600 ms after the INVITE), and no leg');
    expect(verdictOn({ seen, control })).toMatchObject({ verdict: 'inconclusive', why });
    expect(verdictOn({ seen }), 'not even where the control has none').toMatchObject({ verdict: 'inconclusive', why });
    expect(verdictOn({ seen, control, expected: mustEngage }).verdict).toBe('inconclusive');
  });

  it('is explained by the leg that it announces, and by none before it', () => {
    const expected = { ...mustSuppress, elsewhere: { team: { outcome: 'engaged' as const, claims: ['a-claim'] } } };
    const team = (startMs: number) => leg('team', { startMs });
    const seen = (startMs: number) => withCaller(suppressed({ legs: [rangAlone, team(startMs)] }), forwarding(600));
    expect(verdictOn({ seen: seen(610), control, expected }).verdict).toBe('pass');
    expect(verdictOn({ seen: seen(350), control, expected }).verdict).toBe('pass');
    expect(verdictOn({ seen: seen(349), control, expected }).verdict).toBe('inconclusive');
  });

  it('says nothing that comes at once, as in the control', () => {
    const early = withCaller(suppressed(), forwarding(1));
    const verdictBeside = (...atMs: number[]) =>
      verdictOn({ seen: early, control: withCaller(diverted(), forwarding(...atMs)) }).verdict;
    expect(verdictBeside(1)).toBe('pass');
    expect(verdictBeside(1, 600), 'the server says one more of a diversion').toBe('pass');
    expect(verdictBeside(250)).toBe('pass');
    expect(verdictBeside(251)).toBe('inconclusive');
    expect(
      verdictOn({ seen: withCaller(suppressed(), forwarding(251)), control: withCaller(diverted(), forwarding(1)) })
        .verdict,
    ).toBe('inconclusive');
    expect(
      verdictOn({ seen: withCaller(suppressed(), forwarding(1, 2)), control: withCaller(diverted(), forwarding(1)) })
        .verdict,
    ).toBe('inconclusive');
  });

  it('is of a diversion that comes when this server diverts, however late the phone was asked', () => {
    const asked = leg('phone', { startMs: 560, endMs: 680 });
    const seen = withCaller(suppressed({ legs: [asked] }), forwarding(640));
    const late = withCaller(diverted({ legs: [asked, { ...voicemailAnswered, startMs: 900 }] }), forwarding(640));
    expect(verdictOn({ seen, control: late })).toMatchObject({ verdict: 'inconclusive', late: false });
    expect(verdictOn({ seen, control: { ...late, lateMs: 101 } })).toMatchObject({
      verdict: 'inconclusive',
      late: true,
    });
  });

  it.for([
    [100, 'pass'],
    [101, 'inconclusive'],
  ] as const)(
    'is of a diversion, be it at %i ms, from half of the time on that the control took for one',
    ([atMs, verdict]) => {
      const team = leg('team', { startMs: 200, answered: true, result: 'answered', status: 200 });
      const seen = withCaller(suppressed(), forwarding(atMs));
      const toTeam = withCaller(diverted({ legs: [rangAlone, team, voicemailAnswered] }), forwarding(atMs));
      expect(verdictOn({ seen, control: toTeam }).verdict).toBe(verdict);
      // A voice mail inside of the server has no leg, and shows later what it took.
      const by = 'message-waiting';
      const innerVoicemail: InnerVoicemail = { arrivals: [{ by, atMs: 9000, seen: 'x' }], shown: [by], doubt: null };
      const inside = withCaller(diverted({ legs: [rangAlone], innerVoicemail }), {
        ...forwarding(atMs),
        answers: [{ atMs: 200, by: 'voicemail', knownBy: 'arrival' }],
      });
      const held = verdictOn({ seen, control: inside }).checks.find(({ id }) => id === 'told')?.holds;
      expect(held).toBe(verdict === 'pass');
    },
  );

  it.for([605, 1105, 3605])(
    'proves nothing however late the control came to its next leg, be it at %i ms',
    (startMs) => {
      const seen = withCaller(suppressed(), forwarding(600));
      const late = withCaller(diverted({ legs: [rangAlone, { ...voicemailAnswered, startMs }] }), forwarding(600));
      expect(verdictOn({ seen, control: late }).verdict).toBe('inconclusive');
      expect(verdictOn({ seen, control: withCaller(late, forwarding(600, 601)) }).verdict, 'it was told twice').toBe(
        'inconclusive',
      );
    },
  );

  it.for([
    ['for a moment', 'busy', [leg('phone', { endMs: 6, rang: false, result: 'refused', status: 486 })]],
    ['for a moment, as it seems', 'busy', [leg('phone', { endMs: 24, rang: false, result: 'refused', status: 486 })]],
    ['not at all', 'unregistered', []],
  ] as const)('proves nothing where the phone was asked %s', ([, callee, phones]) => {
    const seen = withCaller(suppressed({ legs: phones }), forwarding(5));
    const legs = [...phones, { ...voicemailAnswered, startMs: 505 }];
    const other = withCaller(diverted({ legs }), forwarding(5));
    const expected = { ...mustSuppress, callee: 'unspecified' as const };
    expect(verdictOn({ scenario: { ...scenario, callee }, seen, control: other, expected })).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('being forwarded (181'),
    });
  });

  it('says nothing where every call of this server gets as many, and one more says something', () => {
    const told = (...atMs: number[]) => withCaller(suppressed(), { ...forwarding(...atMs), usualForwardings: 1 });
    const near = withCaller(diverted(), forwarding(355)); // voice mail's leg is near enough to be what it announces
    expect(verdictOn({ seen: told(1), control: near }).verdict).toBe('pass');
    expect(verdictOn({ seen: told(1, 600), control: near }).verdict).toBe('inconclusive');
  });

  it('takes nothing from a trap that was reached', () => {
    expect(verdictOn({ seen: withCaller(diverted(), forwarding(600)), control }).verdict).toBe('fail');
  });
});

describe('ringing in a dialog of nobody`s', () => {
  const rings = (status: number, known: boolean): Partial<Observation['caller']> => ({
    provisionals: [{ status, atMs: 620, known }],
  });
  it.for([180, 183])('with %i is somebody who is not on record, where the server hands dialogs on', (status) => {
    const seen = withCaller(suppressed(), rings(status, false));
    expect(verdictOn({ seen })).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining(`somebody who rings (${status}, 620 ms`),
    });
    expect(verdictOn({ seen, control: withCaller(diverted(), rings(180, false)) }).verdict).toBe('pass');
  });

  it('is somebody, too, where nothing rang in the control and it was answered in a dialog on record', () => {
    const seen = withCaller(suppressed(), rings(180, false));
    const verdictBeside = (...answers: Answer[]) =>
      verdictOn({ seen, control: withCaller(diverted(), { provisionals: [], answers }) }).verdict;
    const byTag: Answer = { atMs: 610, by: 'voicemail', knownBy: 'tag' };
    expect(verdictBeside(byTag)).toBe('inconclusive');
    expect(verdictBeside(byTag, { ...byTag, knownBy: 'time' })).toBe('pass');
    expect(verdictBeside()).toBe('pass');
  });

  it('is not said by 182, 199 or 100', () => {
    for (const status of [100, 182, 199]) {
      expect(verdictOn({ seen: withCaller(suppressed(), rings(status, false)) }).verdict).toBe('pass');
    }
  });
});

describe('what the caller was told', () => {
  const told = (...provisionals: Observation['caller']['provisionals']): Partial<Observation['caller']> => ({
    provisionals,
  });
  const at = (status: number, atMs: number, known = false) => ({ status, atMs, known });

  it('is explained by the last leg only if that comes no sooner than the last 181', () => {
    const expected = { ...mustSuppress, elsewhere: { team: { outcome: 'engaged' as const, claims: ['a-claim'] } } };
    const seen = withCaller(
      suppressed({ legs: [rangAlone, leg('team', { startMs: 210 })] }),
      told(at(181, 1), at(181, 900)),
    );
    expect(verdictOn({ seen, control: withCaller(diverted(), told(at(181, 600))), expected })).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('(181, 900 ms after the INVITE)'),
    });
  });

  it('is doubted where one 181 of the control announced one leg of several', () => {
    const control = withCaller(
      diverted({ legs: [leg('team', { startMs: 100 }), rangAlone, voicemailAnswered] }),
      told(at(181, 1200), at(181, 600)),
    );
    const seen = withCaller(suppressed(), told(at(181, 600), at(181, 900)));
    expect(verdictOn({ seen, control }).verdict).toBe('inconclusive');
  });

  it('takes nothing from a trap that was reached before', () => {
    expect(verdictOn({ seen: withCaller(diverted(), told(at(181, 900))) }).verdict).toBe('fail');
  });

  it('is no doubt where the control was told of somebody unknown as well', () => {
    const control = withCaller(diverted(), told(at(180, 4, true), at(183, 605)));
    expect(verdictOn({ seen: withCaller(suppressed(), told(at(180, 4))), control }).verdict).toBe('pass');
  });

  it('is no doubt where it was answered in a dialog on record, or where the control was not always', () => {
    const byTag = withCaller(suppressed(), answered({ by: 'team', knownBy: 'tag' }));
    expect(verdictOn({ seen: byTag }).verdict).toBe('pass');
    const answers: Answer[] = [
      { atMs: 610, by: 'voicemail', knownBy: 'tag' },
      { atMs: 620, by: 'team', knownBy: 'time' },
    ];
    const byTime = withCaller(suppressed(), answered({ by: 'team', knownBy: 'time' }));
    expect(verdictOn({ seen: byTime, control: withCaller(diverted(), { answers }) }).verdict).toBe('pass');
  });
});
