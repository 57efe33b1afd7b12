/** Whose a message is that names an account which several calls have, one after the other. */
import { describe, expect, it } from 'vitest';
import { attribute } from '../../harness/run/attribution.ts';
import { Directory } from '../../harness/run/directory.ts';
import { type CallKey, cellKey } from '../../harness/run/identity.ts';
import { tenancyOf } from '../../harness/run/lodger.ts';
import type { WireItem } from '../../harness/run/wire-log.ts';
import { subscriber } from '../../scenarios/subscriber.ts';
import { item, START_EPOCH_MS, type Written } from '../helpers/wire.ts';

const [FIRST, SECOND, OTHER] = [1, 2, 3].map((number) => cellKey('k3f9', number)) as [CallKey, CallKey, CallKey];

/** The first call has the user until 1000, the second from 2000 on; somebody else has another all the time. */
function directoryWith(user: string): Directory {
  const directory = new Directory('k3f9');
  const set = (callee: string) => ({
    callee: { user: callee, domain: 'plain.test', password: 'x' },
    members: { team: { user: `${callee}9`, domain: 'plain.test', password: 'x' } },
    waits: subscriber.waits,
  });
  const first = tenancyOf(FIRST, set(user), START_EPOCH_MS);
  directory.note(first);
  directory.note({ ...first, untilEpochMs: START_EPOCH_MS + 1000 });
  directory.note(tenancyOf(SECOND, set(user), START_EPOCH_MS + 2000));
  directory.note(tenancyOf(OTHER, set('olga'), START_EPOCH_MS));
  return directory;
}

const at = (atMs: number, written: Partial<Written>, role: WireItem['role'] = 'voicemail'): WireItem =>
  item(role, 'in', atMs, {
    line: 'INVITE sip:voicemail@127.0.0.3',
    callId: `b2bua-${atMs}`,
    branch: `b-${atMs}`,
    ...written,
  });
const keysOf = (directory: Directory, ...items: WireItem[]): CallKey[] => [...attribute(items, directory).calls.keys()];

describe.for([
  ['bob', 'BOB', '%62ob', 'bob;phone-context=x', '+bob'],
  ['+442079460123', '442079460123', '%2B442079460123', '+44-20-7946-0123', '+442079460123;user=phone'],
  ['1001', '+1001', '%31001', '1001;x=y', '1001:secret'],
])('a lent account called %s', ([user = '', ...spellings]) => {
  it.for([user, ...spellings])('is found as %s, wherever a URI may stand', (spelt) => {
    for (const written of [
      { line: `INVITE sip:${spelt}@127.0.0.3` },
      { to: `"x" <sips:${spelt}@plain.test>` },
      { headers: [`Diversion: <sip:${spelt}@plain.test>;reason=no-answer`] },
      {
        headers: [
          `History-Info: <sip:vm@x?History-Info=%3Csip%3A${encodeURIComponent(spelt)}%40plain.test%3E>;index=1`,
        ],
      },
    ]) {
      expect([spelt, written, keysOf(directoryWith(user), at(10, written))]).toEqual([spelt, written, [FIRST]]);
    }
  });

  it('is not found in what is no user of a URI, nor in a longer one', () => {
    const { calls, strays } = attribute(
      [
        at(10, {
          line: 'INVITE sip:127.0.0.3:1001',
          branch: `z9hG4bK-${user}`,
          callId: `${user}@127.0.0.1`,
          cseq: '1001 INVITE',
          headers: ['RSeq: 1001', `Contact: <sip:${user}7@x>, <sip:7${user}@x>`, `Subject: ${user}`],
        }),
      ],
      directoryWith(user),
    );
    expect(calls.size).toBe(0);
    expect(strays).toMatchObject([{ candidates: null }]);
  });
});

