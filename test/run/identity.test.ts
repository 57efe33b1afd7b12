import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domainOf } from '../../harness/model/words.ts';
import {
  canaryKey,
  cellKey,
  isCanaryKey,
  PARTY_OF_LIST,
  type Party,
  partiesNamed,
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

describe('isCanaryKey', () => {
  it('tells canaries from calls', () => {
    expect(isCanaryKey(canaryKey('cc4c', 4))).toBe(true);
    expect(isCanaryKey(cellKey('cc4c', 4))).toBe(false);
  });
});

describe('partiesNamed', () => {
  const token = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const key = (of: string) =>
    fc.tuple(fc.nat(), fc.boolean()).map(([index, canary]) => (canary ? canaryKey : cellKey)(of, index));
  const run = token.chain((each) => fc.tuple(fc.constant(each), key(each)));
  const keysIn = (text: string, of = TOKEN): string[] => partiesNamed(text, of).map((each) => each.key);

  it('finds every party of this run, whatever stands around it', () => {
    fc.assert(
      fc.property(run, fc.constantFrom(...parties), ([of, call], party) => {
        expect(partiesNamed(`X: <sip:+${userName(party, call)};x=y@127.0.0.1>`, of)).toEqual([{ party, key: call }]);
      }),
    );
  });

  it('finds it escaped, and in upper case', () => {
    fc.assert(
      fc.property(run, fc.constantFrom(...parties), ([of, call], party) => {
        const user = userName(party, call);
        const escaped = [...user].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('');
        expect(keysIn(escaped, of)).toEqual([call]);
        expect(keysIn(escaped.toUpperCase(), of)).toEqual([call]);
        expect(keysIn(user.toUpperCase(), of)).toEqual([call]);
      }),
    );
  });

  it('knows no party of another run', () => {
    fc.assert(
      fc.property(run, token, fc.constantFrom(...parties), ([of, call], other, party) => {
        fc.pre(other !== of);
        expect(partiesNamed(userName(party, call), other)).toEqual([]);
      }),
    );
  });

  it('finds all that are named', () => {
    const named = partiesNamed('alice-k3f9-4 forward-k3f9-5 alice-k3f8-6 delegate-k3f9-c7', TOKEN);
    expect(named.map(({ party, key: of }) => `${party} ${of}`)).toEqual([
      'alice k3f9-4',
      'forward k3f9-5',
      'delegate k3f9-c7',
    ]);
  });

  it('tells of each once, in the order in which they stand', () => {
    expect(keysIn('team-k3f9-4 alice-k3f9-5 ALICE-k3f9-5 team-k3f9-4 team-k3f9-5')).toEqual([
      'k3f9-4',
      'k3f9-5',
      'k3f9-5',
    ]);
  });

  it.for([
    'alice',
    'alice-k3f9',
    'alice-k3f9-',
    'alice-k3f9-c',
    'alice-k3f9-x4',
    'alice-k3f9-cc4',
    'k3f9-4',
    'alice--4',
    'bob-k3f9-4',
    'alice2-k3f9-4',
    'alice-k3f9x-4',
    '%1alice-k3f9',
    '%g1lice-k3f9-4',
    '',
  ])('takes "%s" for nobody', (text) => {
    expect(keysIn(text)).toEqual([]);
  });
});
