import type { Registration } from '../endpoints/phone.ts';
import type { PhoneBehaviour, RoutingList, SubscriberSettings } from '../model/scenario.ts';
import type { SipAddress, Subscriber } from '../model/server.ts';
import { domainOf, type PhoneRole } from '../model/words.ts';
import { calleeOf, type Lodger, memberUser } from './lodger.ts';

/** The accounts that one call needs: the callee's, and those of the team members or delegates that it may ring. */
export interface CallAccounts {
  readonly subscribers: readonly Subscriber[];
  /** Phones to REGISTER, by the role whose address they register. */
  readonly phones: readonly (Registration & { readonly role: PhoneRole })[];
}

export interface AccountsInput extends Lodger {
  readonly settings: SubscriberSettings;
  readonly callee: PhoneBehaviour;
  /** Of accounts that are made. */
  readonly password: string;
  /** Addresses outside the domain: where forwarded calls and simultaneous-ring phones are. */
  readonly outside: { readonly forward: SipAddress; readonly mobile: SipAddress };
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
  };
  const members = settings.lists.flatMap((list) => {
    const phone = phoneOf(list, input);
    return phone === null ? [] : [phone];
  });
  const away = input.callee === 'unregistered';
  return {
    subscribers: [owner, ...members.map((phone) => member(phone, input))],
    phones: [
      // An account that others had before may still have their phone.
      ...(away && lent === undefined ? [] : [{ role: 'phone' as const, ...callee, password, ...(away && { away }) }]),
      ...members,
    ],
  };
}

/** Whether its members have accounts in the callee's domain. */
function isInside(list: RoutingList): boolean {
  return list === 'team' || list === 'delegates';
}

/** A member's phone; null where it has none that registers. */
function phoneOf(list: RoutingList, input: AccountsInput): CallAccounts['phones'][number] | null {
  const { policy, password, lent } = input;
  const role = ROLE_OF_LIST[list];
  const account = lent?.members[list];
  if (lent === undefined) {
    return isInside(list) ? { role, user: memberUser(input, list), domain: domainOf(policy), password } : null;
  }
  if (account === undefined || account.domain === null || account.password === null) return null;
  return { role, user: account.user, domain: account.domain, password: account.password };
}

/** A colleague has an account with no rules of its own. */
function member({ user, password }: Registration, { policy, settings }: AccountsInput): Subscriber {
  const lists = { forwardto: [], simultaneous_ring: [], team: [], delegates: [], breakthrough: [] };
  return { user, policy, password, flags: [], lists, waits: settings.waits, voicemail: false, doNotDisturb: false };
}

function addressOf(list: RoutingList, input: AccountsInput): string {
  const { outside, policy, lent } = input;
  const user = memberUser(input, list);
  const domain = lent?.members[list]?.domain;
  if (typeof domain === 'string') return `sip:${user}@${domain}`;
  if (isInside(list)) return `sip:${user}@${domainOf(policy)}`;
  const { host, port } = outside[list === 'forwardto' ? 'forward' : 'mobile'];
  return `sip:${user}@${host}:${port}`;
}
