import { describe, expect, it } from 'vitest';
import type { AccountsNeed } from '../../harness/model/accounts.ts';
import { type ListedSet, lenderOf } from '../../harness/servers/lending.ts';
import { subscriber } from '../../scenarios/subscriber.ts';

const { waits, ...plain } = subscriber;
const listed = (user: string, over: Partial<ListedSet> = {}): ListedSet => ({
  for: 'call',
  policy: 'plain',
  callee: { user, domain: 'plain.test', password: 'x' },
  members: {},
  settings: plain,
  waits,
  ...over,
});
const need = (over: Partial<AccountsNeed> = {}): AccountsNeed => ({
  for: 'call',
  policy: 'plain',
  settings: subscriber,
  waits: null,
  ...over,
});
const team: ListedSet['settings'] = { ...plain, flags: ['team_ring'], lists: ['team'] };
const withTeam = listed('carol', {
  settings: team,
  members: { team: { user: 'dave', domain: 'plain.test', password: 'x' } },
});

describe('a lender with a list', () => {
  it('lends every set once, and again when it is given back', () => {
    const sets = [listed('alice'), listed('bob')];
    const lender = lenderOf(sets);
    const [one, two] = [lender.lend(need()), lender.lend(need())];
    expect([one, two]).toEqual(sets);
    expect(lender.lend(need())).toBeNull();
    if (two !== null) lender.giveBack(two);
    expect(lender.lend(need())).toBe(two);
  });

  it('takes nothing back that it has not lent', () => {
    const set = listed('alice');
    expect(() => lenderOf([set]).giveBack(set)).toThrow('alice is given back, and was not lent');
    expect(() => lenderOf([set]).giveBack(listed('alice'))).toThrow('was not lent');
  });

  it('lends a set with exactly these rules', () => {
    const lender = lenderOf([withTeam, listed('alice')]);
    expect(lender.lend(need())?.callee.user).toBe('alice');
    expect(lender.lend(need())).toBeNull();
    expect(lender.lacks(need())).toBeNull();
    expect(lender.lend(need({ settings: { ...team, waits } }))?.members.team?.user).toBe('dave');
  });

  it.for<[string, Partial<AccountsNeed>]>([
    ['for canaries', { for: 'canary' }],
    ['for calls, under the policy ms-sipre', { policy: 'ms-sipre' }],
    ['without voice mail', { settings: { ...subscriber, voicemail: false } }],
    ['that is do-not-disturb', { settings: { ...subscriber, doNotDisturb: true } }],
    ['whose missed calls heed the Reason of a CANCEL', { settings: { ...subscriber, heedsReason: true } }],
    [
      'with the rules delegate_ring, delegates',
      { settings: { ...subscriber, flags: ['delegate_ring'], lists: ['delegates'] } },
    ],
    ['that waits 1, 2 and 3 ms', { waits: { totalMs: 1, userMs: 2, team2Ms: 3 } }],
  ])('says what is lacking: %s', ([what, over]) => {
    const lender = lenderOf([listed('alice'), withTeam]);
    expect(lender.lacks(need(over))).toMatch(new RegExp(`^it has no account .*${what}$`));
    expect(lender.lend(need(over))).toBeNull();
  });

  it('wants an account for each rule that names one', () => {
    expect(() => lenderOf([listed('carol', { settings: team })])).toThrow('carol have the rule team and no account');
  });

  it.for(['customer', 'Canary', '%76oicemail'])('cannot have the lab`s own user %s', (user) => {
    expect(() => lenderOf([listed(user)])).toThrow(`The user ${user} is the same as`);
  });

  it.for([
    ['bob', 'BOB'],
    ['bob', '%62ob'],
    ['+442079460123', '44-20-7946-0123'],
    ['1001', '+1001'],
  ])('wants users that can be told apart: not %s and %s', ([one = '', other = '']) => {
    expect(() => lenderOf([listed(one), listed(other)])).toThrow('calls to them cannot be told apart');
    expect(() => lenderOf([listed(one), listed(`${other}2`)])).not.toThrow();
  });
});
