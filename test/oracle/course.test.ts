import { describe, expect, it } from 'vitest';
import { courseOf } from '../../harness/oracle/course.ts';
import { timelineOf } from '../../harness/oracle/timeline.ts';
import { type CallSettings, callTo } from './call.ts';

/** `outcome: who says so`. */
function outcomeOf(settings: CallSettings): string {
  const { outcome, claims } = courseOf(callTo(settings)).trap;
  return [outcome, ...(claims.length > 0 ? [claims.join(' ')] : [])].join(': ');
}

describe('what becomes of the trap in a call without any header', () => {
  it.for<[string, CallSettings, string]>([
    ['it is reached', {}, 'engaged: ms-sipre-unanswered-voicemail'],
    ['it is not reached: somebody answers', { callee: 'answer' }, 'suppressed: rfc3261-answer-relayed'],
    ['it may be reached', { flags: ['simultaneous_ring'], lists: ['simultaneous_ring'] }, 'unspecified'],
    ['it is not where this call goes', { trap: 'team' }, 'unspecified'],
    ['the call is blocked', { flags: ['block'] }, 'suppressed: ms-sipre-block'],
    ['the call is blocked, wherever it would go', { flags: ['block'], trap: 'team' }, 'suppressed: ms-sipre-block'],
    ['the caller asks for it', { dials: 'voice-mail-gruu' }, 'engaged: ms-eumr-direct-voicemail'],
    [
      'the caller asks for it, blocked or not',
      { dials: 'voice-mail-gruu', flags: ['block'] },
      'engaged: ms-eumr-direct-voicemail',
    ],
    ['the caller asks for a mailbox that is not there', { dials: 'voice-mail-gruu', voicemail: false }, 'unspecified'],
    ['the caller asks for another', { dials: 'voice-mail-gruu', trap: 'forward-target' }, 'unspecified'],
  ])('%s', ([, settings, expected]) => {
    expect(outcomeOf(settings)).toBe(expected);
    expect(courseOf(callTo(settings)).missedCallBy).toBeNull();
  });
});

describe('a missed call', () => {
  it.for<[string, CallSettings, string, 'server' | 'voicemail' | null]>([
    [
      'is noted by the server when the caller hangs up while it rings',
      { caller: 'hang-up-while-ringing' },
      'engaged: missed-call-while-ringing',
      'server',
    ],
    [
      'is noted by voice mail when the caller hangs up in the greeting',
      { caller: 'hang-up-in-greeting' },
      'engaged: missed-call-in-greeting ms-sipre-unanswered-voicemail',
      'voicemail',
    ],
    ['is none when the caller leaves a message', {}, 'suppressed: missed-call-message-left', 'voicemail'],
    [
      'is nobody knows what when voice mail may answer first',
      { caller: 'hang-up-while-ringing', flags: ['forward_immediate'] },
      'unspecified',
      null,
    ],
    [
      'is nobody knows what when voice mail is not reached',
      { caller: 'hang-up-in-greeting', callee: 'answer' },
      'unspecified',
      null,
    ],
    ['is nobody knows what without a message and without voice mail', { callee: 'answer' }, 'unspecified', null],
    ['is noted nowhere without a mailbox', { caller: 'hang-up-while-ringing', voicemail: false }, 'unspecified', null],
    ['is noted nowhere when it is blocked', { caller: 'hang-up-in-greeting', flags: ['block'] }, 'unspecified', null],
    [
      'is noted by voice mail that the caller asks for',
      { caller: 'hang-up-in-greeting', dials: 'voice-mail-gruu' },
      'engaged: missed-call-in-greeting ms-eumr-direct-voicemail',
      'voicemail',
    ],
  ])('%s', ([, settings, expected, by]) => {
    expect(outcomeOf({ ...settings, trap: 'missed-call-inbox' })).toBe(expected);
    expect(courseOf(callTo({ ...settings, trap: 'missed-call-inbox' })).missedCallBy).toBe(by);
  });
});

describe('the final response to a call without any header', () => {
  it.for<[string, CallSettings, number[], string[]]>([
    ['480: it is blocked', { flags: ['block'] }, [480], ['ms-sipre-block']],
    ['487: the caller hangs up while it rings', { caller: 'hang-up-while-ringing' }, [487], ['rfc3261-cancelled-487']],
    ['200: the callee answers', { callee: 'answer' }, [200], ['rfc3261-answer-relayed']],
    [
      '200: the callee answers whoever hangs up after it',
      { callee: 'answer', caller: 'hang-up-in-greeting' },
      [200],
      ['rfc3261-answer-relayed'],
    ],
    [
      'none that is known: the caller hangs up before an answer',
      { callee: 'answer', caller: 'hang-up-while-ringing' },
      [],
      [],
    ],
    ['none that is known: voice mail answers', {}, [], []],
    ['none that is known: voice mail is asked for', { dials: 'voice-mail-gruu' }, [], []],
  ])('%s', ([, settings, statuses, claims]) => {
    expect(courseOf(callTo(settings)).final).toEqual({ statuses, claims });
  });
});

it("tells what the callee's phone does and who else is tried as the timeline of the call has it", () => {
  for (const settings of [{}, { flags: ['team_ring'], lists: ['team'] }, { flags: ['forward_immediate'] }] as const) {
    expect(courseOf(callTo(settings))).toMatchObject({
      callee: timelineOf(callTo(settings)).callee,
      calleePoint: timelineOf(callTo(settings)).calleePoint,
      unanswered: timelineOf(callTo(settings)).unanswered,
    });
  }
});
