/** The accounts of a server of the user's: a list that is made before it starts, and lent to calls while it runs. Pure. */
import type { Account, AccountsNeed, Lender } from '../../model/accounts.ts';
import type { PolicyId, RoutingList, Scenario, SubscriberSettings, Waits } from '../../model/scenario.ts';
import { TRAPS } from '../../model/words.ts';
import { type ListedSet, lenderOf } from '../lending.ts';
import type { AskedServer } from '../server.ts';

/** Of each kind, at most: more calls than these wait for their turn. */
const SETS_OF_A_KIND = 50;
/** Of canaries: soon over, where they have to wait at all. */
const CANARY_WAITS: Waits = { totalMs: 600, userMs: 100, team2Ms: 600 };

interface Kind {
  readonly for: ListedSet['for'];
  readonly settings: Omit<SubscriberSettings, 'waits'>;
  readonly waits: Waits;
}

export interface AccountsOptions {
  readonly server: AskedServer;
  /** Of every call: one that is called a hundred times stands here as often. */
  readonly scenarios: readonly Scenario[];
  readonly policy: PolicyId;
  readonly domain: string;
  /** A new one each time. */
  readonly password: () => string;
}

/** Sets for all that the server can be asked of these calls, and for the canaries of all traps that they have. */
export function accountSets({ server, scenarios, policy, domain, password }: AccountsOptions): ListedSet[] {
  const asked = scenarios.filter((scenario) => server.lacks(scenario) === null);
  const wanted = new Map<string, { readonly kind: Kind; count: number }>();
  for (const { subscriber } of asked) {
    const { waits, ...settings } = subscriber;
    const kind: Kind = { for: 'call', settings, waits };
    const known = wanted.get(JSON.stringify(kind));
    if (known === undefined) wanted.set(JSON.stringify(kind), { kind, count: 1 });
    else known.count += 1;
  }
  const kinds = [...wanted.values()].flatMap(({ kind, count }) =>
    Array.from({ length: Math.min(count, SETS_OF_A_KIND) }, () => kind),
  );
  return [...kinds, ...canaryKinds(server, asked)].map((kind, index): ListedSet => {
    const user = `${kind.for === 'canary' ? 'probe' : 'callee'}${index + 1}`;
    const account = (name: string): Account & { readonly domain: string; readonly password: string } => ({
      user: name,
      domain,
      password: password(),
    });
    const memberOf = (list: RoutingList): Account => account(`${MEMBERS[list]}${index + 1}`);
    return {
      ...kind,
      policy,
      callee: account(user),
      members: Object.fromEntries(kind.settings.lists.map((list) => [list, memberOf(list)])),
    };
  });
}

const MEMBERS: Readonly<Record<RoutingList, string>> = {
  forwardto: 'target',
  simultaneous_ring: 'mobile',
  team: 'colleague',
  delegates: 'delegate',
};

/** One for each way to a trap, one for the phone, and one by which the server's timers are watched. */
function canaryKinds(server: AskedServer, asked: readonly Scenario[]): Kind[] {
  const traps = new Set(asked.map(({ trap }) => trap));
  if (traps.has('missed-call-inbox')) traps.add('voicemail');
  const ways = [...TRAPS.filter((trap) => traps.has(trap)), 'phone' as const].flatMap(
    (trap) => server.wayTo(trap) ?? [],
  );
  return [...ways.map(({ rules }) => rules), { flags: [], lists: [] }].map((rules) => ({
    for: 'canary',
    settings: { ...rules, voicemail: true, doNotDisturb: false },
    waits: server.waits(CANARY_WAITS),
  }));
}

/** Lends sets that were made for this run, with the waits that the situation asks for, where nobody asks for others. */
export function lenderOfKinds(sets: readonly ListedSet[]): Lender {
  const lender = lenderOf(sets);
  return {
    ...lender,
    isOurs: true,
    lend: (need) => lender.lend(need.for === 'canary' ? need : withOwnWaits(need)),
  };
}

function withOwnWaits(need: AccountsNeed): AccountsNeed {
  return { ...need, waits: need.waits ?? need.settings.waits };
}
