/** The same call without the headers: it must do what they are to prevent, for the reason that the situation is about. */
import { describe, expect, it } from 'vitest';
import { controlCheck, gaveUpTooSoon } from '../../harness/judge/control.ts';
import type { Case } from '../../harness/judge/judge.ts';
import type { Observation } from '../../harness/model/observation.ts';
import type { RoutingFlag } from '../../harness/model/scenario.ts';
import { diverted, leg, rangAlone, scenario, suppressed, voicemailAnswered } from '../helpers/observations.ts';
import { mustEngage, usualCase, verdictOn, withCaller } from './case.ts';

const twoTraps = { ...scenario, otherTraps: ['team'] } as const;
const THE_CONTROL = 'the control (the same call without the headers)';
const NOT_CALLED =
  "the callee's phone, which was to ring unanswered (180), was not called: it was diverted for another reason";

function controlOf(over: Partial<Case>) {
  const { holds, seen } = controlCheck(usualCase(over));
  return { holds, seen };
}

describe('a control of two traps', () => {
  const team = leg('team', { startMs: 210 });
  const control = diverted({ legs: [rangAlone, team, voicemailAnswered] });

  it('must reach both', () => {
    expect(controlOf({ scenario: twoTraps, control })).toEqual({
      holds: true,
      seen: 'without the header voice mail and the team phone were reached, final 200',
    });
  });

  it.for([
    ['the first', [rangAlone, team], 'voice mail'],
    ['the second', [rangAlone, voicemailAnswered], 'the team phone'],
  ] as const)('proves nothing where it missed %s', ([, legs, missed]) => {
    expect(controlOf({ scenario: twoTraps, control: diverted({ legs }) })).toEqual({
      holds: false,
      seen: `${THE_CONTROL} did not reach ${missed} (final 200), so its absence proves nothing`,
    });
  });

  it('that missed one is no measure of how long the other takes', () => {
    const hasty = withCaller(suppressed(), { finalStatus: 487, finalMs: 702, cancelledMs: 700 });
    const judged = { scenario: twoTraps, seen: hasty };
    expect(controlOf({ ...judged, control }).seen).toMatch(/^the control came to voice mail 605 ms after/);
    expect(controlOf({ ...judged, control: diverted() }).seen).toMatch(/did not reach the team phone \(final 200\)/);
  });
});

describe('a control that did not reach its trap', () => {
  it.for([
    ['it was given up', { finalStatus: 487, finalMs: 1802, cancelledMs: 1800 }, true],
    ['it was given up as it ended', { finalStatus: 487, finalMs: 1800, cancelledMs: 1800 }, true],
    ['it was given up, and when it ended is not known', { finalStatus: 487, finalMs: null, cancelledMs: 1800 }, true],
    ['it had ended before it was given up', { finalMs: 1799, cancelledMs: 1800 }, false],
    ['it was never given up', { finalMs: 602, cancelledMs: null }, false],
  ] as const)('may only have been too short: %s', ([, over, short]) => {
    const control = withCaller(suppressed(), over);
    const why = short ? ': the caller gave up after 1800 ms, where the server was said to take 1400 ms' : '';
    expect(controlOf({ control })).toEqual({
      holds: false,
      seen: `${THE_CONTROL} did not reach voice mail (final ${control.caller.finalStatus}${why}), so its absence proves nothing`,
    });
  });

  it('is not too short where its caller was to hang up', () => {
    const impatient = { ...scenario, caller: 'hang-up-while-ringing' } as const;
    const control = withCaller(suppressed(), { finalStatus: 487, finalMs: 302, cancelledMs: 300 });
    expect(controlOf({ scenario: impatient, control }).seen).toBe(
      `${THE_CONTROL} did not reach voice mail (final 487), so its absence proves nothing`,
    );
  });

  it('or never ended, is not held against the server', () => {
    const seen = withCaller(suppressed(), { finalStatus: null });
    expect(controlOf({ seen, control: null })).toEqual({
      holds: false,
      seen: 'this control did not reach voice mail (final none), so its absence proves nothing',
    });
  });

  it('as it was never placed, has nothing of what is on record', () => {
    const seen = diverted({ startedAtEpochMs: null });
    expect(controlOf({ seen, control: null }).holds).toBe(false);
    expect(controlOf({ seen: diverted(), control: null }).holds).toBe(true);
  });
});

it('a control through a B2BUA carries no header on either side of it', () => {
  const through = (got: readonly string[]): Observation => diverted({ b2bua: { got, others: [], finalStatus: 200 } });
  expect(controlOf({ control: through([]) }).holds).toBe(true);
  expect(controlOf({ control: through(['A: 1']) })).toEqual({
    holds: false,
    seen: `${THE_CONTROL} is inconclusive itself: the caller's INVITE to the B2BUA carries "A: 1" where none was to be sent`,
  });
});

describe('a control that came to its trap and to no phone of the callee', () => {
  const control = diverted({ legs: [voicemailAnswered] });
  const withFlags = (...flags: RoutingFlag[]) => ({ ...scenario, subscriber: { ...scenario.subscriber, flags } });

  it.for([
    ['no flag', withFlags()],
    ['a flag that leaves the phone alone', withFlags('team_ring')],
  ] as const)('was diverted for another reason: %s', ([, own]) => {
    expect(controlOf({ scenario: own, control })).toEqual({
      holds: false,
      seen: `${THE_CONTROL} reached voice mail, and ${NOT_CALLED}`,
    });
  });

  it.for([
    ['all calls are forwarded at once', withFlags('forward_immediate')],
    ['the phone is skipped', withFlags('skip_primary')],
    ['the caller is blocked', withFlags('block', 'team_ring')],
    ['the caller asks for voice mail', { ...scenario, dials: 'voice-mail-gruu' }],
    ['nobody is there', { ...scenario, callee: 'unregistered' }],
  ] as const)('did as it should: %s', ([, own]) => {
    expect(controlOf({ scenario: own, control }).holds).toBe(true);
  });

  it('is judged by what is demanded of the phone, where it is the case itself', () => {
    const itself = { seen: control, control: null };
    expect(controlOf({ ...itself, expected: mustEngage })).toEqual({
      holds: false,
      seen: `this control reached voice mail, and ${NOT_CALLED}`,
    });
    const expected = { ...mustEngage, callee: 'rings' } as const;
    expect(controlOf({ ...itself, expected }).holds).toBe(true);
    expect(verdictOn({ ...itself, expected })).toMatchObject({
      verdict: 'fail',
      why: "over-blocked: the callee's own phone did not ring (final 200), but a-claim says it must",
    });
  });
});

describe('a caller that gave up just when the control came to the trap', () => {
  const gaveUp = (finalMs: number | null) =>
    gaveUpTooSoon(scenario, withCaller(suppressed(), { finalStatus: 487, cancelledMs: 700, finalMs }), diverted());

  it.for([
    ['and the call ended afterwards', 701],
    ['and the call ended with that', 700],
    ['and when the call ended is not known', null],
  ] as const)('has not waited for it, %s', ([, finalMs]) => {
    expect(gaveUp(finalMs)).toBe(
      'the control came to voice mail 605 ms after the INVITE, where the server was said to take 1400 ms, and this caller gave up after 700 ms: that is too soon to tell; say that it waits longer',
    );
  });

  it('had an answer from the server where the call had ended before', () => {
    expect(gaveUp(699)).toBeNull();
  });
});
