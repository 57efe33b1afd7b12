import { describe, expect, it } from 'vitest';
import type { Leg } from '../../harness/model/observation.ts';
import type { Expectation } from '../../harness/model/results.ts';
import type { RoutingList } from '../../harness/model/scenario.ts';
import { diverted, leg, scenario, suppressed, voicemailAnswered } from '../helpers/observations.ts';
import { mustEngage, mustSuppress, verdictOn } from './case.ts';

const elsewhere = (outcome: 'engaged' | 'suppressed'): Expectation => ({
  ...mustSuppress,
  elsewhere: { team: { outcome, claims: ['b-claim'] } },
});
const toTeam = suppressed({ legs: [leg('phone'), leg('team', { startMs: 210 })] });

describe('a call that was kept out of its trap and went to another', () => {
  it('fails where a source forbids that one too', () => {
    expect(verdictOn({ seen: toTeam, expected: elsewhere('suppressed') })).toMatchObject({
      verdict: 'fail',
      why: 'the team phone was reached 210 ms after the INVITE, but b-claim says it must not be either',
    });
    const controlToo = diverted({ legs: [...diverted().legs, leg('team')] });
    expect(verdictOn({ seen: toTeam, control: controlToo, expected: elsewhere('suppressed') }).verdict).toBe('fail');
  });

  it('passes where a source demands it, or the control went there as well', () => {
    expect(verdictOn({ seen: toTeam, expected: elsewhere('engaged') }).verdict).toBe('pass');
    expect(verdictOn({ seen: toTeam, control: diverted({ legs: [...diverted().legs, leg('team')] }) }).verdict).toBe(
      'pass',
    );
  });

  it('proves nothing where nobody speaks of it and nothing leads there', () => {
    expect(verdictOn({ seen: toTeam })).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringMatching(/neither the callee's rules nor the control leads to; but no source says/),
    });
  });

  const lists: readonly [Exclude<Leg['role'], 'phone' | 'voicemail'>, RoutingList][] = [
    ['team', 'team'],
    ['delegate', 'delegates'],
    ['forward-target', 'forwardto'],
    ['simultaneous-ring', 'simultaneous_ring'],
  ];
  it.for(lists)('%s passes where the list %s of the callee leads there, and no other list', ([role, list]) => {
    const seen = suppressed({ legs: [leg('phone'), leg(role)] });
    const settings = (own: readonly RoutingList[]) => ({
      ...scenario,
      subscriber: { ...scenario.subscriber, lists: own },
    });
    expect(verdictOn({ seen, scenario: settings([list]) }).verdict).toBe('pass');
    const others = lists.flatMap(([, each]) => (each === list ? [] : [each]));
    expect(verdictOn({ seen, scenario: settings(others) }).verdict).toBe('inconclusive');
  });

  it('voice mail passes where the callee has a mailbox', () => {
    const seen = suppressed({
      legs: [leg('phone'), voicemailAnswered],
      canary: { ...suppressed().canary, trap: 'team' },
    });
    const control = diverted({ legs: [leg('phone'), leg('team', { answered: true, result: 'answered' })] });
    const forTeam = (voicemail: boolean) => ({
      ...scenario,
      trap: 'team' as const,
      subscriber: { ...scenario.subscriber, voicemail },
    });
    expect(verdictOn({ seen, control, scenario: forTeam(true) }).verdict).toBe('pass');
    expect(verdictOn({ seen, control, scenario: forTeam(false) }).verdict).toBe('inconclusive');
  });

  it('asks of a control by itself as well', () => {
    const seen = diverted({ legs: [...diverted().legs, leg('team')] });
    expect(verdictOn({ seen, control: null, expected: mustEngage }).verdict).toBe('inconclusive');
  });

  it('is not one that was to reach this very trap, whatever leads there', () => {
    const settings = { ...scenario.subscriber, voicemail: false };
    const verdict = verdictOn({
      scenario: { ...scenario, subscriber: settings },
      seen: diverted(),
      control: null,
      expected: mustEngage,
    });
    expect(verdict.verdict).toBe('pass');
  });

  it("fails when it went to another callee's phone", () => {
    const seen = suppressed({ misdirected: [leg('phone', { user: 'alice-test-2', startMs: 5 })] });
    expect(verdictOn({ seen })).toMatchObject({
      verdict: 'fail',
      why: expect.stringContaining('alice-test-2, the phone of another callee, 5 ms after'),
    });
  });
});
