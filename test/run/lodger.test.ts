import { describe, expect, it } from 'vitest';
import type { AccountSet } from '../../harness/model/accounts.ts';
import { cellKey } from '../../harness/run/identity.ts';
import { calleeOf, memberUser, registeredUsers, tenancyOf } from '../../harness/run/lodger.ts';
import { subscriber } from '../../scenarios/subscriber.ts';
import { cell } from './call-record.ts';

const key = cellKey('k3f9', 17);
const lent: AccountSet = {
  callee: { user: 'bob', domain: 'example.org', password: 'x' },
  members: {
    forwardto: { user: '+442079460123', domain: null, password: null },
    team: { user: 'tom', domain: 'example.org', password: 'y' },
  },
  waits: subscriber.waits,
};

describe('a lodger', () => {
  it('has names of its own where accounts are made', () => {
    const made = { key, policy: 'ms-sipre' } as const;
    expect(calleeOf(made)).toEqual({ user: 'alice-k3f9-17', domain: 'ms-sipre.test' });
    expect(calleeOf({ key, cell })).toEqual(calleeOf(made));
    expect(registeredUsers(made)).toEqual(['alice-k3f9-17', 'team-k3f9-17', 'delegate-k3f9-17']);
    expect(memberUser(made, 'forwardto')).toBe('forward-k3f9-17');
  });

  it('has the names that it was lent', () => {
    const lodger = { key, policy: 'ms-sipre', lent } as const;
    expect(calleeOf(lodger)).toMatchObject({ user: 'bob', domain: 'example.org' });
    expect(registeredUsers(lodger)).toEqual(['bob', 'tom']); // a number outside registers nowhere
    expect(memberUser(lodger, 'forwardto')).toBe('+442079460123');
    expect(memberUser(lodger, 'delegates')).toBe('delegate-k3f9-17');
  });

  it('has them from a moment on, each with its part', () => {
    expect(tenancyOf(key, lent, 5)).toEqual({
      key,
      users: [
        { party: 'alice', user: 'bob' },
        { party: 'forward', user: '+442079460123' },
        { party: 'team', user: 'tom' },
      ],
      fromEpochMs: 5,
      untilEpochMs: null,
    });
  });
});
