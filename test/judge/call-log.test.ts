/** What a phone's own call log shows, beside what it was told. */
import { describe, expect, it } from 'vitest';
import type { Leg } from '../../harness/model/observation.ts';
import { isElsewhere, reasonValues } from '../../harness/model/reason.ts';
import { leg, scenario, suppressed } from '../helpers/observations.ts';
import { verdictOn } from './case.ts';

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
  const byCaller = { ...scenario, cancelledBy: 'caller' } as const;
  const toldOf = (cancelReasons: readonly string[]) => {
    const seen = suppressed({ legs: [leg('phone', { cancelReasons: [...cancelReasons] })] });
    const caller = { ...seen.caller, cancelledMs: 550, cancelReasons };
    const { checks, verdict } = verdictOn({ scenario: byCaller, onCancel: LINES, seen: { ...seen, caller } });
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
