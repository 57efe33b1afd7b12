import { describe, expect, it } from 'vitest';
import type { Answer, Observation, Stray } from '../../harness/model/observation.ts';
import {
  diverted,
  leg,
  missedCall,
  rangAlone,
  scenario,
  suppressed,
  voicemailAnswered,
} from '../helpers/observations.ts';
import { mustEngage, mustSuppress, verdictOn, withCaller } from './case.ts';

const answered = (answer: Partial<Answer>): Partial<Observation['caller']> => ({
  finalStatus: 200,
  answers: [{ atMs: 612, by: null, knownBy: null, ...answer }],
});
const inbox = { ...scenario, feature: 'missed-call-notification' as const, trap: 'missed-call-inbox' as const };
const inboxControl = diverted({ notifications: [missedCall] });

describe('a call that was answered', () => {
  it('by nobody on record is not suppressed, whatever was demanded', () => {
    const seen = withCaller(suppressed(), answered({}));
    const why = expect.stringContaining('no leg on record answered');
    expect(verdictOn({ seen })).toMatchObject({ verdict: 'inconclusive', outcome: 'unknown', why });
    expect(verdictOn({ seen, expected: mustEngage })).toMatchObject({ verdict: 'inconclusive', why });
    expect(verdictOn({ seen, scenario: inbox, control: inboxControl })).toMatchObject({ verdict: 'inconclusive', why });
  });

  it('by nobody on record once, and once by a leg, is not suppressed either', () => {
    const answers: Answer[] = [
      { atMs: 10, by: 'phone', knownBy: 'tag' },
      { atMs: 20, by: null, knownBy: null },
    ];
    expect(verdictOn({ seen: withCaller(suppressed(), { answers }) }).verdict).toBe('inconclusive');
  });

  it('is engaged by the evidence of its leg all the same', () => {
    const seen = withCaller(diverted(), answered({}));
    expect(verdictOn({ seen })).toMatchObject({ verdict: 'fail', outcome: 'engaged' });
    expect(verdictOn({ seen, expected: mustEngage }).verdict).toBe('pass');
  });

  it('in a dialog of nobody`s is doubted where the control`s was the trap`s own', () => {
    const byTime = withCaller(suppressed(), answered({ by: 'team', knownBy: 'time' }));
    const behindB2bua = withCaller(diverted(), answered({ by: 'voicemail', knownBy: 'time' }));
    expect(verdictOn({ seen: byTime })).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('none of the legs on record'),
    });
    expect(verdictOn({ seen: byTime, control: behindB2bua }).verdict).toBe('pass');
    expect(verdictOn({ seen: byTime, control: withCaller(diverted(), { answers: [] }) }).verdict).toBe('pass');
  });
});

describe('a call that was sent elsewhere', () => {
  it.for(['302', 'REFER'])('by %s is neither refused nor suppressed', (by) => {
    const seen = withCaller(suppressed(), { redirections: [{ atMs: 600, by, to: '<sip:vm@b>' }] });
    expect(verdictOn({ seen })).toMatchObject({
      verdict: 'inconclusive',
      outcome: 'unknown',
      why: `the caller was sent elsewhere to <sip:vm@b> (${by}, 600 ms after the INVITE) and did not follow: a redirection is no refusal`,
    });
    expect(verdictOn({ seen: { ...seen, legs: [rangAlone, voicemailAnswered] } }).verdict).toBe('fail');
  });

  it('says so without an address, too', () => {
    const seen = withCaller(suppressed(), { redirections: [{ atMs: 600, by: '302', to: '' }] });
    expect(verdictOn({ seen }).why).toContain('sent elsewhere (302');
  });
});

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

  it('says nothing where the server sends one more to the control, or long before any leg', () => {
    const early = withCaller(suppressed(), forwarding(1));
    expect(verdictOn({ seen: early, control: withCaller(diverted(), forwarding(1, 600)) }).verdict).toBe('pass');
    expect(verdictOn({ seen: early, control: withCaller(diverted(), forwarding(1)) }).verdict).toBe('pass');
    expect(verdictOn({ seen: early, control: withCaller(diverted(), forwarding(355)) }).verdict).toBe('inconclusive');
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
    expect(verdictOn({ seen, control: withCaller(diverted(), { provisionals: [] }) }).verdict).toBe('pass');
  });

  it('is not said by 182, 199 or 100', () => {
    for (const status of [100, 182, 199]) {
      expect(verdictOn({ seen: withCaller(suppressed(), rings(status, false)) }).verdict).toBe('pass');
    }
  });
});

