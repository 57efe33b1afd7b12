/** What a phone's own call log shows, beside what it was told. */
import { describe, expect, it } from 'vitest';
import { callLog, notMissed } from '../../harness/judge/cancel.ts';
import type { Leg } from '../../harness/model/observation.ts';
import { isElsewhere, reasonValues } from '../../harness/model/reason.ts';
import { leg, missedCall, scenario, suppressed } from '../helpers/observations.ts';
import { mustEngage, verdictOn, withCaller } from './case.ts';

describe('a Reason that says that the call was completed elsewhere', () => {
  it.for([
    ['Reason: SIP;cause=200;text="Call completed elsewhere"', true],
    ['Reason: SIP ;cause=200 ;text="Call completed elsewhere"', true],
    ['reason:sip;text="a, b;cause=487";Cause = 200', true],
    ['Reason: Q.850;cause=26, SIP;cause=200', true],
    ['Reason: Q.850;cause=200', false],
    ['Reason: SIP;cause=2000', false],
    ['Reason: SIP;cause=487;text="SIP;cause=200"', false],
    ['Reason: SIP;cause=487, Q.850;cause=200', false],
    ['X-Reason: SIP;cause=200', false],
    ['Reason: SIP', false],
  ] as const)('%s: %s', ([line, elsewhere]) => expect(isElsewhere(line)).toBe(elsewhere));
});

describe('what the server was told', () => {
  const LINES = ['Reason: SIP;cause=200;text="a, b"', 'Reason: Q.850;cause=26'];
  const byCaller = {
    ...scenario,
    trap: 'missed-call-inbox',
    caller: 'hang-up-while-ringing',
    cancelledBy: 'caller',
  } as const;
  const cancelledWith = (cancelReasons: readonly string[], atPhone = cancelReasons, onCancel?: readonly string[]) => {
    const legs = [leg('phone', { endMs: 551, cancelReasons: atPhone })];
    const seen = withCaller(suppressed({ legs, notifications: [missedCall] }), {
      finalStatus: 487,
      finalMs: 552,
      cancelledMs: 550,
      cancelReasons,
    });
    return verdictOn({ scenario: byCaller, onCancel, seen, control: seen, expected: mustEngage });
  };
  const toldOf = (cancelReasons: readonly string[]) => {
    const { checks, verdict } = cancelledWith(cancelReasons, cancelReasons, LINES);
    return [checks.find(({ id }) => id === 'cancel-told')?.holds, verdict];
  };

  it('is its values, on whichever lines they stand', () => {
    expect(LINES.flatMap(reasonValues)).toEqual(['SIP;cause=200;text="a, b"', 'Q.850;cause=26']);
    expect(toldOf(LINES)[0]).toBe(true);
    expect(toldOf(['Reason: SIP;cause=200;text="a, b",Q.850;cause=26'])[0]).toBeNull();
  });

  it('is nothing where the caller sent none, or half of it: a server is not blamed', () => {
    expect(toldOf([])).toEqual([false, 'inconclusive']);
    expect(toldOf(LINES.slice(1))).toEqual([false, 'inconclusive']);
  });

  it('is to be told to the phone, byte for byte', () => {
    const copied = (atPhone: readonly string[]) =>
      cancelledWith(LINES, atPhone, LINES).checks.find(({ id }) => id === 'cancel-copied')?.holds;
    expect(copied(LINES)).toBe(true);
    expect(copied(LINES.toReversed())).toBe(false);
  });

  it('is nothing that is asked for where it was to be told nothing', () => {
    const { checks, verdict } = cancelledWith([]);
    expect([verdict, checks.filter(({ id }) => id === 'cancel-told' || id === 'cancel-copied')]).toEqual(['pass', []]);
  });
});

