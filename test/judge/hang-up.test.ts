/** An application that hangs up on voice mail: whether it knew it, how soon, and what was left. */
import { describe, expect, it } from 'vitest';
import { applicationCheck, hangUpOf } from '../../harness/judge/application.ts';
import type { Notification, Observation } from '../../harness/model/observation.ts';
import type { CallingApplication } from '../../harness/model/scenario.ts';
import { diverted, missedCall, scenario } from '../helpers/observations.ts';
import { withCaller } from './case.ts';

const voiceMessage: Notification = { kind: 'voice-message', by: 'voicemail', atMs: 1400, callId: 'call-1' };
const wasHungUp = 'hung up 120 ms after the answer; noted: ';
const wasPutThrough = 'the customer was put through, and left ';

interface Call {
  readonly noted?: readonly Notification[];
  readonly by?: readonly ('voicemail' | 'phone')[];
  readonly told?: number;
  readonly caller?: Partial<Observation['caller']>;
}

/** Voice mail answered, and the caller hung up. */
const withoutB2bua = ({ noted = [missedCall], by = ['voicemail'], caller = {} }: Call = {}): Observation =>
  withCaller(diverted({ notifications: noted }), {
    finalMs: 610,
    byeMs: 730.3,
    answers: by.map((one) => ({ atMs: 610, by: one, knownBy: 'tag' })),
    ...caller,
  });
const callOf = (call: Call = {}): Observation => ({
  ...withoutB2bua(call),
  b2bua: { got: [], others: [], finalStatus: call.told ?? 480 },
});
const as = (application: Partial<CallingApplication>) => ({
  ...scenario,
  application: { alertMs: 1600, ...application },
});
const checksOf = (knows: boolean, seen: Observation) => applicationCheck(as({ knows }), seen, 'engaged');

describe('an application', () => {
  it.for([
    ['knew voice mail: a missed call is left', true, {}, `${wasHungUp}missed-call`],
    ['took the callee for voice mail: a missed call is left', true, { by: ['phone'] }, `${wasHungUp}missed-call`],
    [
      'took the callee for voice mail: a message is left',
      true,
      { by: ['phone'], noted: [voiceMessage] },
      `${wasHungUp}voice-message`,
    ],
    ['hung up on voice mail for another reason: nothing is left', null, { noted: [] }, `${wasHungUp}nothing`],
    ['hung up on voice mail too late: a message is left', null, { noted: [voiceMessage] }, `${wasHungUp}voice-message`],
    [
      'hung up on voice mail too late: a message is left beside a missed call',
      null,
      { noted: [missedCall, voiceMessage] },
      `${wasHungUp}missed-call and voice-message`,
    ],
    [
      'hung up, and voice mail was one of two who answered: nothing is left',
      null,
      { by: ['phone', 'voicemail'], noted: [] },
      `${wasHungUp}nothing`,
    ],
    ['did not know whom it put through', false, { told: 200 }, `${wasPutThrough}missed-call`],
    ['did not know whom it put through, who left nothing', false, { told: 200, noted: [] }, `${wasPutThrough}nothing`],
    [
      'did not know whom it put through, who left all there is',
      false,
      { told: 200, noted: [missedCall, voiceMessage] },
      `${wasPutThrough}missed-call and voice-message`,
    ],
    [
      'neither hung up nor put the customer through',
      null,
      { caller: { byeMs: null } },
      'did not hang up (final 480); noted: missed-call',
    ],
    [
      'hung up on somebody who answered nobody knows when',
      null,
      { caller: { finalMs: null } },
      'hung up ? ms after the answer; noted: missed-call',
    ],
    [
      'knew voice mail as it spoke',
      true,
      { caller: { byeMs: 610 } },
      'hung up 0 ms after the answer; noted: missed-call',
    ],
  ] as const)('%s', ([, known, call, text]) => {
    for (const knows of [true, false]) {
      const wrong = `the application was ${knows ? '' : 'not '}to know voice mail by these signs, and ${text}`;
      const holds = knows === known;
      expect(checksOf(knows, callOf(call)), `it was ${knows ? '' : 'not '}to`).toEqual([
        { id: 'application', holds, seen: holds ? text : wrong },
      ]);
    }
  });

  it('that is not on record put nobody through', () => {
    expect(checksOf(true, withoutB2bua())).toMatchObject([{ holds: true, seen: `${wasHungUp}missed-call` }]);
  });

  it('is not asked whether it knew whoever did not answer', () => {
    expect(checksOf(true, callOf({ caller: { finalStatus: 480 } }))).toEqual([]);
    expect(checksOf(true, callOf({ caller: { finalStatus: null } }))).toEqual([]);
  });
});

describe('of a hang-up it is noted', () => {
  const signs = ['automata', 'server'] as const;
  const noteOf = (seen: Observation) => hangUpOf(as({ knows: true, hangsUpOn: signs }), seen);

  it('by which signs, how soon, and what was left', () => {
    expect(noteOf(callOf({ caller: { byeMs: 730 } }))).toEqual({
      signs,
      afterMs: 120,
      message: false,
      missedCall: true,
    });
  });

  it('that there were no signs', () => {
    expect(hangUpOf(as({ knows: false }), callOf())?.signs).toEqual([]);
  });

  it.for([
    ['a message', [voiceMessage], true, false],
    ['a message and a missed call', [missedCall, voiceMessage], true, true],
    ['nothing', [], false, false],
  ] as const)('that %s was left', ([, noted, message, missed]) => {
    expect(noteOf(callOf({ noted }))).toMatchObject({ message, missedCall: missed });
  });

  it.for([
    ['the customer was put through', { told: 200 }],
    ['the answer has no time on record', { caller: { finalMs: null } }],
    ['nobody hung up', { caller: { byeMs: null } }],
  ] as const)('no time where %s', ([, call]) => {
    expect(noteOf(callOf(call))).toMatchObject({ afterMs: null, missedCall: true });
  });

  it('the time also where the application is not on record', () => {
    expect(noteOf(withoutB2bua({ caller: { byeMs: 730 } }))?.afterMs).toBe(120);
  });

  it.for([
    ['there is no application', scenario, {}],
    ['the application is not there to hang up', as({ next: 'delegate' }), {}],
    ['nobody answered', as({ knows: true }), { caller: { finalStatus: 480 } }],
  ] as const)('nothing where %s', ([, asked, call]) => {
    expect(hangUpOf(asked, callOf(call))).toBeUndefined();
  });
});
