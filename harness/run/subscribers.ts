import type { Registration } from '../endpoints/phone.ts';
import type { PhoneBehaviour, PolicyId, RoutingList, SubscriberSettings } from '../model/scenario.ts';
import type { SipAddress, Subscriber } from '../model/server.ts';
import { type CallKey, domainOf, PARTY_OF_LIST, type Party, userName } from './identity.ts';

/** The accounts that one call needs: the callee's, and those of the team members or delegates that it may ring. */
export interface Accounts {
  readonly subscribers: readonly Subscriber[];
  /** Phones to REGISTER, by the role whose address they register. */
  readonly phones: readonly (Registration & { readonly role: 'phone' | 'team' | 'delegate' })[];
}

export interface AccountsInput {
  readonly key: CallKey;
  readonly policy: PolicyId;
  readonly settings: SubscriberSettings;
  readonly callee: PhoneBehaviour;
  readonly password: string;
  /** Addresses outside the domain: where forwarded calls and simultaneous-ring phones are. */
  readonly outside: { readonly forward: SipAddress; readonly mobile: SipAddress };
}

const REGISTERED_PARTIES: Readonly<Partial<Record<RoutingList, 'team' | 'delegate'>>> = {
  team: 'team',
  delegates: 'delegate',
};

export function accountsFor(input: AccountsInput): Accounts {
  const { key, policy, settings, password } = input;
  const domain = domainOf(policy);
  const callee = userName('alice', key);
  const listed = (list: RoutingList): string[] => (settings.lists.includes(list) ? [addressOf(list, input)] : []);
  const owner: Subscriber = {
    user: callee,
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
  const members = settings.lists.flatMap((list) => REGISTERED_PARTIES[list] ?? []);
  return {
    subscribers: [owner, ...members.map((party) => member(userName(party, key), input))],
    phones: [
      ...(input.callee === 'unregistered' ? [] : [{ role: 'phone' as const, user: callee, domain, password }]),
      ...members.map((party) => ({ role: party, user: userName(party, key), domain, password })),
    ],
  };
}

/** A colleague has an account with no rules of its own. */
function member(user: string, { policy, password, settings }: AccountsInput): Subscriber {
  const lists = { forwardto: [], simultaneous_ring: [], team: [], delegates: [], breakthrough: [] };
  return { user, policy, password, flags: [], lists, waits: settings.waits, voicemail: false, doNotDisturb: false };
}

function addressOf(list: RoutingList, { key, policy, outside }: AccountsInput): string {
  const party: Party = PARTY_OF_LIST[list];
  const user = userName(party, key);
  if (party !== 'forward' && party !== 'mobile') return `sip:${user}@${domainOf(policy)}`;
  const { host, port } = outside[party];
  return `sip:${user}@${host}:${port}`;
}