describe('a call log', () => {
  const ELSEWHERE = ['Reason: SIP;cause=200;text="Call completed elsewhere"'];
  const cancelled = { ...scenario, cancelledBy: 'timer' } as const;
  const verdictOf = (over: Partial<Leg>) =>
    verdictOn({ scenario: cancelled, seen: suppressed({ legs: [leg('phone', over)] }) });

  it.for([
    [{}, 'pass'],
    [{ loggedAs: 'missed' }, 'pass'],
    [{ loggedAs: 'elsewhere' }, 'inconclusive'],
    [{ loggedAs: 'nothing' }, 'inconclusive'],
    [{ loggedAs: 'elsewhere', cancelReasons: ELSEWHERE }, 'pass'],
    [{ loggedAs: 'missed', cancelReasons: ELSEWHERE }, 'fail'],
    [{ loggedAs: 'nothing', cancelReasons: ELSEWHERE }, 'inconclusive'],
    [{ loggedAs: 'missed', cancelReasons: ['Reason: Q.850;cause=26'] }, 'pass'],
  ] as const)('of %j: %s', ([over, verdict]) => expect(verdictOf(over).verdict).toBe(verdict));

  it('is nobody asked for where the situation is not about it', () => {
    const { verdict, checks } = verdictOn({ seen: suppressed({ legs: [leg('phone', { loggedAs: 'nothing' })] }) });
    expect([verdict, checks.some(({ id }) => id === 'call-log')]).toEqual(['pass', false]);
  });
});

describe('what a phone has in its call log', () => {
  const TAKEN = 'Reason: SIP;cause=200;text="taken"';
  const Q850 = 'Reason: Q.850;cause=26';
  const cancelled = { ...scenario, cancelledBy: 'timer' } as const;
  const missed = leg('phone', { loggedAs: 'missed' });
  const elsewhere = leg('phone', { loggedAs: 'elsewhere', cancelReasons: [Q850, TAKEN] });
  const unread = leg('phone', { loggedAs: 'nothing' });
  const rang = leg('phone', { loggedAs: 'missed', result: 'refused' });

  it.for([
    ['is said', [missed, elsewhere], true, 'it has the call as "missed, elsewhere"'],
    [
      'is asked of each that keeps one',
      [missed, leg('phone'), unread],
      false,
      'the phone did not say what it has of the call in its call log',
    ],
    [
      'is no witness where it has none of a call that nobody took',
      [missed, { ...missed, loggedAs: 'elsewhere', cancelReasons: [Q850] }],
      false,
      'nobody told the phone that somebody else took the call, and its call log has it as "elsewhere", not as missed',
    ],
  ] as const)('%s', ([, legs, holds, seen]) => {
    expect(callLog(cancelled, suppressed({ legs }))).toEqual([{ id: 'call-log', holds, seen }]);
  });

  it.for([
    ['may be a call that was taken elsewhere', [missed, elsewhere], true, 'it has the call as "elsewhere"'],
    [
      'must not be a missed call then',
      [elsewhere, { ...elsewhere, loggedAs: 'missed', cancelReasons: [TAKEN, Q850] }],
      false,
      'its call log has a missed call all the same, but rfc3326-elsewhere-not-missed says that this is not appropriate',
    ],
  ] as const)('%s', ([, legs, holds, end]) => {
    const seen = holds
      ? `told "Reason: Q.850;cause=26", "${TAKEN}", ${end}`
      : `the phone's CANCEL carried "${TAKEN}", "Reason: Q.850;cause=26", and ${end}`;
    expect(notMissed(cancelled, suppressed({ legs }))).toEqual([{ id: 'not-missed', holds, seen }]);
  });

  it.for([
    ['that keeps none', cancelled, [leg('phone', { cancelReasons: [TAKEN] })]],
    ['that was not cancelled', cancelled, [{ ...rang, cancelReasons: [TAKEN] }]],
    ['of a situation that is not about it', scenario, [elsewhere, unread]],
  ] as const)('is not asked of one %s', ([, of, legs]) => {
    expect([callLog(of, suppressed({ legs })), notMissed(of, suppressed({ legs }))]).toEqual([[], []]);
  });
});
