import { describe, expect, it } from 'vitest';
import type { HeaderCanary, Observation } from '../../harness/model/observation.ts';
import { CANCELLED_BEFORE } from '../../harness/plan/unplaced.ts';
import { diverted, leg, scenario, suppressed } from '../helpers/observations.ts';
import { mustEngage, mustSuppress, verdictOn, withCaller } from './case.ts';

const canary = (over: Partial<HeaderCanary>): HeaderCanary => ({
  outcome: 'reached',
  passedOn: [],
  seen: 'answered',
  ...over,
});

describe('the header', () => {
  const passesOn = canary({ passedOn: ['ms-target-class'] });
  const lost = { lost: ['ms-target-class'], added: [] };

  it('that this server passes on must be where it passes it on to', () => {
    const seen = suppressed({ headersAtPhone: lost, headerCanary: passesOn });
    const why = expect.stringContaining('did not get the header ms-target-class, which this server passes on');
    expect(verdictOn({ seen })).toMatchObject({ verdict: 'inconclusive', why });
    const engaged = diverted({ headersAtPhone: lost, headerCanary: passesOn });
    expect(verdictOn({ seen: engaged, expected: mustEngage })).toMatchObject({ verdict: 'inconclusive', why });
  });

  it('may be kept back by a server that does so with all calls', () => {
    expect(verdictOn({ seen: suppressed({ headersAtPhone: lost, headerCanary: canary({}) }) }).verdict).toBe('pass');
    expect(verdictOn({ seen: suppressed({ headersAtPhone: lost, headerCanary: null }) }).verdict).toBe('pass');
  });

  it('is not looked for at a phone that was not called', () => {
    const expected = { ...mustSuppress, callee: 'unspecified' as const };
    expect(
      verdictOn({ seen: suppressed({ legs: [], headersAtPhone: null, headerCanary: passesOn }), expected }).verdict,
    ).toBe('pass');
  });

  it('must not be in calls that were sent without', () => {
    const added = { lost: [], added: ['ms-target-class'] };
    const why = expect.stringContaining('got a header ms-target-class that the caller did not send');
    expect(verdictOn({ control: diverted({ headersAtPhone: added }) })).toMatchObject({ verdict: 'inconclusive', why });
    expect(verdictOn({ seen: suppressed({ headersAtPhone: added }) })).toMatchObject({ verdict: 'inconclusive', why });
  });
});

describe('a control that carried a header', () => {
  it('is no control', () => {
    const control = withCaller(diverted(), { headersSent: ['Ms-Target-Class: secondary'] });
    expect(verdictOn({ control }).why).toMatch(/inconclusive itself: the INVITE on record carries/);
  });
});

describe('a phone that stayed silent', () => {
  const silent = (over: Partial<Observation> = {}): Observation =>
    suppressed({ legs: [], headersAtPhone: null, ...over });
  const alive = suppressed().phoneCanary;

  it('accuses the server where phones were alive before and after', () => {
    expect(verdictOn({ seen: silent() })).toMatchObject({
      verdict: 'fail',
      why: expect.stringContaining('over-blocked'),
    });
  });

  it.for([
    ['there was no canary before', { phoneCanary: { ...alive, before: null } }, 'phones may be dead'],
    [
      'the canary before got nowhere',
      { phoneCanary: { ...alive, before: { sentMs: -9, reachedMs: null } } },
      'phones may be dead',
    ],
    ['there was no canary after', { phoneCanary: { ...alive, after: null } }, 'phones may have died'],
    [
      'the canary after got nowhere',
      { phoneCanary: { ...alive, after: { sentMs: 9, reachedMs: null } } },
      'phones may have died',
    ],
    [
      'the header gets to no phone',
      { headerCanary: canary({ outcome: 'silent', seen: 'final 408' }) },
      'not refused (final 408)',
    ],
    [
      'something unknown came to it',
      { strays: [{ atMs: 5, at: 'phone', kind: 'call', text: 'INVITE x' }] },
      'names no call of this run',
    ],
    [
      'bytes that cannot be read came to it',
      { strays: [{ atMs: 5, at: 'phone', kind: 'bytes', text: '9 bytes' }] },
      'names no call of this run',
    ],
  ] as const)('accuses nobody when %s', ([, over, why]) => {
    for (const callee of ['rings', 'answers'] as const) {
      expect(verdictOn({ seen: silent(over), expected: { ...mustSuppress, callee } })).toMatchObject({
        verdict: 'inconclusive',
        why: expect.stringMatching(new RegExp(`^over-blocked: .*; but .*${why.replace(/[()]/g, '\\$&')}`)),
      });
    }
  });

  it.for([
    ['the server refuses the header at once', { headerCanary: canary({ outcome: 'refused', seen: 'final 403' }) }],
    ['no canary could carry the header', { headerCanary: null }],
    ['a notice came to it', { strays: [{ atMs: 5, at: 'phone', kind: 'notice', text: 'NOTIFY x' }] }],
    ['something came to somebody else', { strays: [{ atMs: 5, at: 'team', kind: 'call', text: 'INVITE x' }] }],
  ] as const)('accuses the server also when %s', ([, over]) => {
    expect(verdictOn({ seen: silent(over) }).verdict).toBe('fail');
  });

  it('is what some sources demand', () => {
    const expected = { ...mustSuppress, callee: 'silent' as const };
    expect(verdictOn({ seen: silent({ phoneCanary: { before: null, after: null } }), expected }).verdict).toBe('pass');
    expect(verdictOn({ expected }).verdict).toBe('fail');
  });
});