describe('a stray', () => {
  const stray = (over: Partial<Stray>): Observation =>
    suppressed({ strays: [{ atMs: 610, at: 'voicemail', kind: 'call', text: 'INVITE sip:x@y SIP/2.0', ...over }] });
  const alsoForbidden = { ...mustSuppress, elsewhere: { team: { outcome: 'suppressed' as const, claims: ['b'] } } };
  const alsoDemanded = { ...mustSuppress, elsewhere: { team: { outcome: 'engaged' as const, claims: ['b'] } } };

  it.for(['call', 'bytes'] as const)('of kind %s at the trap takes the proof', (kind) => {
    expect(verdictOn({ seen: stray({ kind }) })).toMatchObject({
      verdict: 'inconclusive',
      why: '"INVITE sip:x@y SIP/2.0" came to voicemail 610 ms after the INVITE and names no call of this run: it may have been of this one',
    });
    expect(verdictOn({ seen: stray({ kind }), expected: mustEngage }).verdict).toBe('inconclusive');
  });

  it('at another trap takes it only where that is forbidden as well', () => {
    expect(verdictOn({ seen: stray({ at: 'team' }) }).verdict).toBe('pass');
    expect(verdictOn({ seen: stray({ at: 'team' }), expected: alsoDemanded }).verdict).toBe('pass');
    expect(verdictOn({ seen: stray({ at: 'team' }), expected: alsoForbidden }).verdict).toBe('inconclusive');
    expect(verdictOn({ seen: stray({ at: 'team', kind: 'notice' }), expected: alsoForbidden }).verdict).toBe('pass');
  });

  it('that is a notice takes it from the inbox alone, wherever it came to', () => {
    expect(verdictOn({ seen: stray({ kind: 'notice' }) }).verdict).toBe('pass');
    for (const at of ['voicemail', 'phone', 'team'] as const) {
      const seen = stray({ kind: 'notice', at });
      expect(verdictOn({ scenario: inbox, seen, control: inboxControl }).verdict).toBe('inconclusive');
    }
    expect(verdictOn({ scenario: inbox, seen: stray({ at: 'team' }), control: inboxControl }).verdict).toBe('pass');
    expect(verdictOn({ scenario: inbox, seen: stray({}), control: inboxControl }).verdict).toBe('inconclusive');
  });

  it('at the caller is a call that it did not take', () => {
    expect(verdictOn({ seen: stray({ at: 'caller' }) }).verdict).toBe('inconclusive');
    expect(verdictOn({ seen: stray({ at: 'caller', kind: 'notice' }) }).verdict).toBe('pass');
  });

  it('takes nothing from a trap that was reached', () => {
    expect(verdictOn({ seen: diverted({ strays: stray({}).strays }) }).verdict).toBe('fail');
  });

  it('takes the proof from the control', () => {
    const control = { ...stray({}), legs: [rangAlone] };
    expect(verdictOn({ control }).why).toMatch(/control .* is inconclusive itself: "INVITE/);
  });
});

describe('a request that names the callee, and nobody knows what it says', () => {
  const other = { ...missedCall, kind: 'other' as const, form: 'PUBLISH at phone' };
  it('may be the notice', () => {
    const seen = suppressed({ notifications: [other] });
    expect(verdictOn({ scenario: inbox, seen, control: inboxControl })).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('PUBLISH at phone 610 ms after the INVITE names this callee'),
    });
    expect(verdictOn({ seen }).verdict, 'but is no call to voice mail').toBe('pass');
  });

  it('may be the notice also where its form is not known', () => {
    const { form: _form, ...formless } = other;
    const seen = suppressed({ notifications: [formless] });
    expect(verdictOn({ scenario: inbox, seen, control: inboxControl }).why).toMatch(
      /^a request 610 ms after the INVITE names this callee/,
    );
  });

  it('is not a voice message: that is no missed call', () => {
    const seen = suppressed({ notifications: [{ ...missedCall, kind: 'voice-message' }] });
    expect(verdictOn({ scenario: inbox, seen, control: inboxControl }).verdict).toBe('pass');
  });

  it('changes nothing when a notice is there', () => {
    const seen = suppressed({ notifications: [other, missedCall] });
    expect(verdictOn({ scenario: inbox, seen, control: inboxControl }).verdict).toBe('fail');
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

describe('a control that nothing but the phone is to answer', () => {
  const answeredScenario = { ...scenario, kind: 'over-blocking' as const, callee: { answerAfterMs: 150 } };
  const mustAnswer = { ...mustSuppress, callee: 'answers' as const };
  const byPhone = (over: Partial<Observation['caller']> = {}, legs = [answeredLeg]): Observation =>
    withCaller(suppressed({ legs }), { ...answered({ by: 'phone', knownBy: 'time' }), ...over });
  const answeredLeg = leg('phone', { answered: true, result: 'answered', status: 200 });
  const verdict = (seen: Observation) =>
    verdictOn({ scenario: answeredScenario, seen, control: null, expected: mustAnswer });

  it('passes when it does, in whatever dialog', () => {
    expect(verdict(byPhone())).toMatchObject({ verdict: 'pass', controlOutcome: null });
  });

  it('passes when one of two phones does', () => {
    expect(verdict(byPhone({}, [leg('phone', { endMs: 140 }), answeredLeg])).verdict).toBe('pass');
  });

  it('proves nothing when the caller was told of a forwarding to nobody', () => {
    const told = { provisionals: [{ status: 181, atMs: 600, known: false }] };
    expect(verdict(byPhone(told)).why).toContain('being forwarded (181');
  });

  it('says nothing of over-blocking when no phone was called', () => {
    expect(verdict(byPhone({}, []))).toMatchObject({
      verdict: 'inconclusive',
      why: "this control was not answered by the callee's own phone, so nothing can be said of over-blocking",
    });
  });
});
