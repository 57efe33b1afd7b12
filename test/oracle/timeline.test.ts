import { describe, expect, it } from 'vitest';
import { type Stage, timelineOf } from '../../harness/oracle/timeline.ts';
import { type CallSettings, callTo } from './call.ts';

const FORWARD = { flags: ['enablecf'], lists: ['forwardto'] } as const;
const TEAM = { flags: ['team_ring'], lists: ['team'] } as const;
const DELEGATES = { flags: ['delegate_ring'], lists: ['delegates'] } as const;
const MOBILE = { flags: ['simultaneous_ring'], lists: ['simultaneous_ring'] } as const;
const IMMEDIATE = { flags: ['forward_immediate'] } as const;

/** `trap reached: who says so`, then `, not for` who says what keeps the call away. */
function stages(settings: CallSettings): string[] {
  return timelineOf(callTo(settings)).stages.map(({ trap, reached, claims, preventedBy }: Stage) =>
    [`${trap} ${reached}: ${claims.join(' ')}`, ...preventedBy].join(', not for '),
  );
}

/** `does: who says so`, and the point of a reading that bears on it. */
function callee(settings: CallSettings): string {
  const { callee: phone, calleePoint } = timelineOf(callTo(settings));
  return `${[phone.does, ...phone.claims].join(': ')} (${calleePoint})`;
}

const RINGS = 'rings: ms-sipre-own-phones (ringing)';
const ANSWERS = 'answers: ms-sipre-own-phones (ringing)';
const VOICEMAIL = 'voicemail yes: ms-sipre-unanswered-voicemail';

describe('where a call goes that nobody answers', () => {
  it.for<[string, CallSettings, string[]]>([
    ['to the mailbox', {}, [VOICEMAIL]],
    ['nowhere, without a mailbox', { voicemail: false }, []],
    ['where it is forwarded', FORWARD, ['forward-target yes: ms-sipre-unanswered-forward']],
    ['nowhere, forwarded to nobody', { flags: ['enablecf'] }, []],
    ['to the team', TEAM, ['team yes: ms-sipre-team-ring']],
    ['nowhere, without anybody in the team', { flags: ['team_ring'], lists: ['delegates'] }, []],
    ['to the delegates', DELEGATES, ['delegate yes: ms-sipre-delegate-ring']],
    ['nowhere, without a delegate', { flags: ['delegate_ring'], lists: ['team'] }, []],
    [
      'to the team before the delegates',
      { flags: ['delegate_ring', 'team_ring'], lists: ['team', 'delegates'] },
      ['team yes: ms-sipre-team-ring'],
    ],
    [
      'to the mobile phone at once, and nobody knows who answers first',
      MOBILE,
      ['simultaneous-ring yes: ms-sipre-simultaneous-ring', 'voicemail unknown: ms-sipre-unanswered-voicemail'],
    ],
    [
      'to the mobile phone, without a mailbox',
      { ...MOBILE, voicemail: false },
      ['simultaneous-ring yes: ms-sipre-simultaneous-ring'],
    ],
    ['to no mobile phone that is not on the list, or not switched on', { lists: ['simultaneous_ring'] }, [VOICEMAIL]],
    ['to no mobile phone, without its number', { flags: ['simultaneous_ring'], voicemail: false }, []],
    ['nowhere, with nobody but a team to ring', { flags: ['skip_primary'] }, []],
    ['nowhere, when it is blocked', { flags: ['block'] }, []],
    ['to the mailbox that the caller asks for, which is no diversion', { dials: 'voice-mail-gruu' }, []],
  ])('%s', ([, settings, expected]) => {
    expect(stages(settings)).toEqual(expected);
  });
});

