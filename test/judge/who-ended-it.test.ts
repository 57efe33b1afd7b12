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

  it('changes nothing when a notice is there', () => {
    const seen = suppressed({ notifications: [other, missedCall] });
    expect(verdictOn({ scenario: inbox, seen, control: inboxControl }).verdict).toBe('fail');
  });
});
