import { describe, expect, it } from 'vitest';
import type { Answer, Observation } from '../../harness/model/observation.ts';
import {
  diverted,
  leg,
  missedCall,
  rangAlone,
  scenario,
  suppressed,
  voicemailAnswered,
} from '../helpers/observations.ts';
import { answered, mustEngage, mustSuppress, verdictOn, withCaller } from './case.ts';

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
    const unanswered = withCaller(diverted(), { answers: [] });
    expect(verdictOn({ seen: byTime, control: unanswered }).verdict, 'what rang was in its own').toBe('inconclusive');
    const mute = withCaller(unanswered, { provisionals: [] });
    expect(verdictOn({ seen: byTime, control: mute }).verdict, 'nothing to go by').toBe('pass');
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
