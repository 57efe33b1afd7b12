import { describe, expect, it } from 'vitest';
import { callerMisplayed } from '../../harness/judge/caller-part.ts';
import type { Case } from '../../harness/judge/judge.ts';
import type { Observation } from '../../harness/model/observation.ts';
import type { CallerBehaviour } from '../../harness/model/scenario.ts';
import { diverted, missedCall, rangAlone, scenario, suppressed, voicemailAnswered } from '../helpers/observations.ts';
import { mustSuppress, verdictOn, withCaller } from './case.ts';

const { totalMs, userMs, team2Ms } = scenario.subscriber.waits;
const TIMERS_MS = totalMs + userMs + team2Ms;
const as = (caller: CallerBehaviour) => ({ ...scenario, caller });
const gaveUp = (cancelledMs: number, more: Partial<Observation['caller']> = {}) =>
  withCaller(suppressed(), { finalStatus: 487, cancelledMs, finalMs: cancelledMs + 2, ...more });

describe('a caller who gives up', () => {
  it.for(['patient', 'hang-up-in-greeting'] as const)('%s: before the timers are over proves nothing', (caller) => {
    const early = verdictOn({ scenario: as(caller), seen: gaveUp(TIMERS_MS - 1) });
    expect(early.verdict).toBe('inconclusive');
    expect(early.why).toBe(
      `the caller gave up ${TIMERS_MS - 1} ms after its INVITE, and the server may take ${TIMERS_MS} ms for all that it tries`,
    );
    expect(verdictOn({ scenario: as(caller), seen: gaveUp(TIMERS_MS) }).verdict).toBe('pass');
  });

  it.for([
    ['before the end', TIMERS_MS, true],
    ['with the end', TIMERS_MS - 1, true],
    ['and the end is not known', null, true],
    ['after the end', TIMERS_MS - 2, false],
  ] as const)('too early, %s', ([, finalMs, early]) => {
    const misplayed = callerMisplayed(as('patient'), gaveUp(TIMERS_MS - 1, { finalMs }));
    expect(misplayed !== null).toBe(early);
  });

  it('after the end has done no harm', () => {
    const seen = withCaller(suppressed(), { cancelledMs: 603 });
    expect(verdictOn({ seen }).verdict).toBe('pass');
  });

  it('while it rings, as it should, must have been told of ringing', () => {
    const control = withCaller(diverted(), { cancelledMs: 640 });
    const on = (seen: Observation) => verdictOn({ scenario: as('hang-up-while-ringing'), seen, control });
    expect(on(gaveUp(300)).verdict).toBe('pass');
    expect(on(gaveUp(4)).verdict, 'at the very moment').toBe('pass');
    expect(on(gaveUp(3)).why).toBe(
      'the caller was to hang up while it rings, and gave up 3 ms after its INVITE, before it was told of any ringing',
    );
    expect(on(gaveUp(TIMERS_MS, { provisionals: [] })).verdict).toBe('pass');
  });
});