describe('a phone that answered', () => {
  it('has rung', () => {
    const seen = suppressed({ legs: [leg('phone', { rang: false, result: 'open', endMs: 100, status: null })] });
    expect(verdictOn({ seen, expected: { ...mustSuppress, callee: 'unspecified' } })).toMatchObject({
      calleeRang: false,
    });
  });
});

describe('a caller who is to hang up while it rings', () => {
  const hangsUp = { ...scenario, caller: 'hang-up-while-ringing' as const };
  const heard = (status: number, cancelledMs: number | null, rang = true): Observation =>
    withCaller(suppressed({ legs: [leg('phone', { rang })] }), {
      provisionals: [{ status, atMs: 5, known: true }],
      cancelledMs,
    });
  const expected = { ...mustSuppress, callee: 'unspecified' as const };

  it('has not done its part when it was not told of the ringing', () => {
    expect(verdictOn({ scenario: hangsUp, seen: heard(100, null), expected })).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('was not told that the callee'),
    });
  });

  it('has heard it when one of several responses told it, and only its own phone counts', () => {
    const two = (own: Observation, ...legs: Observation['legs']): Observation => ({ ...own, legs });
    const told = withCaller(suppressed(), {
      provisionals: [100, 180].map((status) => ({ status, atMs: 5, known: true })),
      cancelledMs: null,
    });
    const why = (seen: Observation) => verdictOn({ scenario: hangsUp, seen, expected }).why ?? '';
    expect(why(told)).not.toContain('was not told');
    const silent = heard(100, null, false);
    // Cancelled too soon to tell what it would have done.
    const short = { rang: false, startMs: 3, endMs: 103 };
    expect(why(two(silent, leg('phone', short), leg('team')))).not.toContain('was not told');
    expect(why(two(silent, leg('phone', short)))).not.toContain('was not told');
    expect(why(two(silent, leg('phone'), leg('team', short)))).toContain('was not told');
  });

  it.for([
    ['it was told', hangsUp, heard(180, null)],
    ['it hung up', hangsUp, heard(183, 205)],
    ['nothing rang', hangsUp, heard(100, null, false)],
    ['it was to wait', scenario, heard(100, null)],
  ] as const)('but has when %s', ([, asked, seen]) => {
    expect(verdictOn({ scenario: asked, seen, expected }).why ?? '').not.toContain('was not told');
  });
});

describe('a run that was cancelled', () => {
  const cancelled = { troubles: [CANCELLED_BEFORE] };
  const { caller } = suppressed();
  const never = { ...cancelled, startedAtEpochMs: null, caller: { ...caller, finalStatus: null } };

  it('is no fault of the lab, which is not asked about a call that was not placed', () => {
    expect(verdictOn({ seen: suppressed(never) })).toMatchObject({
      why: 'cancelled before this call',
      checks: [
        { id: 'playable', holds: true },
        { id: 'lab', holds: null, seen: 'it was not asked' },
        { id: 'invite', holds: false, seen: 'cancelled before this call' },
        { id: 'in-time' },
      ],
    });
  });

  it('excuses no call that was placed', () => {
    const { why, checks } = verdictOn({ seen: suppressed(cancelled) });
    expect(why).toBe('cancelled before this call');
    expect(checks).toContainEqual({ id: 'lab', holds: false, seen: 'cancelled before this call' });
    expect(checks).toContainEqual({ id: 'final', holds: true, seen: 'final 480' });
  });
});

describe('a phone of ours that did not do its part', () => {
  const toAnswer = { ...scenario, callee: { answerAfterMs: 150 } };
  const silent = leg('phone', { endMs: null, rang: false, result: 'open', status: null });

  it.for([
    [
      'was late where it had said nothing to the end',
      scenario,
      silent,
      'ring unanswered (180), but it was silent to',
      true,
    ],
    [
      'was not late where it refused',
      toAnswer,
      leg('phone', { result: 'refused', status: 486 }),
      'answer (200), but',
      false,
    ],
  ] as const)('%s', ([, asked, phone, why, late]) => {
    const judged = verdictOn({ scenario: asked, seen: suppressed({ legs: [phone] }), control: null });
    expect(judged).toMatchObject({ verdict: 'inconclusive', late });
    expect(judged.why).toContain(`the callee's phone was to ${why}`);
  });
});
