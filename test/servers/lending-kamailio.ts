/** The bundled Kamailio as a server whose accounts somebody has set up: ordinary names, a few sets, nothing made as it is wanted. */
import { LabError } from '../../harness/errors.ts';
import type { Account } from '../../harness/model/accounts.ts';
import type { RoutingList, SubscriberSettings } from '../../harness/model/scenario.ts';
import { KAMAILIO } from '../../harness/servers/kamailio/kamailio.ts';
import { type ListedSet, lenderOf } from '../../harness/servers/lending.ts';
import type { Server } from '../../harness/servers/server.ts';
import { subscriber } from '../../scenarios/subscriber.ts';

export const POLICY = 'ms-sipre';
const DOMAIN = `${POLICY}.test`;
const { waits, ...NO_RULES } = subscriber;

export const TEAM = { flags: ['team_ring'], lists: ['team'] } as const;
export const FORWARD = { flags: ['enablecf'], lists: ['forwardto'] } as const;
const AT_ONCE = { flags: ['forward_immediate'], lists: [] } as const;
const FORWARD_AT_ONCE = { flags: ['forward_immediate', 'enablecf'], lists: ['forwardto'] } as const;

/** Someone with these rules; whoever they name is called like him, with a number behind. */
export function account(
  user: string,
  rules: Pick<SubscriberSettings, 'flags' | 'lists'> = { flags: [], lists: [] },
  use: ListedSet['for'] = 'call',
): ListedSet {
  const memberOf = (list: RoutingList, index: number): Account => {
    const isInside = list === 'team' || list === 'delegates';
    return {
      user: `${user}${index + 2}`,
      domain: isInside ? DOMAIN : null,
      password: isInside ? 'secret' : null,
    };
  };
  return {
    for: use,
    policy: POLICY,
    callee: { user, domain: DOMAIN, password: `of ${user}` },
    members: Object.fromEntries(rules.lists.map((list, index) => [list, memberOf(list, index)])),
    settings: { ...NO_RULES, ...rules },
    waits,
  };
}

export const CANARIES: readonly ListedSet[] = [
  account('carl', AT_ONCE, 'canary'),
  account('carla', { flags: [], lists: [] }, 'canary'),
  account('cecil', TEAM, 'canary'),
  account('cora', FORWARD_AT_ONCE, 'canary'),
];

/** For a call that nobody answers, by which the server's timers are watched. */
export const TIMER: ListedSet = account('carol', { flags: [], lists: [] }, 'canary');

/** The accounts are set up once, when they are first needed, and stay as they are. */
export function lendingKamailio(sets: readonly ListedSet[]): Server {
  return {
    ...KAMAILIO,
    id: 'lending',
    name: 'Kamailio with fixed accounts',
    bringUp: async (ground) => {
      const { provision } = await KAMAILIO.bringUp(ground);
      const setUp = new Map<string, string>();
      return {
        provision: async (subscribers) => {
          const isNew = subscribers.filter((each) => {
            const before = setUp.get(each.user);
            const wanted = JSON.stringify(each);
            if (before !== undefined && before !== wanted) {
              throw new LabError(`the account ${each.user} is fixed: it is ${before}, and is to be ${wanted}`);
            }
            setUp.set(each.user, wanted);
            return before === undefined;
          });
          await provision(isNew);
        },
        lender: lenderOf(sets),
      };
    },
  };
}
