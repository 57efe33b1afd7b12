/** Verdicts on calls in which the callee's own phone had no time, or was not heard in time. */
import { describe, expect, it } from 'vitest';
import type { Case } from '../../harness/judge/judge.ts';
import type { Leg, Observation } from '../../harness/model/observation.ts';
import type { Transport } from '../../harness/model/words.ts';
import { diverted, leg, scenario, suppressed, voicemailAnswered } from '../helpers/observations.ts';
import { mustEngage, verdictOn, withCaller } from './case.ts';

describe('a verdict is late', () => {
  it('when a phone of ours that was to answer rang until the server gave up, late by less than the slack', () => {
    const answered = leg('phone', { startMs: 3, endMs: 153, answered: true, result: 'answered', status: 200 });
    const answer = (over: Partial<Observation>, transport: Transport = 'udp') => {
      const rung = suppressed({ legs: [leg('phone', { startMs: 3, endMs: 603 })], lateMs: 450, ...over });
      const seen = withCaller({ ...rung, window: { ...rung.window, slackMs: 1000 } }, { finalStatus: 480 });
      const asked = { ...scenario, kind: 'over-blocking' as const, callee: { answerAfterMs: 150 } };
      const expected = { outcome: 'suppressed', claims: ['x'], callee: 'rings', statuses: [200] } as const;
      const control = withCaller(suppressed({ legs: [answered] }), { finalStatus: 200 });
      return verdictOn({ scenario: asked, expected, seen, control, transport });
    };
    const why = "the callee's phone was to answer (200), but it only rang for 600 ms";
    expect(answer({})).toMatchObject({ verdict: 'inconclusive', late: true, why });
    expect(answer({ phoneUnderTest: true, lateMs: 0 })).toMatchObject({ verdict: 'inconclusive', late: false, why });
    // Its answer may cross the server's 480.
    const crossing = { ...answered, endMs: 700, unheardAnswerMs: 604 };
    expect(answer({ legs: [crossing], lateMs: 0 })).toMatchObject({
      verdict: 'inconclusive',
      late: true,
      why: "the callee's phone was to answer (200), but it did so only after 601 ms, when it was not heard any more",
    });
    expect(answer({ legs: [{ ...crossing, unheardAnswerMs: 353 }], lateMs: 0 }, 'tcp')).toMatchObject({
      verdict: 'fail',
      why: expect.stringContaining('ended with 480'),
    });
    const cutShort = { legs: [leg('phone', { startMs: 3, endMs: 353 })], lateMs: 0 };
    expect(answer(cutShort)).toMatchObject({ verdict: 'fail', why: expect.stringContaining('ended with 480') });
  });

  describe('when a phone that was to answer within 350 ms had no time to, or was not heard in time', () => {
    const phone = (startMs: number, over: Partial<Leg> = {}): Leg => leg('phone', { startMs, endMs: 2400, ...over });
    const answering = { result: 'answered', answered: true, status: 200 } as const;
    const refused = (over: Partial<Observation>, caller: Partial<Observation['caller']> = {}): Observation =>
      withCaller(suppressed({ lateMs: 0, ...over }), { finalStatus: 480, finalMs: 2400, provisionals: [], ...caller });
    const asked = { ...scenario, kind: 'over-blocking' as const, callee: { answerAfterMs: 150 } };
    const control = withCaller(suppressed({ legs: [phone(3, { ...answering, endMs: 153 })] }), { finalStatus: 200 });
    const verdictOf = (seen: Observation, over: { callee?: 'answers'; transport?: Transport } & Partial<Case> = {}) => {
      const { callee = 'rings', ...more } = over;
      const expected = { outcome: 'suppressed', claims: ['x'], callee, statuses: [200] } as const;
      return verdictOn({ scenario: asked, expected, seen, control, ...more });
    };
    const endedWith480 = { verdict: 'fail', why: expect.stringContaining('ended with 480') };
    const later = (ms: number) => ({
      verdict: 'inconclusive',
      late: true,
      why: expect.stringContaining(`its INVITE came ${ms} ms later than the control's`),
    });

    it('because its INVITE came so late', () => {
      expect(verdictOf(refused({ legs: [phone(2053)] }))).toMatchObject(later(2050));
      expect(verdictOf(refused({ legs: [phone(2053)] }), { callee: 'answers' })).toMatchObject(later(2050));
      expect(verdictOf(refused({ legs: [phone(2053)], phoneUnderTest: true }))).toMatchObject({
        verdict: 'inconclusive',
        late: false,
      });
    });

    it('and not because the server let it ring for no longer', () => {
      const cut = (startMs: number) => refused({ legs: [phone(startMs, { endMs: 357 })] }, { finalMs: 357 });
      expect(verdictOf(cut(154))).toMatchObject(later(151));
      expect(verdictOf(cut(153))).toMatchObject({ verdict: 'fail', why: expect.stringContaining('ended with 480') });
      const longAgo = refused({ legs: [phone(200, { endMs: 300 })] }, { finalMs: 300 });
      expect(verdictOf(longAgo), 'it would have had 297 ms in all').toMatchObject({ verdict: 'fail' });
      const cutAt = (endMs: number) => refused({ legs: [phone(200, { endMs })] }, { finalMs: endMs });
      expect(verdictOf(cutAt(353)), 'all of 350 ms').toMatchObject(endedWith480);
      expect(verdictOf(cutAt(354))).toMatchObject(later(197));
    });

    it('because it answered when the server had given it up', () => {
      const unheard = (unheardAnswerMs: number) => refused({ legs: [phone(2053, { ...answering, unheardAnswerMs })] });
      expect(verdictOf(unheard(2251), { transport: 'tcp' })).toMatchObject(later(2050));
      expect(verdictOf(unheard(2250), { transport: 'tcp' }), 'the server had it').toMatchObject({ verdict: 'fail' });
      const elsewhere = phone(2050, { result: 'refused', status: 482, endMs: 2051 });
      const twice = refused({ legs: [elsewhere, phone(2053, { ...answering, unheardAnswerMs: 2251 })] });
      expect(verdictOf(twice, { transport: 'tcp' }), 'one of two ways to it').toMatchObject(later(2050));
    });

    it('because it may have been lost each time it was sent, which is twice at most', () => {
      const refusedAt = (finalMs: number) =>
        refused({ legs: [phone(3, { ...answering, unheardAnswerMs: 153 })] }, { finalMs });
      expect(verdictOf(refusedAt(1653))).toMatchObject({
        verdict: 'inconclusive',
        late: true,
        why: expect.stringMatching(/own phone answered 153 ms .* at most once more: what is sent over UDP may be lost/),
      });
      expect(verdictOf(refusedAt(1654)), 'three times').toMatchObject({ verdict: 'fail' });
      expect(verdictOf({ ...refusedAt(1654), lateMs: 1 })).toMatchObject({ verdict: 'inconclusive' });
      expect(verdictOf(refusedAt(1653), { transport: 'tcp' })).toMatchObject({ verdict: 'fail' });
      const elsewhere = phone(2, { result: 'refused', status: 482, endMs: 3 });
      const twice = { ...refusedAt(1653), legs: [elsewhere, ...refusedAt(1653).legs] };
      expect(verdictOf(twice), 'one of two ways to it').toMatchObject({ verdict: 'inconclusive', late: true });
    });

    it('because the caller got its answer only after the server had gone on', () => {
      const heard = (atMs: number, over: Partial<Observation> = {}) =>
        refused({ legs: [phone(3, answering)], ...over }, { answers: [{ atMs, by: 'phone', knownBy: 'tag' }] });
      const why = expect.stringContaining("the caller got the answer of the callee's own phone after that, 2500 ms");
      expect(verdictOf(heard(2500))).toMatchObject({ verdict: 'inconclusive', late: true, why });
      expect(verdictOf(refused({ legs: [phone(3, answering)] })), 'it never got it').toMatchObject({ verdict: 'fail' });
      const goneOn = { legs: [phone(3, answering), { ...voicemailAnswered, startMs: 2400 }] };
      const taken = withCaller(heard(2500, goneOn), {
        finalStatus: 200,
        answers: [
          { atMs: 2410, by: 'voicemail', knownBy: 'tag' },
          { atMs: 2500, by: 'phone', knownBy: 'tag' },
        ],
      });
      expect(verdictOf(taken)).toMatchObject({ verdict: 'inconclusive', late: true, why });
    });

    it('and not where the server asked another before it can have answered', () => {
      const both = (startMs: number) =>
        withCaller(refused({ legs: [phone(3, answering), { ...voicemailAnswered, startMs }] }), {
          finalStatus: 200,
          answers: [
            { atMs: 10, by: 'voicemail', knownBy: 'tag' },
            { atMs: 500, by: 'phone', knownBy: 'tag' },
          ],
        });
      expect(verdictOf(both(152))).toMatchObject({
        verdict: 'fail',
        why: expect.stringContaining('voice mail was reached'),
      });
    });

    it('and not where the server had had its answer, and asked another all the same', () => {
      const heard = (atMs: number) =>
        withCaller(refused({ legs: [phone(3, answering), { ...voicemailAnswered, startMs: 2400 }] }), {
          finalStatus: 200,
          answers: [
            { atMs, by: 'phone', knownBy: 'tag' },
            { atMs: 2410, by: 'voicemail', knownBy: 'tag' },
          ],
        });
      const reached = { verdict: 'fail', why: expect.stringContaining('voice mail was reached') };
      expect(verdictOf(heard(2399))).toMatchObject(reached);
      expect(verdictOf(heard(2400)), 'at that moment').toMatchObject({ verdict: 'inconclusive', late: true });
      const atOnce = heard(500);
      const goneOnAt = (startMs: number) => ({
        ...atOnce,
        legs: [phone(3, answering), { ...voicemailAnswered, startMs }],
      });
      expect(verdictOf(goneOnAt(153)), 'not before it can have answered').toMatchObject({ verdict: 'inconclusive' });
    });
  });

  it("when the server's timer may have been over before the phone was asked, and only then", () => {
    const control = diverted({ legs: [leg('phone', { startMs: 3, endMs: 603 }), voicemailAnswered], lateMs: 250 });
    const verdictWhen = (lateMs: number) => verdictOn({ seen: suppressed({ legs: [], lateMs }), control });
    expect(verdictWhen(200)).toMatchObject({
      verdict: 'inconclusive',
      late: true,
      why: expect.stringContaining(
        'the lab was late by 450 ms, with its control, and the server lets a phone ring for 600 ms',
      ),
    });
    expect(verdictWhen(199)).toMatchObject({ verdict: 'fail', late: false });
  });

  it('when a phone that said nothing was asked so late, or for so long, that the server had no more time for it', () => {
    const control = diverted({ legs: [leg('phone', { startMs: 3, endMs: 603 }), voicemailAnswered], lateMs: 0 });
    const silent = (startMs: number, endMs: number) =>
      withCaller(suppressed({ legs: [leg('phone', { startMs, endMs, rang: false })], lateMs: 0 }), { finalMs: endMs });
    const uncalled = diverted({ legs: [voicemailAnswered], lateMs: 0 });
    const group = { ...scenario, callee: 'unregistered' } as const;
    const verdictOf = (seen: Observation, over: Partial<Case> = {}) => verdictOn({ seen, control, ...over });
    expect(verdictOf(silent(393, 453))).toMatchObject({ verdict: 'inconclusive', late: true });
    expect(verdictOf(silent(392, 452))).toMatchObject({ verdict: 'fail', late: false });
    expect(verdictOf(silent(3, 153)), 'called for a moment').toMatchObject({ verdict: 'fail', late: false });
    expect(verdictOf(silent(3, 153), { control: uncalled, scenario: group }).why).toContain('did not ring');
  });

  describe('when somebody beside the callee took the call before its phone had said anything', () => {
    const taken = (startMs: number, endMs: number, over: Partial<Observation> = {}): Observation =>
      withCaller(
        suppressed({
          legs: [
            leg('phone', { startMs, endMs, rang: false }),
            leg('team', { user: 'bob', startMs: 5, endMs: 900, result: 'answered', answered: true, status: 200 }),
          ],
          ...over,
        }),
        { finalStatus: 200 },
      );
    const withPhone = (seen: Observation, over: Partial<Leg>): Observation => ({
      ...seen,
      legs: seen.legs.map((each) => (each.role === 'phone' ? { ...each, ...over } : each)),
    });
    const asTeamCalledAt = (startMs: number, seen: Observation): Observation => ({
      ...seen,
      legs: seen.legs.map((each) => (each.role === 'team' ? { ...each, startMs } : each)),
    });
    const rings = { ...mustEngage, callee: 'rings' } as const;
    const question = { scenario: { ...scenario, trap: 'team' }, control: null, expected: rings } as const;

    it.for([
      ['it was slow', 3, 60, '57 ms and said nothing yet when the team phone, called 2 ms after it, took it'],
      [
        'it was asked as the other was',
        5,
        60,
        '55 ms and said nothing yet when the team phone, called 0 ms after it, took it',
      ],
      ['it was asked late', 48, 60, '12 ms and said nothing yet when the team phone, called 43 ms before it, took it'],
    ] as const)('and %s', ([, startMs, endMs, said]) => {
      expect(verdictOn({ ...question, seen: taken(startMs, endMs) })).toMatchObject({
        verdict: 'inconclusive',
        why: expect.stringMatching(new RegExp(`^over-blocked: .*; but it had had the call for ${said}`)),
        late: true,
      });
      // A user agent under test may be slow for good, and nothing gets better by calling it again.
      const seen = taken(startMs, endMs, { phoneUnderTest: true });
      expect(verdictOn({ ...question, seen })).toMatchObject({ verdict: 'inconclusive', late: false });
    });

    it.for([
      ['it had no time to', taken(3, 23)],
      ['it was cancelled before anybody else was called', asTeamCalledAt(60, taken(3, 60))],
    ] as const)('but not when %s: the server took the call away', ([, seen]) => {
      expect(verdictOn({ ...question, seen })).toMatchObject({ verdict: 'fail', late: false });
    });

    it('but not when it rang, and was to answer', () => {
      const expected = { ...rings, callee: 'answers' } as const;
      const seen = withPhone(taken(3, 160), { rang: true });
      expect(verdictOn({ ...question, expected, seen })).toMatchObject({ verdict: 'fail', late: false });
    });

    it('but not when it got no call at all', () => {
      const [, team] = taken(3, 60).legs;
      const seen = { ...taken(3, 60), legs: team === undefined ? [] : [team] };
      expect(verdictOn({ ...question, seen })).toMatchObject({ verdict: 'fail', late: false });
    });
  });
});
