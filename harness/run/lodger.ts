/** Whoever has accounts on the server, a call or a canary, and what they are called. Pure. */
import type { AccountSet } from '../model/accounts.ts';
import type { PolicyId, RoutingList } from '../model/scenario.ts';
import { domainOf, ROUTING_LISTS } from '../model/words.ts';
import type { PlacedCell } from './call-groups.ts';
import type { Tenancy } from './directory.ts';
import { type CallKey, PARTY_OF_LIST, userName } from './identity.ts';

export interface Lodger {
  readonly key: CallKey;
  readonly policy: PolicyId;
  /** The accounts that it was lent; absent where they are made for it. */
  readonly lent?: AccountSet | undefined;
}

/** The one who is called. */
export function calleeOf(whose: Lodger | PlacedCell): { readonly user: string; readonly domain: string } {
  const policy = 'cell' in whose ? whose.cell.policy : whose.policy;
  return whose.lent?.callee ?? { user: userName('alice', whose.key), domain: domainOf(policy) };
}

/** Of whoever may have a phone that registers. */
export function registeredUsers({ key, lent }: Pick<Lodger, 'key' | 'lent'>): string[] {
  if (lent === undefined) return (['alice', 'team', 'delegate'] as const).map((party) => userName(party, key));
  return [lent.callee, ...Object.values(lent.members)].flatMap(({ user, password }) =>
    password === null ? [] : [user],
  );
}

export function memberUser({ key, lent }: Pick<Lodger, 'key' | 'lent'>, list: RoutingList): string {
  return lent?.members[list]?.user ?? userName(PARTY_OF_LIST[list], key);
}

/** From the moment on in which the call was lent its accounts. */
export function tenancyOf(key: CallKey, lent: AccountSet, fromEpochMs: number): Tenancy {
  const members = ROUTING_LISTS.flatMap((list) => {
    const user = lent.members[list]?.user;
    return user === undefined ? [] : [{ party: PARTY_OF_LIST[list], user }];
  });
  return { key, users: [{ party: 'alice', user: lent.callee.user }, ...members], fromEpochMs, untilEpochMs: null };
}
