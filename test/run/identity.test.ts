import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CallKey,
  canaryKey,
  cellKey,
  domainOf,
  keyOfUser,
  PARTY_OF_LIST,
  type Party,
  userName,
} from '../../harness/run/identity.ts';

const TOKEN = 'k3f9';
const parties: readonly Party[] = ['alice', ...Object.values(PARTY_OF_LIST)];

describe('who is who', () => {
  it('is written in the user name: party, run, number of the call or the canary', () => {
    expect(userName('alice', cellKey(TOKEN, 17))).toBe('alice-k3f9-17');
    expect(userName('team', cellKey(TOKEN, 17))).toBe('team-k3f9-17');
    expect(userName('alice', canaryKey(TOKEN, 4))).toBe('alice-k3f9-c4');
    expect(domainOf('ms-sipre')).toBe('ms-sipre.test');
  });

  it('has another party in each list of the preamble, and the callee in none', () => {
    expect(PARTY_OF_LIST).toEqual({
      forwardto: 'forward',
      simultaneous_ring: 'mobile',
      team: 'team',
      delegates: 'delegate',
    });
  });
});

describe('keyOfUser', () => {
  const token = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const key = (of: string) =>
    fc.tuple(fc.nat(), fc.boolean()).map(([index, canary]) => (canary ? canaryKey : cellKey)(of, index));
  const run = token.chain((each) => fc.tuple(fc.constant(each), key(each)));

  it('finds the call of every party of this run', () => {
    fc.assert(
      fc.property(run, fc.constantFrom(...parties), ([of, call], party) => {
        expect(keyOfUser(userName(party, call), of)).toBe(call);
      }),
    );
  });

  it('knows no party of another run', () => {
    fc.assert(
      fc.property(run, token, fc.constantFrom(...parties), ([of, call], other, party) => {
        fc.pre(other !== of);
        expect(keyOfUser(userName(party, call), other)).toBeNull();
      }),
    );
  });

  it('keeps cells and canaries of one number apart', () => {
    const keys: CallKey[] = [cellKey(TOKEN, 4), canaryKey(TOKEN, 4)];
    expect(keys.map((each) => keyOfUser(userName('alice', each), TOKEN))).toEqual(['k3f9-4', 'k3f9-c4']);
  });

  it.for([
    'alice',
    'alice-k3f9',
    'alice-k3f9-',
    'alice-k3f9-c',
    'alice-k3f9-x4',
    'alice-k3f9-cc4',
    'alice-k3f9-4x',
    'alice-k3f9-4-5',
    '-k3f9-4',
    'k3f9-4',
    'alice--4',
    'alice-K3F9-4',
    'Alice-k3f9-4',
    'alice2-k3f9-4',
    'x.alice-k3f9-4',
    ' alice-k3f9-4',
    'alice-k3f9-4 ',
    '',
  ])('takes "%s" for nobody', (user) => {
    expect(keyOfUser(user, TOKEN)).toBeNull();
  });
});
