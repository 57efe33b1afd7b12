/** Rings that had all of the server's wait, where the control's had more: its server was late. */
import { describe, expect, it } from 'vitest';
import type { Leg } from '../../harness/model/observation.ts';
import type { SubscriberSettings } from '../../harness/model/scenario.ts';
import { diverted, leg, scenario, suppressed, voicemailAnswered } from '../helpers/observations.ts';
import { mustEngage, verdictOn, withCaller } from './case.ts';

describe('a ring that had all of the wait', () => {
  const rang = (ms: number): Leg => leg('phone', { startMs: 3, endMs: 3 + ms });

  it('proves nothing by a control that rang for longer than its server was said to wait, where it had all of that wait itself', () => {
    const slow = withCaller(diverted({ legs: [rang(1500), { ...voicemailAnswered, startMs: 1510 }], lateMs: 0 }), {
      answers: [{ atMs: 1520, by: 'voicemail', knownBy: 'tag' }],
    });
    const rangFor = (ms: number, over: Partial<SubscriberSettings> = {}) =>
      verdictOn({
        scenario: { ...scenario, subscriber: { ...scenario.subscriber, ...over } },
        seen: withCaller(suppressed({ legs: [rang(ms)], lateMs: 0 }), { finalMs: 3 + ms }),
        control: slow,
      });
    expect(rangFor(599).verdict).toBe('fail');
    expect(rangFor(600)).toMatchObject({
      verdict: 'inconclusive',
      late: true,
      why: expect.stringContaining('all of the 600 ms that the server was said to wait'),
    });
    for (const flag of ['team_ring', 'delegate_ring'] as const) {
      expect(rangFor(799, { flags: [flag] }).verdict, flag).toBe('fail');
      expect(rangFor(800, { flags: [flag] }).verdict, flag).toBe('inconclusive');
    }
    const soon = (totalMs: number) => ({ waits: { ...scenario.subscriber.waits, totalMs } });
    expect(rangFor(600, soon(150)).verdict, 'a wait that is none').toBe('fail');
    expect(rangFor(600, soon(151)).verdict).toBe('inconclusive');
  });

  it('proves nothing either at a team that had all of its own wait', () => {
    const teamFor = (ms: number): Leg => leg('team', { startMs: 205, endMs: 205 + ms });
    const waits = { totalMs: 100, userMs: 200, team2Ms: 700 };
    const rangFor = (ms: number) =>
      verdictOn({
        scenario: { ...scenario, trap: 'team', subscriber: { ...scenario.subscriber, flags: ['team_ring'], waits } },
        seen: withCaller(suppressed({ legs: [rang(2000), teamFor(ms)], lateMs: 0 }), { finalMs: 2003 }),
        control: withCaller(diverted({ legs: [rang(2000), teamFor(1500)], lateMs: 0 }), { answers: [] }),
        expected: mustEngage,
      }).verdict;
    expect(rangFor(699)).toBe('fail');
    expect(rangFor(700)).toBe('inconclusive');
  });
});
