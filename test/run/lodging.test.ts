import { describe, expect, it } from 'vitest';
import type { AccountSet, Lender } from '../../harness/model/accounts.ts';
import type { HeaderVariant } from '../../harness/model/scenario.ts';
import type { PlacedCell } from '../../harness/run/call-groups.ts';
import { cellKey } from '../../harness/run/identity.ts';
import { Lodging } from '../../harness/run/lodging.ts';
import { type ListedSet, lenderOf } from '../../harness/servers/lending.ts';
import { scenario } from '../helpers/observations.ts';

const { waits, ...settings } = scenario.subscriber;
const slow = { ...waits, totalMs: 20_000 };
const set = (user: string, over: Partial<ListedSet> = {}): ListedSet => ({
  for: 'call',
  policy: 'plain',
  callee: { user, domain: 'plain.test', password: 'x' },
  members: {},
  settings,
  waits,
  ...over,
});
const variant: HeaderVariant = { id: 'none', title: 'x', kind: 'control', claims: [], headers: [] };
const placed = (number: number, control: string | null = null): PlacedCell => ({
  key: cellKey('k3f9', number),
  cell: {
    id: `cell ${number}`,
    server: 'x',
    policy: 'plain',
    scenario,
    variant,
    transport: 'udp',
    path: 'direct',
    control,
  },
});
const usersOf = (calls: readonly PlacedCell[]): (string | undefined)[] => calls.map(({ lent }) => lent?.callee.user);
const going = new AbortController().signal;

describe('lodging', () => {
  it('lends as many sets as there are, and the next when they come back', async () => {
    const lodging = new Lodging(lenderOf([set('bob'), set('bea')]));
    const first = await lodging.lend(
      [1, 2, 3].map((each) => placed(each)),
      going,
    );
    expect(usersOf(first)).toEqual(['bob', 'bea']);
    const waiting = lodging.lend([placed(3)], going);
    lodging.giveBack(first.slice(1));
    expect(usersOf(await waiting)).toEqual(['bea']);
  });

  it('tells when a call had its accounts', async () => {
    const lodging = new Lodging(lenderOf([set('bob')]));
    const [one] = await lodging.lend([placed(1)], going);
    if (one === undefined) throw new Error('nothing lent');
    const users = [{ party: 'alice', user: 'bob' }];
    expect(lodging.take()).toEqual([{ key: one.key, users, fromEpochMs: expect.any(Number), untilEpochMs: null }]);
    lodging.giveBack([one]);
    expect(lodging.take()).toEqual([
      { key: one.key, users, fromEpochMs: expect.any(Number), untilEpochMs: expect.any(Number) },
    ]);
    expect(lodging.take()).toEqual([]);
  });

  it('reckons with the waits of the accounts, the same for all that are held against each other', async () => {
    const lodging = new Lodging(lenderOf([set('bob', { waits: slow }), set('bea'), set('ben', { waits: slow })]));
    const lent = await lodging.lend([placed(1), placed(2, 'cell 1'), placed(3, 'cell 1'), placed(4)], going);
    expect(lent.map(({ key, lent: own, cell }) => [key, own?.callee.user, cell.scenario.subscriber.waits])).toEqual([
      ['k3f9-1', 'bob', slow],
      ['k3f9-2', 'ben', slow],
      ['k3f9-4', 'bea', waits],
    ]);
  });

  it('says so when no set will come back', async () => {
    const lodging = new Lodging(lenderOf([set('bob')]));
    const lent = await lodging.lend([placed(1)], going);
    const waiting = lodging.lend([placed(2)], going);
    lodging.abandon(lent);
    await expect(waiting).rejects.toThrow('no account is left for cell 2: calls that never ended');
  });

  it('ends with the run', async () => {
    const lodging = new Lodging(lenderOf([set('bob')]));
    await lodging.lend([placed(1)], going);
    const run = new AbortController();
    const waiting = lodging.lend([placed(2)], run.signal);
    run.abort();
    lodging.end();
    expect(await waiting).toEqual([]);
  });

  it('asks for what a cell is about', () => {
    const asked: unknown[] = [];
    const lender: Lender = {
      lacks: (need) => {
        asked.push(need);
        return 'it has none';
      },
      lend: (): AccountSet | null => null,
      giveBack: () => {},
    };
    expect(new Lodging(lender).lacks(placed(1).cell)).toBe('it has none');
    expect(asked).toEqual([{ for: 'call', policy: 'plain', settings: scenario.subscriber, waits: null }]);
  });
});
