/** What a phone's own call log shows, beside what it was told. */
import { describe, expect, it } from 'vitest';
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