describe('a caller who does not hang up when it should', () => {
  it('while it rings', () => {
    const { why } = verdictOn({ scenario: as('hang-up-while-ringing'), seen: diverted() });
    expect(why).toBe('the caller was to hang up while it rings, and did not');
  });

  it.for([
    [200, true],
    [299, true],
    [300, false],
    [480, false],
    [null, false],
  ] as const)('while it rings is blamed only where somebody answered: final %s', ([finalStatus, isBlamed]) => {
    const misplayed = callerMisplayed(as('hang-up-while-ringing'), withCaller(suppressed(), { finalStatus }));
    expect(misplayed).toBe(isBlamed ? 'the caller was to hang up while it rings, and did not' : null);
  });

  it.for([
    [500, 'pass'],
    [501, 'inconclusive'],
    [null, 'inconclusive'],
  ] as const)('in the greeting: BYE %s ms after the answer, and a message left: %s', ([talkedMs, verdict]) => {
    const seen = withCaller(
      suppressed({ notifications: [{ kind: 'voice-message', by: 'voicemail', atMs: 900, callId: 'a' }] }),
      { byeMs: talkedMs === null ? null : 602 + talkedMs },
    );
    const judged = verdictOn({ scenario: as('hang-up-in-greeting'), seen });
    expect(judged.verdict).toBe(verdict);
    expect(judged.why ?? '').toMatch(/^(the caller was to hang up in the greeting.*)?$/);
    expect(verdictOn({ scenario: as('patient'), seen }).verdict).toBe('pass');
  });

  const greeted = (byeMs: number | null, finalMs: number | null) => {
    const message = { kind: 'voice-message', by: 'voicemail', atMs: 900, callId: 'a' } as const;
    return withCaller(diverted({ notifications: [message] }), { byeMs, finalMs });
  };

  it.for([
    ['that it never did', greeted(null, 602), 'did not hang up'],
    ['when it did, after the answer', greeted(1300.4, 602), 'hung up 698 ms after the answer'],
    ['nothing of when it did where nobody knows of the answer', greeted(300, null), 'did not hang up'],
  ] as const)('in the greeting is told %s', ([, seen, how]) => {
    expect(callerMisplayed(as('hang-up-in-greeting'), seen)).toBe(
      `the caller was to hang up in the greeting of voice mail, and ${how}: a message was left`,
    );
  });

  it('in the greeting has done no harm where it left no message', () => {
    const seen = withCaller(diverted({ notifications: [missedCall] }), { byeMs: null });
    expect(callerMisplayed(as('hang-up-in-greeting'), seen)).toBeNull();
  });
});

describe('an INVITE that the server refused and told nobody of', () => {
  const refused = withCaller(suppressed({ legs: [], headersAtPhone: null }), { finalStatus: 483 });
  const application = { ...refused, callerUnderTest: true as const };

  it('proves nothing when an application sent it, unless the sources say that nobody may ring', () => {
    for (const callee of ['rings', 'unspecified'] as const) {
      const { verdict, why } = verdictOn({ seen: application, expected: { ...mustSuppress, callee } });
      expect(verdict).toBe('inconclusive');
      expect(why).toMatch(/^the server refused the call \(483\) and asked nobody, where the control came to/);
    }
    expect(verdictOn({ seen: application, expected: { ...mustSuppress, callee: 'silent' } }).verdict).toBe('pass');
  });

  const toldOf = (over: Partial<Case>) =>
    verdictOn({ seen: application, ...over }).checks.find(({ id }) => id === 'told');

  it('proves nothing against an application only where nobody was asked whom the control asked', () => {
    const unasked = diverted({ legs: [voicemailAnswered] });
    const asked = { ...application, legs: [rangAlone] };
    const misrouted = { ...application, misdirected: [rangAlone] };
    const both = { ...asked, misdirected: [rangAlone] };
    const redirected = withCaller(application, { finalStatus: 300 });
    const answered = withCaller(application, { finalStatus: 200 });
    const holds = [application, asked, misrouted, both, answered, redirected].map((seen) => toldOf({ seen })?.holds);
    expect(holds).toEqual([false, true, true, true, true, false]);
    expect(toldOf({ control: unasked })?.holds).toBe(true);
    expect(toldOf({ control: null })?.holds).toBe(true);
  });

  it('for want of room proves nothing where nobody was asked, and the sources let phones ring', () => {
    const full = withCaller(refused, { finalStatus: 503 });
    const on = (over: Partial<Case>) => toldOf({ seen: full, ...over })?.holds;
    expect(on({})).toBe(false);
    expect(on({ control: null })).toBe(true);
    expect(on({ expected: { ...mustSuppress, callee: 'silent' } })).toBe(true);
    expect(on({ seen: { ...full, legs: [rangAlone], misdirected: [rangAlone] } })).toBe(true);
    expect(on({ seen: withCaller(full, { cancelledMs: 500 }) })).toBe(true);
    const unknown = { ...withCaller(full, { finalStatus: 500 }), headerCanary: null };
    expect(on({ seen: unknown })).toBe(true);
  });

  it('of ours is over-blocking, as it differs from the control in its header alone', () => {
    expect(verdictOn({ seen: refused }).why).toMatch(/^over-blocked/);
  });
});
