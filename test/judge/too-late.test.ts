/** What the judge asks only after other evidence has held: whether the callee's phone had the time that it needs. */
import { describe, expect, it } from 'vitest';
import type { Case } from '../../harness/judge/judge.ts';
import { answerTooLate, phoneTooLate } from '../../harness/judge/too-late.ts';
import type { Leg, Observation } from '../../harness/model/observation.ts';
import { diverted, leg, scenario, suppressed, voicemailAnswered } from '../helpers/observations.ts';
import { usualCase, withCaller } from './case.ts';

const toAnswer = { ...scenario, callee: { answerAfterMs: 150 } } as const;
const answered = leg('phone', { startMs: 3, endMs: 2400, result: 'answered', answered: true, status: 200 });
const refusedAt = (finalMs: number, over: Partial<Observation> = {}): Observation =>
  withCaller(suppressed({ lateMs: 0, ...over }), { finalMs, provisionals: [] });
const caseOf = (over: Partial<Case>): Case =>
  usualCase({ scenario: toAnswer, control: diverted({ legs: [answered], lateMs: 0 }), ...over });

describe('a phone that was asked late', () => {
  const seen = refusedAt(2400, { legs: [leg('phone', { startMs: 2053, endMs: 2400 })] });

  it.for([
    ['is excused where it was to answer', {}, /^its INVITE came 2050 ms later than the control's/],
    ['is not measured by a control that did not call it', { control: diverted({ legs: [voicemailAnswered] }) }, /^$/],
    ['is not measured where there is no control', { control: null }, /^$/],
    ['needs no time where it was only to ring', { scenario }, /^$/],
    ['that was not called is not late', { seen: { ...seen, legs: [] } }, /^$/],
  ] as const)('%s', ([, over, why]) => {
    expect(answerTooLate(caseOf({ seen, ...over })) ?? '').toMatch(why);
  });
});

it('a phone that answered though it was not to is not excused by that', () => {
  const seen = withCaller(refusedAt(600, { legs: [answered] }), {
    answers: [{ atMs: 700, by: 'phone', knownBy: 'tag' }],
  });
  expect(answerTooLate(caseOf({ seen }))).toMatch(/^the caller got the answer of the callee's own phone after that/);
  expect(answerTooLate(caseOf({ seen, scenario }))).toBeNull();
});

it('an answer may be lost over UDP, which is what a server speaks that nothing is said of', () => {
  const seen = refusedAt(600, { legs: [{ ...answered, unheardAnswerMs: 153 }] });
  expect(answerTooLate(caseOf({ seen }))).toMatch(/what is sent over UDP may be lost$/);
  expect(answerTooLate(caseOf({ seen, transport: 'tcp' }))).toBeNull();
});

describe('a phone that had said nothing when the team took the call', () => {
  const team = leg('team', { startMs: 5, endMs: 900, result: 'answered', answered: true, status: 200 });
  const silent = leg('phone', { startMs: 3, endMs: 60, rang: false });

  it.for([
    ['was late', silent, /^it had had the call for 57 ms and said nothing yet/],
    ['had refused it', { ...silent, result: 'refused', status: 486 }, /^$/],
    ['had rung', { ...silent, rang: true }, /^$/],
  ] as const)('%s', ([, phone, why]) => {
    const seen = suppressed({ legs: [phone, team] });
    expect(phoneTooLate(caseOf({ scenario, seen, control: null })) ?? '').toMatch(why);
    for (const other of [
      { ...team, answered: false, result: 'cancelled', status: 487 } as const,
      { ...team, role: 'voicemail' } as const,
    ]) {
      const another = { ...seen, legs: [phone, other] };
      expect(phoneTooLate(caseOf({ scenario, seen: another, control: null })), 'nobody beside it did').toBeNull();
    }
    expect(phoneTooLate(caseOf({ scenario, seen: { ...seen, legs: [phone] }, control: null })), 'alone').toBeNull();
  });
});

describe('a phone that had said nothing when the server took the call back', () => {
  const lateFor = (silentMs: number, lateMs: number, over: Partial<Leg> = {}): string | null => {
    const silent = leg('phone', { startMs: 595, endMs: 595 + silentMs, rang: false, ...over });
    const seen = suppressed({ legs: [silent], lateMs });
    return phoneTooLate(caseOf({ scenario, seen, control: null }));
  };

  it('was late where the lab was late by as much', () => {
    expect(lateFor(117, 117)).toBe(
      'it had had the call for 117 ms and said nothing yet when the server took it back, and the lab was late by 117 ms',
    );
    expect(lateFor(117, 116)).toBeNull();
  });

  it('was given no time where that was a moment', () => {
    expect(lateFor(21, 800)).not.toBeNull();
    expect(lateFor(20, 800)).toBeNull();
  });

  it.for([
    ['it had rung', { rang: true }],
    ['it had refused the call', { result: 'refused', status: 486 }],
    ['nobody took it back', { result: 'open', endMs: null }],
  ] as const)('is another matter where %s', ([, over]) => {
    expect(lateFor(117, 800, over)).toBeNull();
  });
});

describe('a phone that was not called when the team took the call', () => {
  const team = leg('team', { startMs: 5, endMs: 900, result: 'answered', answered: true, status: 200 });
  const whyAt = (atMs: number, lateMs: number, legs: readonly Leg[] = [team]): string | null => {
    const seen = withCaller(suppressed({ legs, lateMs }), { answers: [{ atMs, by: 'team', knownBy: 'tag' }] });
    return phoneTooLate(caseOf({ scenario, seen, control: null }));
  };

  it('may have been about to be, where the lab was late by as much as that took', () => {
    expect(whyAt(151, 151)).toBe('the lab was late by 151 ms, and the team phone had taken the call after 151 ms');
    expect(whyAt(152, 151)).toBeNull();
  });

  it('was left out in a lab that was in time, and where nobody beside it took the call', () => {
    expect(whyAt(12, 151)).not.toBeNull();
    expect(whyAt(12, 150)).toBeNull();
    expect(whyAt(12, 800, [{ ...team, answered: false, result: 'cancelled' }])).toBeNull();
    expect(whyAt(12, 800, [{ ...team, role: 'voicemail' }])).toBeNull();
    const nobodyAnswered = withCaller(suppressed({ legs: [team], lateMs: 800 }), { answers: [] });
    expect(phoneTooLate(caseOf({ scenario, seen: nobodyAnswered, control: null }))).toBeNull();
  });
});

it('where no timer of the server ended the control`s ring, none was over too early', () => {
  const seen = suppressed({ legs: [], lateMs: 5000 });
  const timed = diverted({ legs: [leg('phone'), voicemailAnswered] });
  expect(phoneTooLate(caseOf({ scenario, seen, control: timed }))).toMatch(/^the lab was late by 5020 ms/);
  for (const legs of [[answered], [voicemailAnswered]]) {
    expect(phoneTooLate(caseOf({ scenario, seen, control: diverted({ legs }) }))).toBeNull();
  }
});
