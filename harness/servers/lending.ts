/** Accounts that are there, as a list: for servers whose accounts somebody has set up beforehand. */
import { LabError } from '../errors.ts';
import type { AccountSet, AccountsNeed, Lender } from '../model/accounts.ts';
import type { PolicyId, SubscriberSettings } from '../model/scenario.ts';
import { plainUser } from '../model/user-name.ts';

/** A set of the list, and what it is set up for. */
export interface ListedSet extends AccountSet {
  /** Canaries keep theirs to the end of the run, so they have some of their own. */
  readonly for: AccountsNeed['for'];
  readonly policy: PolicyId;
  /** The callee's rules. Calls need these and no others: a rule more may divert. */
  readonly settings: Omit<SubscriberSettings, 'waits'>;
}

/** @throws {LabError} for a set that lacks a member which its own lists name, and for a user whom two accounts share */
export function lenderOf(sets: readonly ListedSet[]): Lender {
  for (const set of sets) requireMembers(set);
  requireUnique(sets);
  const free = new Set(sets);
  return {
    lacks: (need) => lackOf(sets, need),
    lend: (need) => {
      const set = [...free].find((each) => suits(each, need));
      if (set === undefined) return null;
      free.delete(set);
      return set;
    },
    giveBack: (set) => {
      const own = sets.find((each) => each === set);
      if (own === undefined || free.has(own)) throw new LabError(`${set.callee.user} is given back, and was not lent`);
      free.add(own);
    },
  };
}

/** In the order in which somebody would look for one: the first that nobody has is what is lacking. */
const WANTED: readonly {
  /** null: it goes without saying. */
  readonly says: (need: AccountsNeed) => string | null;
  readonly has: (set: ListedSet, need: AccountsNeed) => boolean;
}[] = [
  {
    says: (need) => (need.for === 'canary' ? 'for canaries' : 'for calls'),
    has: (set, need) => set.for === need.for,
  },
  { says: ({ policy }) => `under the policy ${policy}`, has: (set, { policy }) => set.policy === policy },
  {
    says: ({ settings }) => (settings.voicemail ? 'with voice mail' : 'without voice mail'),
    has: ({ settings }, need) => settings.voicemail === need.settings.voicemail,
  },
  {
    says: ({ settings }) => (settings.doNotDisturb ? 'that is do-not-disturb' : 'that may be disturbed'),
    has: ({ settings }, need) => settings.doNotDisturb === need.settings.doNotDisturb,
  },
  {
    says: ({ settings }) => (settings.heedsReason ? 'whose missed calls heed the Reason of a CANCEL' : null),
    has: ({ settings }, need) => settings.heedsReason === need.settings.heedsReason,
  },
  {
    says: ({ settings: { flags, lists } }) =>
      flags.length + lists.length === 0
        ? 'without rules'
        : `with the rules ${[...new Set([...flags, ...lists])].join(', ')}`,
    has: ({ settings }, need) =>
      isSameSet(settings.flags, need.settings.flags) && isSameSet(settings.lists, need.settings.lists),
  },
  {
    says: ({ waits }) => `that waits ${waits?.totalMs}, ${waits?.userMs} and ${waits?.team2Ms} ms`,
    has: ({ waits }, need) =>
      need.waits === null ||
      (waits.totalMs === need.waits.totalMs &&
        waits.userMs === need.waits.userMs &&
        waits.team2Ms === need.waits.team2Ms),
  },
];

function suits(set: ListedSet, need: AccountsNeed): boolean {
  return WANTED.every(({ has }) => has(set, need));
}

function lackOf(sets: readonly ListedSet[], need: AccountsNeed): string | null {
  let left = sets;
  const said: (string | null)[] = [];
  for (const { says, has } of WANTED) {
    left = left.filter((set) => has(set, need));
    said.push(says(need));
    if (left.length === 0) return `it has no account ${said.filter((each) => each !== null).join(', ')}`;
  }
  return null;
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return new Set(a).size === new Set(b).size && a.every((each) => b.includes(each));
}

function requireMembers({ callee, members, settings }: ListedSet): void {
  const missing = settings.lists.find((list) => members[list] === undefined);
  if (missing !== undefined) {
    throw new LabError(`The accounts of ${callee.user} have the rule ${missing} and no account for it: add one`);
  }
}

/** They stand in the From of the lab's own calls and notices, whoever those are for. */
const OURS: readonly string[] = ['customer', 'canary', 'voicemail'];

/** Whose a message is, its users say. */
function requireUnique(sets: readonly ListedSet[]): void {
  const taken = new Map(OURS.map((user) => [user, `${user}, who is the lab's own`]));
  for (const { callee, members } of sets) {
    for (const { user } of [callee, ...Object.values(members)]) {
      const plain = plainUser(user);
      const other = taken.get(plain);
      if (other !== undefined) {
        throw new LabError(`The user ${user} is the same as ${other}: calls to them cannot be told apart`);
      }
      taken.set(plain, `${user} of another account`);
    }
  }
}
