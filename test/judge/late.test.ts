import { describe, expect, it } from 'vitest';
import type { Case } from '../../harness/judge/judge.ts';
import type { Observation } from '../../harness/model/observation.ts';
import { diverted, leg, rangAlone, scenario, suppressed, voicemailAnswered } from '../helpers/observations.ts';
import { mustEngage, verdictOn, withCaller } from './case.ts';

const { slackMs } = suppressed().window;
const TOO_LATE = { lateMs: slackMs + 1 };
const IN_TIME = { lateMs: slackMs };
/** Inconclusive for a reason of its own. */
const SILENT = { legs: [leg('phone', { startMs: 3, endMs: 649, rang: false })] };
const broken = (over: Partial<Observation>): Observation => suppressed({ troubles: ['it broke'], ...over });

describe('a verdict is late', () => {
  it.for([
    ['the lab was, for this call', { seen: broken(TOO_LATE) }],
    ['the lab was, for its control', { seen: broken(IN_TIME), control: diverted(TOO_LATE) }],
    ['a finding was taken back for it', { seen: diverted(TOO_LATE) }],
    [
      'only the caller ended the call',
      { seen: withCaller(suppressed(TOO_LATE), { finalStatus: 487, cancelledMs: 1800 }) },
    ],
    [
      'a ring may be short for it, within the slack',
      {
        seen: suppressed({ legs: [leg('phone', { startMs: 3, endMs: 93 })], lateMs: 200 }),
        control: diverted({ legs: [leg('phone', { startMs: 3, endMs: 603 }), voicemailAnswered], lateMs: 200 }),
      },
    ],
    ['a phone of ours did nothing until it was cancelled', { seen: suppressed(SILENT) }],
    ['that of the control did', { control: diverted({ legs: [...SILENT.legs, voicemailAnswered] }) }],
    [
      'a ring is short by what the lab was late, and what timers differ by, to the millisecond',
      {
        seen: suppressed({ legs: [leg('phone', { startMs: 3, endMs: 53 })], lateMs: 200 }),
        control: diverted({ legs: [leg('phone', { startMs: 3, endMs: 603 }), voicemailAnswered], lateMs: 200 }),
      },
    ],
  ] as const)('when it is inconclusive and %s', ([, over]) => {
    expect(verdictOn(over)).toMatchObject({ verdict: 'inconclusive', late: true });
  });

  it.for([
    ['everything was in time', { seen: broken(IN_TIME), control: diverted(IN_TIME) }],
    [
      'a phone that was to ring answered, unheard',
      {
        seen: suppressed({
          legs: [leg('phone', { answered: true, result: 'answered', status: 200, unheardAnswerMs: 604 })],
        }),
      },
    ],
    ['the silent phone was the one under test', { seen: suppressed({ ...SILENT, phoneUnderTest: true }) }],
    [
      'a phone refused otherwise than it was told',
      { seen: suppressed({ legs: [leg('phone', { result: 'refused', status: 487, rang: false })] }) },
    ],
    ['there is no control, and it was in time', { seen: broken(IN_TIME), control: null }],
  ] as const)('not when %s', ([, over]) => {
    expect(verdictOn(over)).toMatchObject({ verdict: 'inconclusive', late: false });
  });

  describe('when a caller was to hang up in the greeting', () => {
    const inGreeting: Partial<Case> = {
      scenario: { ...scenario, trap: 'missed-call-inbox', caller: 'hang-up-in-greeting' },
    };
    const note = (kind: 'missed-call' | 'voice-message') =>
      [{ kind, by: 'voicemail', atMs: 900, callId: 'a' }] as const;
    const hungUp = (byeMs: number, over: Partial<Observation> = {}) =>
      withCaller(diverted({ notifications: note('missed-call'), ...over }), { finalMs: 602, byeMs });
    const quarter = slackMs / 4;

    it.for([
      ['had noted nothing yet', hungUp(610, { notifications: [], lateMs: quarter + 1 }), true],
      ['notes nothing at all, in time', hungUp(610, { notifications: [], lateMs: quarter }), false],
      ['never answered', hungUp(610, { notifications: [], legs: [rangAlone], lateMs: quarter + 1 }), false],
      ['had noted a message', hungUp(610, { notifications: note('voice-message'), lateMs: quarter + 1 }), false],
      [
        'never answered, and a phone did',
        hungUp(610, { notifications: [], legs: [leg('phone', { answered: true })], lateMs: quarter + 1 }),
        false,
      ],
      [
        'had noted nothing, and the server a message',
        hungUp(610, {
          notifications: [{ kind: 'voice-message', by: 'server', atMs: 900, callId: 'a' }],
          lateMs: quarter + 1,
        }),
        true,
      ],
      [
        'was not hung up on',
        withCaller(hungUp(610, { notifications: [], lateMs: quarter + 1 }), { byeMs: null }),
        false,
      ],
    ] as const)('and voice mail %s', ([, control, late]) => {
      expect(verdictOn({ ...inGreeting, control })).toMatchObject({
        verdict: 'inconclusive',
        late,
        why: expect.stringMatching(/^the control .* did not reach the missed-call inbox/),
      });
    });

    it('and nothing was noted: in the control itself, or where the caller was to wait', () => {
      const silent = hungUp(610, { notifications: [], lateMs: quarter + 1 });
      const itself = verdictOn({ ...inGreeting, seen: silent, control: null, expected: mustEngage });
      expect(itself).toMatchObject({ verdict: 'inconclusive', late: true });
      const waits = { ...scenario, trap: 'missed-call-inbox' } as const;
      expect(verdictOn({ scenario: waits, control: silent })).toMatchObject({ verdict: 'inconclusive', late: false });
    });

    it.for([
      ['ours', {}, true],
      ['an application, in time', { callerUnderTest: true }, false],
      ['an application, and the lab was late', { callerUnderTest: true, lateMs: quarter + 1 }, true],
    ] as const)('and did so when it was over: %s', ([, over, late]) => {
      const seen = hungUp(1700, { notifications: note('voice-message'), ...over });
      expect(verdictOn({ ...inGreeting, seen, control: hungUp(610) })).toMatchObject({
        verdict: 'inconclusive',
        late,
        why: expect.stringMatching(/^the caller was to hang up in the greeting of voice mail, and hung up 1098 ms/),
      });
    });
  });

  describe('when who was to give up by a clock of its own', () => {
    const missed = { ...scenario, trap: 'missed-call-inbox' } as const;
    const ringing = { ...missed, caller: 'hang-up-while-ringing' } as const;
    const group = { ...missed, application: { alertMs: 600, next: 'delegate' } } as const;
    const late = { lateMs: slackMs / 4 + 1 };
    const talked = (over: Partial<Observation>): Observation =>
      withCaller(diverted(over), { finalStatus: 200, provisionals: [{ status: 180, atMs: 4, known: true }] });

    const unserved = (over: Partial<Observation>): Observation =>
      withCaller(suppressed(over), { finalStatus: 487, cancelledMs: 603 });

    it.for([
      ['hung up too late', { scenario: ringing, seen: talked(late) }, true],
      ['hung up too late in the control', { scenario: ringing, control: talked(late) }, true],
      ['did not hang up, in time', { scenario: ringing, seen: talked({}) }, false],
      [
        'hung up too late, and is the control',
        { scenario: ringing, control: null, seen: talked(late), expected: mustEngage },
        true,
      ],
      ['served a customer in the control', { scenario: group, control: talked(late) }, true],
      ['served no customer', { scenario: group, seen: unserved(late) }, true],
      ['served no customer, in time', { scenario: group, seen: unserved({}) }, false],
      ['served a customer in the control, in time', { scenario: group, control: talked({}) }, false],
      ['was to wait', { scenario: missed, control: talked(late) }, false],
      ['hung up, and something broke', { scenario: ringing, seen: broken(late), control: diverted() }, false],
    ] as const)('%s', ([, over, isLate]) => {
      expect(verdictOn(over)).toMatchObject({ verdict: 'inconclusive', late: isLate });
    });
  });

  it('not when it is none of lateness: pass and fail stand', () => {
    expect(verdictOn({ seen: suppressed(TOO_LATE) })).toMatchObject({ verdict: 'pass', late: false });
    expect(verdictOn({ seen: diverted(TOO_LATE), expected: mustEngage })).toMatchObject({
      verdict: 'pass',
      late: false,
    });
    expect(verdictOn({ seen: diverted(), control: diverted(TOO_LATE) })).toMatchObject({
      verdict: 'fail',
      late: false,
    });
  });
});
