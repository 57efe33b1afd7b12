import type { Registration } from '../endpoints/registrations.ts';
import type { Account, AccountSet } from '../model/accounts.ts';
import type { PhoneBehaviour, RoutingList, SubscriberSettings, Waits } from '../model/scenario.ts';
import { type ServerAddress, type Subscriber, transportParameter } from '../model/server.ts';
import { domainOf, type PhoneRole, ROUTING_LISTS } from '../model/words.ts';
import { calleeOf, type Lodger, memberUser } from './lodger.ts';

/** The accounts that one call needs: the callee's, and those of the team members or delegates that it may ring. */
export interface CallAccounts {
  readonly subscribers: readonly Subscriber[];
  /** The callee, one of them. */
  readonly owner: Subscriber & { readonly domain: string };
  /** Phones to REGISTER, by the role whose address they register. */
  readonly phones: readonly (Registration & { readonly role: PhoneRole })[];
}

export interface AccountsInput extends Lodger {
  readonly settings: SubscriberSettings;
  readonly callee: PhoneBehaviour;
  /** Of accounts that are made. */
  readonly password: string;
  /** Addresses outside the domain: where forwarded calls and simultaneous-ring phones are. */
  readonly outside: { readonly forward: ServerAddress; readonly mobile: ServerAddress };
}

const ROLE_OF_LIST: Readonly<Record<RoutingList, PhoneRole>> = {
  forwardto: 'forward-target',
  simultaneous_ring: 'simultaneous-ring',
  team: 'team',
  delegates: 'delegate',
};

export function accountsFor(input: AccountsInput): CallAccounts {
  const { policy, settings, lent } = input;
  const callee = calleeOf(input);
  const password = lent?.callee.password ?? input.password;
  const listed = (list: RoutingList): string[] => (settings.lists.includes(list) ? [addressOf(list, input)] : []);
  const owner: Subscriber = {
    user: callee.user,
    policy,
    password,
    flags: settings.flags,
    lists: {
      forwardto: listed('forwardto'),
      simultaneous_ring: listed('simultaneous_ring'),
      team: listed('team'),
      delegates: listed('delegates'),
      breakthrough: [],
    },
    waits: settings.waits,
    voicemail: settings.voicemail,
    doNotDisturb: settings.doNotDisturb,
    ...(settings.heedsReason && { heedsReason: true as const }),
  };
  const members = settings.lists.flatMap((list) => phoneOf(list, input) ?? []);
  const away = input.callee === 'unregistered';
  return {
    owner: { ...owner, domain: callee.domain },
    subscribers: [owner, ...members.map((phone) => member(phone, input))],
    phones: [
      // An account that others had before may still have their phone.
      ...(away && lent === undefined
        ? []
        : [{ role: 'phone' as const, ...callee, password, ...(away && { away }), ...(lent && { lent: true }) }]),
      ...members,
    ],
  };
}

/** Whether its members have accounts in the callee's domain. */
function isInside(list: RoutingList): boolean {
  return list === 'team' || list === 'delegates';
}

/** A member's phone; null where it has none that registers. */
function phoneOf(list: RoutingList, input: AccountsInput): RolePhone | null {
  const { policy, password, lent } = input;
  const role = ROLE_OF_LIST[list];
  const account = lent?.members[list];
  if (lent === undefined) {
    return isInside(list) ? { role, user: memberUser(input, list), domain: domainOf(policy), password } : null;
  }
  return account === undefined ? null : lentPhone(role, account);
}

type RolePhone = CallAccounts['phones'][number];

function lentPhone(role: PhoneRole, { user, domain, password }: Account): RolePhone | null {
  return domain === null || password === null ? null : { role, user, domain, password, lent: true };
}

/** A phone for everybody of these accounts who has one that registers. */
export function phonesOf({ callee, members }: AccountSet): RolePhone[] {
  return [
    lentPhone('phone', callee) ?? [],
    ...ROUTING_LISTS.map((list) => {
      const account = members[list];
      return (account && lentPhone(ROLE_OF_LIST[list], account)) ?? [];
    }),
  ].flat();
}

/** Nobody's question is how long a colleague rings whom an application calls for himself. */
const COLLEAGUE_WAITS: Waits = { totalMs: 5_000, userMs: 0, team2Ms: 0 };

/** A colleague has an account with no rules of its own. */
function member({ user, password }: Registration, { policy }: AccountsInput): Subscriber {
  const lists = { forwardto: [], simultaneous_ring: [], team: [], delegates: [], breakthrough: [] };
  return { user, policy, password, flags: [], lists, waits: COLLEAGUE_WAITS, voicemail: false, doNotDisturb: false };
}

function addressOf(list: RoutingList, input: AccountsInput): string {
  const { outside, policy, lent } = input;
  const user = memberUser(input, list);
  const domain = lent?.members[list]?.domain;
  if (typeof domain === 'string') return `sip:${user}@${domain}`;
  if (isInside(list)) return `sip:${user}@${domainOf(policy)}`;
  const at = outside[list === 'forwardto' ? 'forward' : 'mobile'];
  return `sip:${user}@${at.host}:${at.port}${transportParameter(at)}`;
}