describe('where a call goes at once', () => {
  it.for<[string, CallSettings, string[]]>([
    ['forwarded to the mailbox', IMMEDIATE, ['voicemail yes: ms-sipre-forward-immediate']],
    [
      'forwarded',
      { flags: ['forward_immediate', 'enablecf'], lists: ['forwardto'] },
      ['forward-target yes: ms-sipre-forward-immediate'],
    ],
    [
      'forwarded, without the mobile phone',
      { flags: ['forward_immediate', 'simultaneous_ring'], lists: ['simultaneous_ring'] },
      ['voicemail yes: ms-sipre-forward-immediate'],
    ],
    [
      'to nobody, forwarded to nobody, not even to the mobile phone',
      {
        flags: ['forward_immediate', 'enablecf', 'simultaneous_ring'],
        lists: ['simultaneous_ring'],
      },
      [],
    ],
    ['not disturbing, to the mailbox', { doNotDisturb: true }, ['voicemail yes: help-do-not-disturb-voicemail']],
    ['not disturbing, not to the mobile phone', { ...MOBILE, doNotDisturb: true, voicemail: false }, []],
    ['not disturbing, forwarded: nobody says', { ...FORWARD, doNotDisturb: true }, []],
    ['not disturbing, to the team: nobody says', { ...TEAM, doNotDisturb: true }, []],
    [
      'not disturbing, to the delegates',
      { ...DELEGATES, doNotDisturb: true, caller: 'hang-up-while-ringing' },
      ['delegate yes: ms-sipre-delegate-ring ms-sipre-delegates-do-not-disturb'],
    ],
    [
      'not there, to the team',
      { ...TEAM, callee: 'unregistered', caller: 'hang-up-while-ringing' },
      ['team yes: help-offline-team'],
    ],
    ['not there, to the delegates: nobody says', { ...DELEGATES, callee: 'unregistered' }, []],
    [
      'not there, to the mailbox',
      { callee: 'unregistered' },
      ['voicemail yes: lab-offline-goes-on ms-sipre-unanswered-voicemail'],
    ],
    [
      'declined, to the mailbox',
      { callee: 'decline' },
      ['voicemail yes: decline-603-goes-on ms-sipre-unanswered-voicemail'],
    ],
    [
      'declined, forwarded',
      { ...FORWARD, callee: 'decline' },
      ['forward-target yes: decline-603-goes-on ms-sipre-unanswered-forward'],
    ],
    ['busy, to the mailbox', { callee: 'busy' }, ['voicemail yes: lab-refusal-goes-on ms-sipre-unanswered-voicemail']],
    [
      'refused by the phone, to the mailbox',
      { callee: 'do-not-disturb' },
      ['voicemail yes: lab-refusal-goes-on ms-sipre-unanswered-voicemail'],
    ],
  ])('%s', ([, settings, expected]) => {
    expect(stages(settings)).toEqual(expected);
  });

  it('is after the team, which joins after its own time even beside a busy phone', () => {
    expect(stages({ ...TEAM, callee: 'busy' })).toEqual(['team yes: ms-sipre-team-ring']);
    expect(stages({ ...TEAM, callee: 'busy', caller: 'hang-up-while-ringing' })).toEqual([
      'team unknown: ms-sipre-team-ring',
    ]);
  });
});

describe('rules that stand beside each other', () => {
  it.for<[string, CallSettings, string[]]>([
    [
      'a busy phone sends to the mailbox while the mobile phone rings: who is faster, nobody knows',
      { ...MOBILE, callee: 'busy' },
      [
        'simultaneous-ring yes: ms-sipre-simultaneous-ring',
        'voicemail unknown: lab-refusal-goes-on ms-sipre-unanswered-voicemail',
      ],
    ],
    [
      'a team joins, whether or not a mobile phone is set to ring',
      { flags: ['team_ring', 'simultaneous_ring'], lists: ['team', 'simultaneous_ring'] },
      ['team yes: ms-sipre-team-ring'],
    ],
    [
      'delegates join, whether or not a mobile phone is set to ring',
      { flags: ['delegate_ring', 'simultaneous_ring'], lists: ['delegates', 'simultaneous_ring'] },
      ['delegate yes: ms-sipre-delegate-ring'],
    ],
    [
      'a phone that is skipped answers nothing before the team joins',
      { flags: ['team_ring', 'skip_primary'], lists: ['team'], callee: 'answer' },
      ['team yes: ms-sipre-team-ring'],
    ],
  ])('%s', ([, settings, expected]) => {
    expect(stages(settings)).toEqual(expected);
  });
});

