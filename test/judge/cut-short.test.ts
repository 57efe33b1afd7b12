/** Rings that a server ended: of a phone or a trap that must ring, held against the control's. */
import { describe, expect, it } from 'vitest';
import type { Leg, Observation } from '../../harness/model/observation.ts';
import { diverted, leg, scenario, suppressed, voicemailAnswered } from '../helpers/observations.ts';
import { mustEngage, mustSuppress, verdictOn, withCaller } from './case.ts';

describe('a ring that the server ended', () => {
  const rang = (ms: number, over: Partial<Leg> = {}): Leg => leg('phone', { startMs: 3, endMs: 3 + ms, ...over });
  const seen = (ms: number, over: Partial<Leg> = {}, more: Partial<Observation> = {}): Observation =>
    suppressed({ legs: [rang(ms, over)], ...more });
  const control = diverted({ legs: [rang(600), voicemailAnswered] });
  /** Its server's first word. */
  const heardAt = (atMs: number, call: Observation) =>
    withCaller(call, { provisionals: [{ status: 100, atMs, known: false }] });

  it('well before the control`s is over-blocking', () => {
    expect(verdictOn({ seen: seen(60), control })).toMatchObject({
      verdict: 'fail',
      why: "over-blocked: the server let the callee's own phone ring for 60 ms, where the control's rang for 600 ms, but a-claim says it must ring",
    });
  });

  it('is another one below two thirds of the control`s, and by more than timers differ', () => {
    expect(verdictOn({ seen: seen(399), control }).verdict).toBe('fail');
    expect(verdictOn({ seen: seen(400), control }).verdict).toBe('pass');
    const shortRing = diverted({ legs: [rang(200), voicemailAnswered], lateMs: 0 });
    const inTime = { lateMs: 0 };
    expect(verdictOn({ seen: seen(50, {}, inTime), control: shortRing }).verdict).toBe('pass');
    expect(verdictOn({ seen: seen(49, {}, inTime), control: shortRing }).verdict).toBe('fail');
  });

  it('proves nothing when the lab was late by as much', () => {
    const late = seen(299, {}, { lateMs: 100 });
    expect(verdictOn({ seen: late, control: { ...control, lateMs: 50 } }).verdict).toBe('fail');
    expect(verdictOn({ seen: late, control: { ...control, lateMs: 51 } })).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('late by as much'),
    });
  });

  it('proves nothing, and is called again, when its INVITE came later by as much, as after a loss or from a busy server', () => {
    const rangFrom = (startMs: number): Observation =>
      heardAt(0, suppressed({ legs: [rang(60, { startMs, endMs: startMs + 60 })], lateMs: 0 }));
    const inTime = { ...control, lateMs: 0 };
    expect(verdictOn({ seen: rangFrom(392), control: inTime }).verdict).toBe('fail');
    expect(verdictOn({ seen: rangFrom(393), control: inTime })).toMatchObject({
      verdict: 'inconclusive',
      late: true,
      why: expect.stringContaining("INVITE came 390 ms later than the control's"),
    });
  });

  it('is measured from when the server had the call: the control`s own INVITE may be the one that was lost', () => {
    const toVoicemail = { ...voicemailAnswered, startMs: 1105 };
    const rangOn = diverted({ legs: [rang(600, { startMs: 503, endMs: 1103 }), toVoicemail], lateMs: 0 });
    const answers = [{ atMs: 1110, by: 'voicemail', knownBy: 'tag' }] as const;
    const later = withCaller(heardAt(500, rangOn), { answers });
    const rangFrom = (startMs: number): Observation =>
      heardAt(5, suppressed({ legs: [rang(100, { startMs, endMs: startMs + 100 })], lateMs: 0 }));
    expect(verdictOn({ seen: rangFrom(357), control: later })).toMatchObject({ verdict: 'fail' });
    const spokeLate = withCaller(heardAt(520, rangOn), { answers });
    expect(verdictOn({ seen: rangFrom(354), control: spokeLate }), 'at the latest when it asked').toMatchObject({
      verdict: 'fail',
    });
    expect(verdictOn({ seen: rangFrom(355), control: spokeLate })).toMatchObject({
      verdict: 'inconclusive',
      late: true,
    });
    expect(verdictOn({ seen: rangFrom(358), control: later })).toMatchObject({
      verdict: 'inconclusive',
      late: true,
      why: expect.stringContaining("INVITE came 350 ms later than the control's"),
    });
  });

  it('is over when the caller is refused, whatever the phone knows of it', () => {
    const refused = (over: Partial<Leg>): Observation =>
      withCaller(suppressed({ legs: [rang(600, over)] }), { finalStatus: 480, finalMs: 63 });
    const why = expect.stringContaining("let the callee's own phone ring for 60 ms");
    expect(verdictOn({ seen: refused({}), control })).toMatchObject({ verdict: 'fail', why });
    expect(verdictOn({ seen: refused({ result: 'open', endMs: null }), control })).toMatchObject({
      verdict: 'fail',
      why,
    });
    const inFull = withCaller(refused({ result: 'open', endMs: null }), { finalMs: 603 });
    expect(verdictOn({ seen: inFull, control }).verdict).toBe('pass');
  });

  it('is over when somebody beside it has taken the call: the control`s may have had its CANCEL late', () => {
    const team = leg('team', { startMs: 205, endMs: 400, result: 'answered', answered: true, status: 200 });
    const takenAt = (atMs: number): Observation =>
      withCaller(diverted({ legs: [rang(1669), team] }), { answers: [{ atMs, by: 'team', knownBy: 'tag' }] });
    const question = { scenario: { ...scenario, trap: 'team' as const }, seen: seen(600) };
    expect(verdictOn({ ...question, control: takenAt(901) }).verdict).toBe('pass');
    expect(verdictOn({ ...question, control: takenAt(902) }).verdict, 'by two thirds').toBe('fail');
  });

  it('proves nothing by a control that rang for no longer because its own INVITE came late', () => {
    const toVoicemail = { ...voicemailAnswered, startMs: 605 };
    const truncated = heardAt(2, diverted({ legs: [rang(100, { startMs: 503, endMs: 603 }), toVoicemail], lateMs: 0 }));
    const rangFor = (ms: number): Observation => heardAt(2, seen(ms, {}, { lateMs: 0 }));
    expect(verdictOn({ seen: rangFor(399), control: truncated })).toMatchObject({
      verdict: 'inconclusive',
      late: true,
      why: expect.stringContaining("the control's INVITE came 500 ms later than this one"),
    });
    expect(verdictOn({ seen: rangFor(400), control: truncated }).verdict).toBe('pass');
    const late = { ...rangFor(399), lateMs: 1 };
    expect(verdictOn({ seen: late, control: truncated }).verdict, 'by as much as the lab was late').toBe('pass');
    const splash = (lateMs: number): Observation => ({ ...rangFor(300), lateMs });
    expect(verdictOn({ seen: splash(149), control: truncated }).verdict).toBe('pass');
    expect(verdictOn({ seen: splash(150), control: truncated }), 'no more, maybe, than the lab was late').toMatchObject(
      {
        verdict: 'inconclusive',
        late: true,
      },
    );
  });

  it('proves nothing where it need not have been more than the lab was late, unless it is as long as the control`s', () => {
    const rangFor = (ms: number, lateMs: number) => verdictOn({ seen: heardAt(0, seen(ms, {}, { lateMs })), control });
    expect(rangFor(449, 298).verdict).toBe('pass');
    expect(rangFor(449, 299)).toMatchObject({
      verdict: 'inconclusive',
      late: true,
      why: expect.stringContaining('the lab was late by 299 ms, and that ring need not have been more than that'),
    });
    expect(rangFor(450, 299).verdict).toBe('pass');
    expect(rangFor(450, 600).verdict).toBe('pass');
    expect(rangFor(449, 600), 'shorter by more than timers differ').toMatchObject({
      verdict: 'inconclusive',
      late: true,
    });
    const brief = heardAt(0, diverted({ legs: [rang(90), { ...voicemailAnswered, startMs: 95 }], lateMs: 0 }));
    const ofBrief = (ms: number) => verdictOn({ seen: heardAt(0, seen(ms, {}, { lateMs: 600 })), control: brief });
    expect(ofBrief(60).verdict).toBe('pass');
    expect(ofBrief(59), 'not two thirds of it').toMatchObject({ verdict: 'inconclusive', late: true });
    const short = heardAt(0, diverted({ legs: [rang(200), { ...voicemailAnswered, startMs: 205 }], lateMs: 0 }));
    const ofShort = (lateMs: number) => verdictOn({ seen: heardAt(0, seen(130, {}, { lateMs })), control: short });
    expect(ofShort(129).verdict).toBe('pass');
    expect(ofShort(130), 'all of it').toMatchObject({ verdict: 'inconclusive', late: true });
  });

  it('is the caller`s where the caller gave up first', () => {
    const waits = { totalMs: 60, userMs: 0, team2Ms: 0 };
    const trap = 'simultaneous-ring' as const;
    const brief = { ...scenario, trap, subscriber: { ...scenario.subscriber, waits } };
    const atOnce = diverted({ legs: [rang(600), leg(trap, { startMs: 5, endMs: 600 })] });
    const window = { ...control.window, slackMs: 100 };
    const byCaller = (cancelledMs: number) => {
      const givenUp = withCaller(seen(60, {}, { window }), { finalStatus: 487, cancelledMs });
      return verdictOn({ scenario: brief, seen: givenUp, control: atOnce }).verdict;
    };
    expect(byCaller(62)).toBe('pass');
    expect(byCaller(63)).toBe('pass');
    expect(byCaller(64)).toBe('fail');
  });

  it('is none where the control`s rang on after the call was at its next destination: its CANCEL was lost', () => {
    const rangOn = diverted({ legs: [rang(1100), voicemailAnswered] });
    expect(verdictOn({ seen: seen(610), control: rangOn }).verdict).toBe('pass');
    expect(verdictOn({ seen: seen(60), control: rangOn }).verdict).toBe('fail');
    const voicemailLater = { ...voicemailAnswered, startMs: 1090 };
    const answers = [{ atMs: 1095, by: 'voicemail', knownBy: 'tag' }] as const;
    const late = withCaller(diverted({ legs: [rang(1100), voicemailLater, leg('team', { startMs: 605 })] }), {
      answers,
    });
    expect(verdictOn({ seen: seen(610), control: late }).verdict, 'the team rings beside it').toBe('fail');
  });

  it('matters only where it must ring', () => {
    expect(verdictOn({ seen: seen(60), control, expected: { ...mustSuppress, callee: 'unspecified' } }).verdict).toBe(
      'pass',
    );
  });

  it('proves nothing where the control was diverted without a call to the phone: it was another situation', () => {
    const question = { seen: suppressed(), control: diverted({ legs: [voicemailAnswered] }) };
    expect(verdictOn(question)).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringMatching(
        /^the control .* reached voice mail, and the callee's phone, which was to .*, was not called/,
      ),
    });
    const other = { ...scenario, callee: 'unregistered' } as const;
    expect(verdictOn({ ...question, scenario: other }).why ?? '').not.toContain('was not called');
    expect(verdictOn({ seen: suppressed(), control: diverted(), scenario: other }).why).toContain('was to have none');
  });

  it.for(['simultaneous-ring', 'team', 'delegate'] as const)('ends rightly when %s answers beside it', (role) => {
    const beside = (answered: boolean) =>
      suppressed({ legs: [rang(60), leg(role, { answered, result: answered ? 'answered' : 'cancelled' })] });
    const expected = { ...mustSuppress, elsewhere: { [role]: { outcome: 'engaged' as const, claims: ['b'] } } };
    expect(verdictOn({ seen: beside(true), control, expected }).verdict).toBe('pass');
    expect(verdictOn({ seen: beside(false), control, expected }).verdict).toBe('fail');
  });

  it('does not end rightly when voice mail answers after it', () => {
    const seenThere = suppressed({
      legs: [rang(60), voicemailAnswered],
      canary: { ...suppressed().canary, trap: 'team' },
    });
    const expected = { ...mustSuppress, elsewhere: { voicemail: { outcome: 'engaged' as const, claims: ['b'] } } };
    const asked = { ...scenario, trap: 'team' as const };
    const byTeam = diverted({ legs: [rang(600), leg('team', { answered: true, result: 'answered' })] });
    expect(verdictOn({ scenario: asked, seen: seenThere, control: byTeam, expected }).verdict).toBe('fail');
  });

  it('is measured by the control`s until its next destination, whose CANCEL may have got lost', () => {
    const next = (role: 'voicemail' | 'forward-target', startMs: number) => ({ ...voicemailAnswered, role, startMs });
    const lostCancel = (end: number | null, ...legs: Leg[]) =>
      diverted({ legs: [rang(0, { endMs: end }), voicemailAnswered, ...legs], lateMs: 0 });
    const own = seen(380, {}, { lateMs: 0 });
    for (const role of ['voicemail', 'forward-target'] as const) {
      const at403 = diverted({ legs: [rang(1500), next(role, 403), voicemailAnswered], lateMs: 0 });
      expect(verdictOn({ seen: own, control: at403 }).verdict, role).toBe('pass');
    }
    expect(verdictOn({ seen: own, control: lostCancel(1503) }).verdict).toBe('fail');
    expect(verdictOn({ seen: own, control: lostCancel(null) }).verdict, 'no end on record').toBe('fail');
    expect(verdictOn({ seen: own, control: lostCancel(1503, next('voicemail', 3)) }).verdict, 'at once').toBe('fail');
    expect(verdictOn({ seen: own, control: lostCancel(1503, leg('team', { startMs: 403 })) }).verdict, 'beside').toBe(
      'fail',
    );
  });

  it('is measured by none without an end', () => {
    const open = diverted({ legs: [rang(0, { endMs: null, result: 'open' })], caller: diverted().caller });
    const asked = { ...scenario, kind: 'over-blocking' as const, callee: { answerAfterMs: 150 } };
    const answeredToo = {
      ...open,
      legs: [...open.legs, leg('phone', { startMs: 9, endMs: 9, answered: true, result: 'answered' as const })],
    };
    expect(verdictOn({ scenario: asked, seen: seen(60), control: answeredToo }).why ?? '').not.toContain('Infinity');
  });

  it('counts the longest ring, and one that nobody ended', () => {
    expect(verdictOn({ seen: suppressed({ legs: [rang(60), rang(590)] }), control }).verdict).toBe('pass');
    expect(
      verdictOn({ seen: suppressed({ legs: [rang(60), rang(0, { endMs: null, result: 'open' })] }), control }).verdict,
    ).toBe('pass');
  });

  it('is over when whoever was rung has taken the call: what he says after that is no ring', () => {
    const trap = 'team' as const;
    const teamFor = (ms: number, over: Partial<Leg> = {}): Leg =>
      leg('team', { startMs: 205, endMs: 205 + ms, ...over });
    const answered = teamFor(1587, { answered: true, result: 'answered', status: 200 });
    const talked = withCaller(diverted({ legs: [rang(600), answered], lateMs: 0 }), {
      answers: [{ atMs: 260, by: trap, knownBy: 'tag' }],
    });
    const cutAfter = (ms: number, lateMs = 0) =>
      verdictOn({
        scenario: { ...scenario, trap },
        seen: suppressed({ legs: [rang(600), teamFor(ms)], lateMs }),
        control: talked,
        expected: mustEngage,
      });
    expect(cutAfter(149)).toMatchObject({
      verdict: 'fail',
      why: expect.stringContaining("let the team phone ring for 149 ms, where the control's answered after 55 ms"),
    });
    expect(cutAfter(149, 1), 'by as much as the lab was late').toMatchObject({ verdict: 'inconclusive', late: true });
    const waited = {
      verdict: 'inconclusive',
      late: true,
      why: expect.stringContaining('and did not answer: it was late'),
    };
    expect(cutAfter(150)).toMatchObject(waited);
    expect(cutAfter(401)).toMatchObject(waited);
    const asked = { scenario: { ...scenario, trap }, expected: { ...mustEngage, statuses: [480] } };
    const short = suppressed({ legs: [rang(600), teamFor(149)], lateMs: 0 });
    expect(verdictOn({ ...asked, seen: short, control: talked }), 'a status says nothing of it').toMatchObject({
      verdict: 'fail',
      why: expect.stringContaining('let the team phone ring for 149 ms'),
    });
  });

  it('well before the control`s is told, and not the status that came of it, unless the phone was to answer', () => {
    const refused = withCaller(seen(60), { finalStatus: 480, finalMs: 63 });
    const expected = { ...mustSuppress, statuses: [480] };
    expect(verdictOn({ seen: refused, control, expected }).why).toContain(
      "own phone ring for 60 ms, where the control's",
    );
    const answered = rang(1587, { answered: true, result: 'answered', status: 200 });
    const talked = withCaller(diverted({ legs: [answered], lateMs: 0 }), {
      answers: [{ atMs: 203, by: 'phone', knownBy: 'tag' }],
    });
    const asked = { ...scenario, kind: 'over-blocking' as const, callee: { answerAfterMs: 200 } };
    const toAnswer = { ...expected, statuses: [200] };
    const { verdict, why } = verdictOn({ scenario: asked, expected: toAnswer, seen: refused, control: talked });
    expect({ verdict, why }).toEqual({ verdict: 'fail', why: 'the call ended with 480, but a-claim says 200' });
  });

  it('of a phone that answers in the control is as short as any, where no source demands a status', () => {
    const answered = rang(1587, { answered: true, result: 'answered', status: 200 });
    const talked = withCaller(diverted({ legs: [answered], lateMs: 0 }), {
      answers: [{ atMs: 203, by: 'phone', knownBy: 'tag' }],
    });
    const asked = { ...scenario, kind: 'over-blocking' as const, callee: { answerAfterMs: 200 } };
    const expected = { outcome: 'suppressed', callee: 'rings', statuses: [], claims: ['x'] } as const;
    const cutAfter = (ms: number) =>
      verdictOn({ scenario: asked, expected, seen: seen(ms, {}, { lateMs: 0 }), control: talked });
    expect(cutAfter(199)).toMatchObject({
      verdict: 'fail',
      why: expect.stringContaining("own phone ring for 199 ms, where the control's answered after 200 ms"),
    });
    expect(cutAfter(200)).toMatchObject({ verdict: 'inconclusive', late: true });
  });

  it('at a trap that must be reached is no diversion', () => {
    const cut = leg('voicemail', { startMs: 605, endMs: 610 });
    const engaged = diverted({ legs: [rang(600), cut] });
    expect(verdictOn({ seen: engaged, control, expected: mustEngage })).toMatchObject({
      verdict: 'fail',
      why: expect.stringContaining('let voice mail ring for 5 ms, where the control'),
    });
    expect(verdictOn({ seen: engaged, control, expected: { ...mustEngage, outcome: 'unspecified' } }).verdict).toBe(
      'unspecified',
    );
  });

  it('at a trap is not the server`s where the trap refused', () => {
    const refused = leg('voicemail', { startMs: 605, endMs: 610, result: 'refused', status: 486 });
    const engaged = diverted({ legs: [rang(600), refused] });
    expect(verdictOn({ seen: engaged, control, expected: mustEngage }).verdict).toBe('pass');
  });
});
