import { describe, expect, it } from 'vitest';
import { judge } from '../../harness/judge/judge.ts';
import { answerAfterMs, calleePhone, misplay, playOf } from '../../harness/model/callee.ts';
import type { Leg } from '../../harness/model/observation.ts';
import type { PhoneBehaviour } from '../../harness/model/scenario.ts';
import { diverted, leg, scenario, suppressed, voicemailAnswered } from '../helpers/observations.ts';

const answered = leg('phone', { answered: true, result: 'answered', status: 200 });
const refused = (status: number): Leg => leg('phone', { result: 'refused', status, endMs: 10 });
const cancelledAfter = (ms: number, rang = true): Leg => leg('phone', { startMs: 0, endMs: ms, rang });
const open = leg('phone', { result: 'open', status: null, endMs: null });

describe('a callee whose phone did as it was told', () => {
  it.for<[PhoneBehaviour, Leg]>([
    ['ring', cancelledAfter(600)],
    ['ring', open],
    ['ring', cancelledAfter(100, false)], // the CANCEL was there first
    ['answer', answered],
    [{ answerAfterMs: 150 }, answered],
    [{ answerAfterMs: 150 }, cancelledAfter(350)], // too soon to tell that it was late
    [{ answerAfterMs: 4000 }, cancelledAfter(4000)],
    ['answer', cancelledAfter(200)],
    ['answer', { ...answered, unheardAnswerMs: answered.startMs + 200 }], // in time: that nobody heard it is the server's doing
    [{ answerAfterMs: 150 }, { ...answered, unheardAnswerMs: answered.startMs + 350 }],
    ['ring', cancelledAfter(200, false)], // still too soon to tell
    ['busy', refused(486)],
    ['busy', refused(600)],
    ['busy', cancelledAfter(50)], // another fork was faster
    ['decline', refused(603)],
    ['decline-everywhere', refused(605)],
    ['do-not-disturb', refused(480)],
    ['unregistered', refused(404)], // it was rung all the same: the server's doing
    ['busy', leg('team', { answered: true, result: 'answered', status: 200 })],
  ])('%j: %j', ([behaviour, seen]) => {
    expect(misplay(behaviour, [seen])).toBeNull();
  });

  it('and refused the same call that came by a second way (RFC 3261 8.2.2.2)', () => {
    expect(misplay('answer', [answered, refused(482)])).toBeNull();
    expect(misplay('answer', [refused(486), refused(482)])).toContain('but it refused with 486');
    expect(misplay('answer', [refused(482)])).toContain('but it refused with 482');
  });
});

describe('a callee whose phone did something else', () => {
  it.for<[PhoneBehaviour, Leg, string]>([
    ['ring', answered, 'was to ring unanswered (180), but it answered'],
    ['ring', refused(486), 'but it refused with 486'],
    ['ring', cancelledAfter(600, false), 'but it was silent for 600 ms'],
    ['ring', cancelledAfter(201, false), 'but it was silent for 201 ms'],
    ['ring', { ...open, rang: false }, 'but it was silent to the end'],
    ['answer', refused(486), 'was to answer (200), but it refused with 486'],
    ['answer', cancelledAfter(1500), 'but it only rang for 1500 ms'],
    ['answer', cancelledAfter(201), 'but it only rang for 201 ms'],
    [{ answerAfterMs: 150 }, cancelledAfter(351), 'was to answer (200), but it only rang for 351 ms'],
    ['answer', open, 'but it only rang to the end'],
    [
      { answerAfterMs: 150 },
      { ...answered, unheardAnswerMs: answered.startMs + 351 },
      'was to answer (200), but it did so only after 351 ms, when it was not heard any more',
    ],
    ['ring', { ...answered, unheardAnswerMs: 900 }, 'was to ring unanswered (180), but it answered'],
    ['busy', cancelledAfter(600), 'was to be busy (486), but it only rang for 600 ms'],
    ['busy', refused(480), 'but it refused with 480'],
    ['decline', refused(486), 'was to decline (603), but it refused with 486'],
    ['decline-everywhere', refused(603), 'was to decline everywhere (605), but it refused with 603'],
    ['do-not-disturb', refused(486), 'was to refuse to be disturbed (480), but'],
  ])('%j: %j', ([behaviour, seen, why]) => {
    expect(misplay(behaviour, [seen])).toContain(why);
  });

  it('proves nothing, even where the call ended as it should', () => {
    const expected = { outcome: 'engaged', claims: ['x'], callee: 'unspecified', statuses: [] } as const;
    const control = {
      scenario: { ...scenario, callee: 'busy' as const },
      planned: [],
      control: null,
      expected,
    };
    const busy = diverted({ legs: [refused(486), voicemailAnswered] });
    expect(judge({ ...control, seen: busy }).verdict).toBe('pass');
    expect(judge({ ...control, seen: diverted() })).toMatchObject({
      verdict: 'inconclusive',
      outcome: 'engaged',
      why: "the callee's phone was to be busy (486), but it only rang for 597 ms",
    });
    const variant = {
      ...control,
      seen: suppressed({ legs: [refused(486)] }),
      expected: { ...expected, outcome: 'suppressed' },
    } as const;
    expect(judge({ ...variant, control: busy }).verdict).toBe('pass');
    expect(judge({ ...variant, control: diverted() })).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('the control (the same call without the headers) is inconclusive itself'),
    });
  });
});

describe('a callee that the user agent under test cannot play', () => {
  const expected = { outcome: 'suppressed', claims: ['x'], callee: 'unspecified', statuses: [] } as const;
  const unplayable = suppressed({ startedAtEpochMs: null, legs: [], unplayable: 'x 1 cannot be busy (486)' });

  it('is unsupported, and so is what has it for its control', () => {
    const item = { scenario, planned: [], expected };
    const unsupported = { verdict: 'unsupported', why: 'x 1 cannot be busy (486)' };
    expect(judge({ ...item, seen: unplayable, control: null })).toMatchObject(unsupported);
    expect(judge({ ...item, seen: suppressed(), control: unplayable })).toMatchObject(unsupported);
  });
});

describe('what the callee is told', () => {
  it('is what the situation says, unless the subscriber does not want to be disturbed', () => {
    const undisturbed = { ...scenario.subscriber, doNotDisturb: true };
    expect(calleePhone({ ...scenario, callee: 'busy' })).toBe('busy');
    expect(calleePhone({ ...scenario, callee: 'ring', subscriber: undisturbed })).toBe('do-not-disturb');
    expect(calleePhone({ ...scenario, callee: 'unregistered', subscriber: undisturbed })).toBe('unregistered');
  });

  it('is a play, but for nobody who is not there', () => {
    expect(playOf({ answerAfterMs: 3 })).toBe('answer');
    expect(playOf('unregistered')).toBeNull();
  });

  it('is to answer when the situation says, and at once where it says nothing', () => {
    expect(answerAfterMs({ answerAfterMs: 3 })).toBe(3);
    expect(answerAfterMs('answer')).toBe(0);
  });
});
