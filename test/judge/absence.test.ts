/** That a trap was not reached: what shows that it would have been seen. */
import { describe, expect, it } from 'vitest';
import { absence } from '../../harness/judge/absence.ts';
import type { Check, CheckId } from '../../harness/model/checks.ts';
import type { CanarySighting, InnerVoicemail, Observation } from '../../harness/model/observation.ts';
import type { Trap } from '../../harness/model/scenario.ts';
import { diverted, leg, scenario, suppressed } from '../helpers/observations.ts';
import { verdictOn } from './case.ts';

const twoTraps = { ...scenario, otherTraps: ['team'] } as const;

function checkOf(wanted: CheckId, ...args: Parameters<typeof absence>): Omit<Check, 'id'> | undefined {
  return absence(...args).flatMap(({ id, ...found }) => (id === wanted ? [found] : []))[0];
}

describe('a canary before the call', () => {
  const withCanary = (over: CanarySighting | null): Observation =>
    suppressed({ canary: { ...suppressed().canary, before: over } });
  const saidOf = (over: Partial<CanarySighting>) =>
    checkOf('canary-before', withCanary({ sentMs: -10, reachedMs: null, ...over }), scenario, 'suppressed');

  it.for([
    ['a moment before the INVITE', { reachedMs: -1 }, '1 ms before the INVITE, 9 ms under way'],
    ['with the INVITE', { reachedMs: 0 }, '0 ms after the INVITE, 10 ms under way'],
    ['a moment after it', { reachedMs: 1 }, '1 ms after the INVITE, 11 ms under way'],
    [
      'inside of the server',
      { reachedMs: -1, by: ['mailbox', 'fingerprint'] },
      '1 ms before the INVITE, 9 ms under way, as shown by mailbox, fingerprint',
    ],
  ] as const)('reached the trap %s', ([, over, said]) => {
    expect(saidOf(over)).toEqual({ holds: true, seen: `a canary reached voice mail ${said}` });
  });

  it.for([
    ['and nobody says why', {}, ''],
    ['and what its caller saw is said', { failed: 'for alice: 503' }, ' (for alice: 503)'],
  ] as const)('did not reach it, %s', ([, over, why]) => {
    expect(saidOf(over)).toEqual({
      holds: false,
      seen: `no canary reached voice mail before the call${why}: the trap may be dead`,
    });
  });

  it('is needed of every trap of the situation', () => {
    expect(checkOf('canary-before', withCanary(null), twoTraps, 'suppressed')).toEqual({
      holds: false,
      seen: 'no canary reached voice mail and the team phone before the call: the trap may be dead',
    });
  });

  it('proves nothing, and need not, where it is not known whether the trap was reached', () => {
    expect(checkOf('canary-before', suppressed(), scenario, 'unknown')?.holds).toBeNull();
  });
});

describe('what came to a further trap of the situation and names no call', () => {
  const stray = { atMs: 610, at: 'team', kind: 'call', text: 'INVITE sip:x@y SIP/2.0' } as const;
  const strays = [stray];

  it('may be of this one', () => {
    expect(checkOf('strays', suppressed({ strays }), twoTraps, 'suppressed')).toEqual({
      holds: false,
      seen: '"INVITE sip:x@y SIP/2.0" came to team 610 ms after the INVITE and names no call of this run: it may have been of this one',
    });
  });

  it('does not matter where the situation is not about it', () => {
    expect(checkOf('strays', suppressed({ strays }), scenario, 'suppressed')?.holds).toBe(true);
  });
});

describe('a voice mail inside of the server', () => {
  const nothing: InnerVoicemail = { arrivals: [], shown: ['mailbox', 'fingerprint'], doubt: null };
  const NOTHING_OF_IT =
    'mailbox, fingerprint, by which canaries have shown voice mail on both sides: nothing of this call';
  const NOT_LOOKED_FOR =
    'nothing that canaries have shown voice mail by, before the call and after it, was looked for throughout';
  const forbidden = { voicemail: { outcome: 'suppressed', claims: ['b'] } } as const;
  const demanded = { voicemail: { outcome: 'engaged', claims: ['b'] } } as const;
  const about = (trap: Trap) => ({ ...scenario, trap });
  const withInner = (over: Partial<InnerVoicemail>) => suppressed({ innerVoicemail: { ...nothing, ...over } });
  const innerOf = (...args: Parameters<typeof absence>) => checkOf('inner-voicemail', ...args);

  it.for([
    ['left nothing', {}, true, NOTHING_OF_IT],
    ['was not looked for', { shown: [] }, false, NOT_LOOKED_FOR],
    ['may have taken it', { doubt: 'it looks alike' }, false, 'it looks alike'],
    ['may have taken it, and was not looked for', { shown: [], doubt: 'it looks alike' }, false, 'it looks alike'],
  ] as const)('%s', ([, over, holds, seen]) => {
    expect(innerOf(withInner(over), scenario, 'suppressed')).toEqual({ holds, seen });
    expect(innerOf(withInner(over), scenario, 'unknown'), 'which does not matter').toEqual({ holds: null, seen });
    expect(verdictOn({ seen: withInner(over) }).verdict).toBe(holds ? 'pass' : 'inconclusive');
  });

  it('took the call, as all that shows it says', () => {
    const arrivals = [
      { by: 'mailbox', atMs: 900, seen: 'the mailbox rose' },
      { by: 'fingerprint', atMs: 610, seen: 'the answer is alike' },
    ] as const;
    const seen = diverted({ legs: [leg('phone')], innerVoicemail: { ...nothing, arrivals, doubt: 'it is odd' } });
    expect(innerOf(seen, scenario, 'engaged')).toEqual({
      holds: null,
      seen: 'the mailbox rose; and the answer is alike',
    });
  });

  it('is asked of where another trap is what the situation is about, and the sources forbid both', () => {
    expect(innerOf(withInner({}), about('team'), 'suppressed', forbidden)).toEqual({
      holds: true,
      seen: NOTHING_OF_IT,
    });
    expect(innerOf(withInner({}), about('team'), 'suppressed', demanded)).toBeUndefined();
    expect(innerOf(withInner({}), about('team'), 'suppressed')).toBeUndefined();
  });

  it('needs no canary of its own where another trap is what the situation is about', () => {
    expect(innerOf(withInner({ shown: [] }), about('team'), 'suppressed', forbidden)).toEqual({
      holds: true,
      seen: 'it was not looked for, and nobody took the call but those on record',
    });
    const doubted = withInner({ shown: [], doubt: 'it looks alike' });
    expect(innerOf(doubted, about('team'), 'suppressed', forbidden)).toEqual({ holds: false, seen: 'it looks alike' });
  });

  it('is not asked of where voice mail is an endpoint of the lab', () => {
    expect(innerOf(suppressed(), scenario, 'suppressed')).toBeUndefined();
  });
});
