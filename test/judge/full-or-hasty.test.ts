/** What looks like "kept out" and is not: a server that had no room, and a caller who did not wait for a slow one. */
import { describe, expect, it } from 'vitest';
import type { InnerVoicemail, Observation } from '../../harness/model/observation.ts';
import { diverted, leg, rangAlone, scenario, suppressed } from '../helpers/observations.ts';
import { mustEngage, mustSuppress, verdictOn, withCaller } from './case.ts';

const refused = (finalStatus: number, over: Partial<Observation> = {}): Observation =>
  withCaller(suppressed({ legs: [], headersAtPhone: null, ...over }), { finalStatus });
const unspecified = { ...mustSuppress, outcome: 'unspecified', callee: 'unspecified' } as const;

describe('a call that the server refused and told nobody of', () => {
  it.for([429, 486, 503, 600])('with %i: it had no room, whatever header it carried', (status) => {
    for (const expected of [mustSuppress, unspecified]) {
      expect(verdictOn({ seen: refused(status), expected })).toMatchObject({
        verdict: 'inconclusive',
        why: `the server refused the call (${status}) and asked nobody: it says that it has no room or line just now, not that the header forbids anything`,
      });
    }
    const rang = withCaller(suppressed(), { finalStatus: status });
    expect(verdictOn({ seen: rang }).verdict, 'where it had called the phone').toBe('pass');
  });

  it.for([408, 500, 504])('with %i: it was out of order, where it let a canary with this header through', (status) => {
    const why = expect.stringContaining('what it was refused for is not known');
    const silent = { outcome: 'refused', passedOn: [], seen: `final ${status}` } as const;
    expect(verdictOn({ seen: refused(status), expected: unspecified })).toMatchObject({ verdict: 'inconclusive', why });
    expect(verdictOn({ seen: refused(status, { headerCanary: silent }) }).why).toMatch(/^over-blocked/);
    const nobodyThere = diverted({ legs: [leg('voicemail', { startMs: 9, answered: true, result: 'answered' })] });
    const offline = { ...scenario, callee: 'unregistered' } as const;
    const seen = refused(status);
    expect(verdictOn({ seen, control: nobodyThere, scenario: offline, expected: unspecified }).verdict).toBe(
      'unspecified',
    );
  });

  it('with 486, who does not want to be disturbed: his phone need not be asked', () => {
    const undisturbed = { ...scenario, subscriber: { ...scenario.subscriber, doNotDisturb: true } };
    const control = diverted({ legs: [leg('voicemail', { startMs: 9, answered: true, result: 'answered' })] });
    const on = (status: number) =>
      verdictOn({ scenario: undisturbed, control, seen: refused(status), expected: unspecified }).verdict;
    expect([on(486), on(503)]).toEqual(['unspecified', 'inconclusive']);
  });

  it('is said to be so, where nobody demands that the phone rings', () => {
    expect(verdictOn({ seen: refused(403), expected: unspecified }).why).toMatch(
      /final 403; the callee's own phone, which the control came to, was not called$/,
    );
  });
});

describe('a caller who gave up', () => {
  const slackMs = 400;
  const gaveUp = (cancelledMs: number): Observation =>
    withCaller(suppressed({ legs: [{ ...rangAlone, endMs: cancelledMs }] }), {
      finalStatus: 487,
      finalMs: cancelledMs + 1,
      cancelledMs,
    });
  const control = (startMs: number): Observation =>
    withCaller(diverted({ legs: [rangAlone, leg('voicemail', { startMs, answered: true, result: 'answered' })] }), {
      answers: [{ atMs: startMs + 2, by: 'voicemail', knownBy: 'tag' }],
    });

  it('just when the control came to the trap has not waited for it', () => {
    expect(verdictOn({ seen: gaveUp(1800), control: control(1800 - slackMs / 2) }).verdict).toBe('pass');
    expect(verdictOn({ seen: gaveUp(1800), control: control(1801 - slackMs / 2) })).toMatchObject({
      verdict: 'inconclusive',
      why: 'the control came to voice mail 1601 ms after the INVITE, where the server was said to take 1400 ms, and this caller gave up after 1800 ms: that is too soon to tell; say that it waits longer',
    });
  });

  it('has waited for a voice mail inside of the server, whose message is counted long after its answer', () => {
    const by = 'message-waiting';
    const innerVoicemail: InnerVoicemail = { arrivals: [{ by, atMs: 9000, seen: 'x' }], shown: [by], doubt: null };
    const inside = (atMs: number): Observation =>
      withCaller(diverted({ legs: [rangAlone], innerVoicemail }), {
        answers: [{ atMs, by: 'voicemail', knownBy: 'arrival' }],
      });
    const seen = gaveUp(1800);
    expect(verdictOn({ seen, control: inside(1600) }).verdict).toBe('pass');
    expect(verdictOn({ seen, control: inside(1601) }).verdict).toBe('inconclusive');
  });

  it('is named where that is why a control was not diverted', () => {
    expect(verdictOn({ seen: gaveUp(1800), control: null, expected: mustEngage }).why).toBe(
      'this control did not reach voice mail (final 487: the caller gave up after 1800 ms, where the server was said to take 1400 ms), so its absence proves nothing',
    );
  });

  it('is called again where it may have been the lab that was late', () => {
    const onLate = (lateMs: number) => verdictOn({ seen: gaveUp(1800), control: { ...control(1700), lateMs } });
    expect(onLate(slackMs / 4)).toMatchObject({ verdict: 'inconclusive', late: false });
    expect(onLate(slackMs / 4 + 1)).toMatchObject({ verdict: 'inconclusive', late: true });
    expect(verdictOn({ seen: gaveUp(1800), control: { ...control(1600), lateMs: 200 } }).late).toBe(false);
  });

  it('is no application that gives an agent up when its own time is over, unless the control came at that very moment', () => {
    const group = { ...scenario, application: { alertMs: 1800, next: 'delegate' } } as const;
    const controlHolds = (cameMs: number) =>
      verdictOn({ scenario: group, seen: gaveUp(1800), control: control(cameMs) }).checks.find(
        ({ id }) => id === 'control',
      )?.holds;
    expect([controlHolds(1650), controlHolds(1651)]).toEqual([true, false]);
  });

  it('has waited long enough where the server ended the call', () => {
    const seen = withCaller(suppressed(), { finalStatus: 480, finalMs: 1810, cancelledMs: null });
    expect(verdictOn({ seen, control: control(1800) }).verdict).toBe('pass');
  });

  it('is in what is said of a call of which no source speaks', () => {
    const said = (seen: Observation) => verdictOn({ seen, expected: unspecified }).why;
    expect(said(gaveUp(1800))).toMatch(/voice mail not reached, final 487 when the caller gave up$/);
    const refusedThen = withCaller(gaveUp(1800), { finalStatus: 480 });
    expect(said(refusedThen)).toMatch(/final 480$/);
    const atOnce = withCaller(gaveUp(1800), { finalMs: 1800 });
    expect(said(atOnce)).toMatch(/final 487 when the caller gave up$/);
    for (const over of [{ cancelledMs: null }, { finalMs: 1799 }])
      expect(said(withCaller(gaveUp(1800), over))).toMatch(/final 487$/);
  });
});