describe('a message that names an account', () => {
  const naming = { to: '<sip:bob@plain.test>' };

  it('is of the call that has it at that time', () => {
    expect(keysOf(directoryWith('bob'), at(0, naming))).toEqual([FIRST]);
    expect(keysOf(directoryWith('bob'), at(999, naming))).toEqual([FIRST]);
    expect(keysOf(directoryWith('bob'), at(2000, naming))).toEqual([SECOND]);
    expect(keysOf(directoryWith('bob'), at(50_000, { to: '<sip:bob9@plain.test>' }))).toEqual([SECOND]);
  });

  it('is looked at anew when somebody else has it', () => {
    const directory = new Directory('k3f9');
    const message = at(10, naming);
    const set = { callee: { user: 'olga', domain: 'plain.test', password: 'x' }, members: {}, waits: subscriber.waits };
    directory.note(tenancyOf(OTHER, set, START_EPOCH_MS));
    expect(keysOf(directory, message)).toEqual([]);
    directory.note(tenancyOf(FIRST, { ...set, callee: { ...set.callee, user: 'bob' } }, START_EPOCH_MS));
    expect(keysOf(directory, message)).toEqual([FIRST]);
  });

  it('is nobody`s before anybody had it', () => {
    const { calls, strays } = attribute([at(-1, naming)], directoryWith('bob'));
    expect([calls.size, strays]).toMatchObject([0, [{ candidates: null }]]);
  });

  it('while it is free may be anybody`s, and is told to the call that had it last', () => {
    const { calls, strays } = attribute([at(1500, naming)], directoryWith('bob'));
    expect([...calls.keys()]).toEqual([FIRST]);
    expect(strays).toMatchObject([{ candidates: null }]);
  });

  it('and another that somebody has is of that one`s call', () => {
    expect(keysOf(directoryWith('bob'), at(1500, { ...naming, line: 'INVITE sip:olga@127.0.0.3' }))).toEqual([OTHER]);
  });

  it('and another that somebody has too may be of either', () => {
    const { strays } = attribute([at(10, { ...naming, line: 'INVITE sip:olga@127.0.0.3' })], directoryWith('bob'));
    expect(strays).toMatchObject([{ candidates: new Set([OTHER, FIRST]) }]);
  });
});

describe('what is left of an earlier call', () => {
  const leg = { to: '<sip:bob@plain.test>', callId: 'leg', branch: 'b-leg' };

  it.for<[string, Partial<Written>]>([
    ['its INVITE, repeated', {}],
    ['an ACK', { line: 'ACK sip:bob@127.0.0.3', branch: 'b-2' }],
    ['a CANCEL', { line: 'CANCEL sip:bob@127.0.0.3' }],
    ['a BYE in its dialog', { line: 'BYE sip:bob@127.0.0.3', to: '<sip:bob@plain.test>;tag=1', branch: 'b-2' }],
    ['a NOTIFY in its dialog', { line: 'NOTIFY sip:bob@127.0.0.3', to: '<sip:bob@plain.test>;tag=1', branch: 'b-2' }],
    ['a response', { line: '200 OK', branch: 'b-2' }],
  ])('is its own when the next has the account: %s', ([, written]) => {
    const late = at(3000, { ...leg, ...written });
    const together = attribute([at(10, leg), late], directoryWith('bob'));
    expect([...together.calls].map(([key, messages]) => [key, messages.length])).toEqual([[FIRST, 2]]);
    // Also when the earlier call was read long ago.
    const directory = directoryWith('bob');
    attribute([at(10, leg)], directory);
    expect(keysOf(directory, late)).toEqual([FIRST]);
  });

  it('is known by what it says of the caller`s Call-ID or branch', () => {
    const directory = directoryWith('bob');
    const callId = 'k3f9g1-patient-1@127.0.0.2';
    const invite = item('caller', 'out', 5, {
      line: 'INVITE sip:bob@plain.test',
      callId,
      branch: 'z9hG4bK-k3f9g1-1-i',
    }).message;
    if (invite === null) throw new Error('no message');
    directory.rememberCallers(invite, FIRST);
    const missed = { ...leg, line: 'MESSAGE sip:bob@127.0.0.3', branch: 'new' };
    expect(keysOf(directory, at(3000, { ...missed, callId: 'm', body: `Call-ID: ${callId}` }))).toEqual([FIRST]);
    expect(
      keysOf(
        directory,
        at(3000, { ...missed, callId: 'n', headers: ['Via: SIP/2.0/UDP a;branch=z9hG4bK-k3f9g1-1-i'] }),
      ),
    ).toEqual([FIRST]);
    expect(keysOf(directory, at(3000, { ...leg, callId, branch: 'new' }))).toEqual([FIRST]);
    // Whatever a caller's Call-ID looks like.
    directory.rememberCallers({ ...invite, callId: 'odd' }, FIRST);
    expect(keysOf(directory, at(3000, { ...leg, callId: 'odd', branch: 'new' }))).toEqual([FIRST]);
  });

  it('may be either`s where something new comes under its Call-ID', () => {
    for (const line of ['INVITE sip:bob@127.0.0.3', 'NOTIFY sip:bob@127.0.0.3']) {
      const { calls, strays } = attribute(
        [at(10, leg), at(3000, { ...leg, line, branch: 'new' })],
        directoryWith('bob'),
      );
      expect(calls.get(SECOND)).toBeUndefined();
      expect(calls.get(FIRST)).toHaveLength(1);
      expect(strays).toMatchObject([{ candidates: new Set([FIRST, SECOND]) }]);
    }
  });

  it('may be anybody`s where something new comes under its Call-ID and names nobody', () => {
    const unnamed = at(3000, { callId: 'leg', branch: 'new' });
    const { calls, strays } = attribute([at(10, leg), unnamed], directoryWith('bob'));
    expect(calls.get(FIRST)).toHaveLength(1);
    expect(strays).toMatchObject([{ candidates: null }]);
    // While the call still has its account it is its own, as in any dialog.
    const inTime = attribute([at(10, leg), at(500, { callId: 'leg', branch: 'new' })], directoryWith('bob'));
    expect([...inTime.calls].map(([key, messages]) => [key, messages.length])).toEqual([[FIRST, 2]]);
  });
});

