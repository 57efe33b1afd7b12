/** What an application between caller and server does with a call: it gives the callee up, and calls somebody else. */
import { describe, expect, it } from 'vitest';
import { applicationCheck } from '../../harness/judge/application.ts';
import type { Outcome } from '../../harness/judge/case.ts';
import type { Answer, Leg, Observation } from '../../harness/model/observation.ts';
import type { CallingApplication } from '../../harness/model/scenario.ts';
import { diverted, leg, scenario, suppressed } from '../helpers/observations.ts';
import { verdictOn, withCaller } from './case.ts';

const ALERT_MS = 1600;
const serial: CallingApplication = { alertMs: ALERT_MS, next: 'delegate' };
const toVoicemail: CallingApplication = { alertMs: ALERT_MS, next: 'voicemail' };
const roundRobin: CallingApplication = { ...serial, roundRobin: true };

const turn = (role: Leg['role'], over: Partial<Leg> = {}) =>
  leg(role, { startMs: 1810, endMs: 2400, answered: true, result: 'answered', status: 200, ...over });
const unanswered = { answered: false, result: 'cancelled', status: 487 } as const;
const answeredNext = turn('delegate');
const cancelledBefore = turn('delegate', { ...unanswered, startMs: -1600, endMs: -10 });

const withoutB2bua = withCaller(suppressed(), { finalStatus: 487, finalMs: 1803, cancelledMs: 1800.4 });
/** The callee was given up, and these were called. */
const gaveUp = (others: readonly Leg[], finalStatus: number | null = 200): Observation => ({
  ...withoutB2bua,
  b2bua: { got: [], others, finalStatus },
});
const checksOf = (application: CallingApplication | undefined, seen: Observation, outcome: Outcome = 'suppressed') =>
  applicationCheck(application === undefined ? scenario : { ...scenario, application }, seen, outcome);
const held = (seen: string) => [{ id: 'application', holds: true, seen }];
const missed = (seen: string) => [{ id: 'application', holds: false, seen }];

describe('nothing is asked', () => {
  it.for([
    ['where there is no application', undefined],
    ['of one that only gives up', { alertMs: ALERT_MS }],
  ] as const)('%s', ([, application]) => {
    expect(checksOf(application, gaveUp([]))).toEqual([]);
  });
});

describe('an application serves its customer', () => {
  it.for([
    [
      'by the next agent',
      serial,
      [answeredNext],
      'called the next agent next and gave the callee up after 1800 ms; the next agent answered the customer',
    ],
    [
      'by voice mail',
      toVoicemail,
      [turn('voicemail')],
      'called voice mail by its address next and gave the callee up after 1800 ms; voice mail by its address answered the customer',
    ],
    [
      'by an agent whom it calls beside the callee',
      { ...serial, parallel: true },
      [answeredNext],
      'called the next agent at once and gave the callee up after 1800 ms; the next agent answered the customer',
    ],
    [
      'when it went round',
      roundRobin,
      [cancelledBefore, answeredNext],
      'called another agent first, the next agent next and gave the callee up after 1800 ms; the next agent answered the customer',
    ],
    [
      'though somebody else did not answer',
      serial,
      [turn('team', unanswered), turn('delegate', unanswered), answeredNext],
      'called the next agent next and gave the callee up after 1800 ms; the next agent answered the customer',
    ],
  ] as const)('%s', ([, application, others, what]) => {
    expect(checksOf(application, gaveUp(others))).toEqual(held(`the application ${what}`));
  });

  it('also where it did not give the callee up', () => {
    expect(checksOf(serial, withCaller(gaveUp([answeredNext]), { cancelledMs: null }))).toEqual(
      held(
        'the application called the next agent next and did not give the callee up; the next agent answered the customer',
      ),
    );
  });
});

describe('an application leaves its customer', () => {
  const text = 'the application called the next agent next and gave the callee up after 1800 ms, and the customer';

  it.for([
    ['when nobody else was called', serial, [], 200],
    ['when only somebody else answered', serial, [turn('team'), turn('voicemail')], 200],
    ['when the next agent did not answer', serial, [turn('delegate', unanswered)], 200],
    ['when it put nobody through', serial, [answeredNext], 480],
    ['when another agent was not called first', roundRobin, [answeredNext], 200],
    [
      'when another agent was called with the callee, and not before',
      roundRobin,
      [{ ...cancelledBefore, startMs: 0 }, answeredNext],
      200,
    ],
    [
      'when the agent before the callee was not given up',
      roundRobin,
      [turn('delegate', { ...unanswered, startMs: -1600, result: 'refused' }), answeredNext],
      200,
    ],
    [
      'when it was somebody else who was called first',
      roundRobin,
      [{ ...cancelledBefore, role: 'team' }, answeredNext],
      200,
    ],
  ] as const)('%s', ([, application, others, final]) => {
    expect(checksOf(application, gaveUp(others, final))).toEqual(
      missed(`${text} was not put through (final ${final})`),
    );
  });

  it('when the one who was called first is not called again', () => {
    expect(checksOf(roundRobin, gaveUp([cancelledBefore]))).toEqual(
      missed(
        'the application called another agent first, the next agent next and gave the callee up after 1800 ms, and the customer was not put through (final 200)',
      ),
    );
  });

  it('when it is not on record at all', () => {
    for (const seen of [withoutB2bua, gaveUp([answeredNext], null)]) {
      expect(checksOf(serial, seen)).toEqual(missed(`${text} was not put through (final none)`));
    }
  });

  it.for([
    [199, false],
    [200, true],
    [299, true],
    [300, false],
  ] as const)('by what it told the customer: %s put him through: %s', ([final, holds]) => {
    expect(checksOf(serial, gaveUp([answeredNext], final))).toMatchObject([{ holds }]);
  });
});

describe('whoever came before the next agent has the customer', () => {
  const answeredBy = (...by: Answer['by'][]): Observation => ({
    ...withCaller(diverted(), { answers: by.map((one) => ({ atMs: 610, by: one, knownBy: 'tag' })) }),
    b2bua: { got: [], others: [], finalStatus: 200 },
  });

  it.for([
    ['voicemail', 'voice mail'],
    ['delegate', "the delegate's phone"],
    ['phone', "the callee's own phone"],
    [null, 'somebody who is not on record'],
  ] as const)('%s', ([by, who]) => {
    expect(checksOf(serial, answeredBy(by, 'team'), 'engaged')).toEqual([
      { id: 'application', holds: null, seen: `the customer got ${who} (final 200)` },
    ]);
  });

  it('but not where the trap was reached without an answer, or somebody else answered', () => {
    expect(checksOf(serial, answeredBy(), 'engaged')).toMatchObject([{ holds: false }]);
    expect(checksOf(serial, answeredBy('team'), 'suppressed')).toMatchObject([{ holds: false }]);
  });
});

describe('a verdict on a call that an application placed', () => {
  const served = { ...scenario, application: serial };

  it('passes where the customer was served', () => {
    expect(verdictOn({ scenario: served, seen: gaveUp([answeredNext]) })).toMatchObject({ verdict: 'pass', why: null });
  });

  it('proves nothing where he was not', () => {
    expect(verdictOn({ scenario: served, seen: gaveUp([], 480) })).toMatchObject({
      verdict: 'inconclusive',
      why: 'the application called the next agent next and gave the callee up after 1800 ms, and the customer was not put through (final 480)',
    });
  });
});