describe('a phone that declines everywhere', () => {
  const callee605 = { callee: 'decline-everywhere' } as const;

  it.for<[string, CallSettings, string[]]>([
    [
      'keeps the call out of the mailbox',
      callee605,
      ['voicemail no: lab-refusal-goes-on ms-sipre-unanswered-voicemail, not for decline-605-stops'],
    ],
    [
      'and from a team that has not joined yet',
      { ...callee605, ...TEAM },
      ['team no: ms-sipre-team-ring, not for decline-605-stops'],
    ],
    [
      'but not from a mobile phone that rings as well; who is faster, nobody knows',
      { ...callee605, ...MOBILE },
      [
        'simultaneous-ring yes: ms-sipre-simultaneous-ring',
        'voicemail unknown: lab-refusal-goes-on ms-sipre-unanswered-voicemail',
      ],
    ],
    ['and not when it is not rung', { ...callee605, ...IMMEDIATE }, ['voicemail yes: ms-sipre-forward-immediate']],
    [
      'nor when it is not to be disturbed',
      { ...callee605, doNotDisturb: true },
      ['voicemail yes: help-do-not-disturb-voicemail'],
    ],
  ])('%s', ([, settings, expected]) => {
    expect(stages(settings)).toEqual(expected);
  });
});

describe('a phone that answers', () => {
  const answering = (answerAfterMs: number, settings: CallSettings = {}): CallSettings => ({
    callee: { answerAfterMs },
    ...settings,
  });
  const NOT_REACHED = 'voicemail no: ms-sipre-unanswered-voicemail, not for rfc3261-answer-relayed';
  const RACE = 'voicemail unknown: ms-sipre-unanswered-voicemail';

  it.for<[CallSettings, string, string]>([
    [{ callee: 'answer' }, NOT_REACHED, ANSWERS],
    [answering(1899), NOT_REACHED, ANSWERS],
    [answering(1900), NOT_REACHED, RINGS], // a race for who must answer, from here on
    [answering(1901), RACE, RINGS],
    [answering(2100), RACE, RINGS],
    [answering(2101), VOICEMAIL, RINGS],
    [answering(50, { waits: { totalMs: 0 } }), VOICEMAIL, RINGS],
    [answering(500, { ...MOBILE, voicemail: false }), 'simultaneous-ring yes: ms-sipre-simultaneous-ring', RINGS],
  ])('%j', ([settings, stage, phone]) => {
    expect(stages(settings)).toEqual([stage]);
    expect(callee(settings)).toBe(phone);
  });

  it('answers whoever hangs up later than that, and nobody who hangs up before', () => {
    expect(callee({ callee: 'answer', caller: 'hang-up-in-greeting' })).toBe(ANSWERS);
    expect(callee({ callee: 'answer', caller: 'hang-up-while-ringing' })).toBe(RINGS);
    expect(callee({ callee: 'answer', voicemail: false })).toBe(ANSWERS);
  });

  it('answers before the mailbox does, whoever rings beside it', () => {
    expect(stages({ ...MOBILE, callee: 'answer' })).toEqual([
      'simultaneous-ring yes: ms-sipre-simultaneous-ring',
      NOT_REACHED,
    ]);
  });
});

describe("what the callee's own phone does", () => {
  it.for<[string, CallSettings, string]>([
    ['it rings', {}, RINGS],
    ['it rings before the team joins', TEAM, RINGS],
    [
      'it rings, immediate forwarding or not, where a team is to join',
      { ...TEAM, flags: ['team_ring', 'forward_immediate'] },
      RINGS,
    ],
    [
      'it rings, immediate forwarding or not, where delegates are',
      { ...DELEGATES, flags: ['delegate_ring', 'forward_immediate'] },
      RINGS,
    ],
    ['it is passed by', IMMEDIATE, 'silent: ms-sipre-forward-immediate (immediate)'],
    ['it is left alone', { doNotDisturb: true }, 'silent: help-do-not-disturb-voicemail (doNotDisturb)'],
    [
      'it is left alone before it is passed by',
      { ...IMMEDIATE, doNotDisturb: true },
      'silent: help-do-not-disturb-voicemail (doNotDisturb)',
    ],
    ['it is skipped', { flags: ['skip_primary'], doNotDisturb: true }, 'silent: ms-sipre-skip-primary (skipped)'],
    ['it is not there', { callee: 'unregistered', doNotDisturb: true }, 'unspecified (null)'],
    ['it refuses: whether it rang before is its own affair', { callee: 'busy' }, 'unspecified (ringing)'],
    ['the call is blocked', { flags: ['block'] }, 'silent: ms-sipre-block (null)'],
    ['another one is called', { dials: 'voice-mail-gruu', flags: ['block'] }, 'unspecified (null)'],
  ])('%s', ([, settings, expected]) => {
    expect(callee(settings)).toBe(expected);
  });
});