describe('the directory', () => {
  const known = directoryWith('bob');

  it('says whose a user is by itself', () => {
    const of = (user: string, atMs: number) => known.ofUser(user, START_EPOCH_MS + atMs);
    expect(of('BOB;x=y', 0)).toEqual([{ party: 'alice', key: FIRST }]);
    expect(of('bob9', 999)).toEqual([{ party: 'team', key: FIRST }]);
    expect(of('bob', 1000)).toEqual([{ party: 'alice', key: FIRST, past: true }]);
    expect(of('bob', 2000)).toEqual([{ party: 'alice', key: SECOND }]);
    expect(of('bob', -1)).toEqual([]);
    expect(of('ben', 0)).toEqual([]);
    expect(of('alice-k3f9-7', 0)).toEqual([{ party: 'alice', key: 'k3f9-7' }]);
  });

  it('says from when to when a call had its accounts', () => {
    const has = (key: CallKey, atMs: number) => known.isTenant(key, START_EPOCH_MS + atMs);
    expect([-1, 0, 999, 1000, 2000].map((atMs) => has(FIRST, atMs))).toEqual([false, true, true, false, false]);
    expect([1999, 2000, 90_000].map((atMs) => has(SECOND, atMs))).toEqual([false, true, true]);
    expect(has(cellKey('k3f9', 4), 0)).toBe(false);
  });

  it('keeps what callers said where accounts are lent, and lets it go where their names say enough', () => {
    const invite = item('caller', 'out', 5, { line: 'INVITE sip:bob@plain.test', callId: 'c', branch: 'b' }).message;
    if (invite === null) throw new Error('no message');
    for (const [directory, kept] of [
      [new Directory('k3f9'), false],
      [directoryWith('bob'), true],
    ] as const) {
      directory.rememberCallers(invite, FIRST);
      expect(directory.callOf(invite)).toEqual({ key: FIRST, isSure: true });
      expect(directory.callsOf({ branches: ['b', 'x'], callIds: ['c', 'x'] })).toEqual([FIRST, FIRST]);
      directory.forgetCallers(invite);
      expect(directory.callOf(invite) !== null).toBe(kept);
      expect(directory.callsOf({ branches: ['b'], callIds: ['c'] })).toHaveLength(kept ? 2 : 0);
    }
  });
});