describe('a caller who hangs up while it rings', () => {
  const hangsUp = (settings: CallSettings = {}): CallSettings => ({ caller: 'hang-up-while-ringing', ...settings });
  const cancelled = (settings: CallSettings): boolean => timelineOf(callTo(hangsUp(settings))).cancelledWhileRinging;
  const CANCELLED = 'voicemail no: ms-sipre-unanswered-voicemail, not for rfc3261-cancelled-487';

  it('is sooner than whatever is due a second later, and in a race with all that is due before', () => {
    expect(stages(hangsUp({ waits: { totalMs: 1000 } }))).toEqual([CANCELLED]);
    expect(stages(hangsUp({ waits: { totalMs: 999 } }))).toEqual(['voicemail unknown: ms-sipre-unanswered-voicemail']);
    expect(cancelled({ waits: { totalMs: 1000 } })).toBe(true);
    expect(cancelled({ waits: { totalMs: 999 } })).toBe(false);
  });

  it('cancels only what rings unanswered', () => {
    expect(cancelled({ voicemail: false })).toBe(true);
    expect(cancelled({ callee: 'busy' })).toBe(false);
    expect(cancelled({ ...TEAM, callee: 'busy' })).toBe(false);
    expect(cancelled({ callee: 'answer' })).toBe(false);
    expect(cancelled({ callee: { answerAfterMs: 5000 } })).toBe(false);
    expect(cancelled(IMMEDIATE)).toBe(false);
    expect(cancelled(MOBILE)).toBe(false);
    expect(cancelled({ flags: ['block'] })).toBe(false);
    expect(cancelled({ flags: ['skip_primary'] })).toBe(false);
  });

  it('is not one who waits, or who hangs up later', () => {
    expect(timelineOf(callTo()).cancelledWhileRinging).toBe(false);
    expect(timelineOf(callTo({ caller: 'hang-up-in-greeting' })).cancelledWhileRinging).toBe(false);
  });
});

describe('who else is tried for a call that nobody answers', () => {
  it.for<[string, CallSettings, string | null]>([
    ['nobody', {}, 'alone'],
    ['the mobile phone', MOBILE, 'simultaneous-ring'],
    ['the team', TEAM, 'team'],
    [
      'the team, whatever else is set',
      { flags: ['simultaneous_ring', 'delegate_ring', 'team_ring'], lists: ['team'] },
      'team',
    ],
    ['the delegates', DELEGATES, 'delegates'],
    [
      'the delegates, whatever else is set',
      { ...DELEGATES, flags: ['simultaneous_ring', 'delegate_ring'] },
      'delegates',
    ],
    ['nobody, to whoever hangs up in the greeting', { caller: 'hang-up-in-greeting' }, 'alone'],
    ['no question: the call goes nowhere else', { voicemail: false }, null],
    ['no question: the phone answers', { callee: 'answer' }, null],
    ['no question: the phone refuses', { callee: 'busy' }, null],
    ['no question: the caller hangs up before', { caller: 'hang-up-while-ringing' }, null],
    ['no question: the phone is passed by', IMMEDIATE, null],
    ['no question: the call is blocked', { flags: ['block'] }, null],
    ['no question: the caller asks for the mailbox', { dials: 'voice-mail-gruu' }, null],
  ])('%s', ([, settings, expected]) => {
    expect(timelineOf(callTo(settings)).unanswered).toBe(expected);
  });

  it('is not asked of a blocked call, which is told so', () => {
    expect(timelineOf(callTo({ flags: ['block'] })).blocked).toBe(true);
    expect(timelineOf(callTo()).blocked).toBe(false);
    expect(timelineOf(callTo({ dials: 'voice-mail-gruu', flags: ['block'] })).blocked).toBe(false);
  });
});
