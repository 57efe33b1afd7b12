import type { BankBehaviour } from '../endpoints/phone.ts';
import { LabError } from '../errors.ts';
import { calleePhone } from '../model/callee.ts';
import type { PhoneBehaviour, Scenario } from '../model/scenario.ts';
import type { InnerVoicemailWord } from '../model/server.ts';
import { PHONE_ROLES, ROUTING_LISTS, type VoicemailSign } from '../model/words.ts';
import { nowEpochMs } from '../now.ts';
import type { PlacedCell } from './call-groups.ts';
import type { Lab } from './lab.ts';
import { calleeOf, memberUser } from './lodger.ts';
import { type AccountsInput, accountsFor, type CallAccounts, phonesOf } from './subscribers.ts';

/** What each callee's own phone does. */
export class Behaviours {
  readonly #ofCallees = new Map<string, PhoneBehaviour>();
  readonly #colleagues = new Map<string, BankBehaviour>();
  readonly #signs = new Map<string, readonly VoicemailSign[]>();
  #answering: ReadonlySet<string> = new Set();

  /** Users, no callees of cells, whose phones answer at once. */
  answerAt(users: ReadonlySet<string>): void {
    this.#answering = users;
  }

  of(user: string): PhoneBehaviour {
    return this.#ofCallees.get(user) ?? (this.#answering.has(user) ? 'answer' : 'ring');
  }

  /** What somebody's phone does that the callee's rules name: it rings for a moment, as a person's would, and is answered. */
  ofColleague(user: string): BankBehaviour {
    return this.#colleagues.get(user) ?? { answerAfterMs: 50 };
  }

  /** What voice mail gives of itself in calls to this callee. */
  signsOf(user: string): readonly VoicemailSign[] {
    return this.#signs.get(user) ?? [];
  }

  isCallee(user: string): boolean {
    return this.#ofCallees.has(user);
  }

  add(placed: readonly PlacedCell[]): void {
    for (const each of placed) {
      const { scenario } = each.cell;
      this.#ofCallees.set(calleeOf(each).user, calleePhone(scenario));
      if (scenario.voicemailSays !== undefined) this.#signs.set(calleeOf(each).user, scenario.voicemailSays);
      for (const user of colleaguesOf(each)) {
        const behaviour = colleague(scenario);
        if (behaviour !== null) this.#colleagues.set(user, behaviour);
      }
    }
  }

  forget(placed: readonly PlacedCell[]): void {
    for (const each of placed) {
      this.#ofCallees.delete(calleeOf(each).user);
      this.#signs.delete(calleeOf(each).user);
      for (const user of colleaguesOf(each)) this.#colleagues.delete(user);
    }
  }
}

/** null: as usual. Whoever an application calls first lets it ring, however late that is given up, and is there when it is his turn again. */
function colleague({ colleagues, application }: Scenario): BankBehaviour | null {
  if (colleagues !== undefined) return 'ring';
  return application?.roundRobin === true ? { wasGivenUp: false } : null;
}

/** Where calls are forwarded to, somebody answers all the same, unless nobody is to. */
function colleaguesOf(placed: PlacedCell): string[] {
  const withTarget = placed.cell.scenario.colleagues === 'all-ring';
  return ROUTING_LISTS.filter((list) => list !== 'forwardto' || withTarget).map((list) => memberUser(placed, list));
}

type Account = Omit<AccountsInput, 'password' | 'outside'>;

export interface Registered {
  /** Users that did not get a 200 to REGISTER, with what they got. */
  readonly unregistered: ReadonlyMap<string, string>;
  /** What is wrong with the phones of which users, where they are not ours. */
  readonly troubles: ReadonlyMap<string, ReadonlySet<string>>;
  readonly atEpochMs: number;
  /** Until when the server lets phones stay that have a contact there, by user. */
  readonly stayUntilEpochMs: ReadonlyMap<string, number>;
}

/** A registrar may count in whole seconds, begun ones among them. */
function surelyMs(expiresS: number): number {
  return Math.max(expiresS - 1, expiresS / 2) * 1000;
}

/** Accounts of callees, of whoever their rules name, and of canaries; their phones registered. */
export class Callees {
  readonly #lab: Lab;
  readonly #behaviours: Behaviours;
  readonly #password = crypto.randomUUID();
  #canaries: { readonly phones: CallAccounts['phones']; readonly registeredMs: number } = {
    phones: [],
    registeredMs: 0,
  };

  readonly #inner: InnerVoicemailWord | null;
  #canaryOwners: readonly CallAccounts['owner'][] = [];

  /** @param inner where voice mail is inside of the server */
  constructor(lab: Lab, behaviours: Behaviours, inner: InnerVoicemailWord | null) {
    this.#lab = lab;
    this.#inner = inner;
    this.#behaviours = behaviours;
  }

  /**
   * Where somebody else runs the server, every account is tried before any call: somebody else's phone must not ring for us.
   *
   * @throws {LabError} as {@link register}
   */
  async tryAll(): Promise<void> {
    const { manners } = this.#lab.server;
    if (manners === undefined) return;
    const refused = await Promise.all([
      this.#registerVoicemail(),
      this.#registerPhones(manners.accounts.flatMap(phonesOf)),
    ]);
    this.#requireAll(new Map(refused.flatMap((each) => [...each])));
  }

  /**
   * @throws {LabError} when the server does not take the accounts. A phone that it refuses is a fact about its cell, but where
   * somebody else runs the server, nothing goes on with it.
   */
  async register(placed: readonly PlacedCell[], others: readonly Account[] = []): Promise<Registered> {
    const { server, ua } = this.#lab;
    const atEpochMs = nowEpochMs();
    this.#behaviours.add(placed);
    const accounts = this.#accountsFor([...placed.map(accountOf), ...others]);
    const phones = [...accounts.flatMap((each) => each.phones), ...this.#phonesOfCanaries()];
    if (others.length > 0) this.#canaries = { phones, registeredMs: performance.now() };
    await server.provision(accounts.flatMap((each) => each.subscribers));
    const forUa = phones.filter((phone) => this.#isForUa(phone));
    const [unready, refused] = await Promise.all([
      ua?.register(forUa, (user) => this.#behaviours.of(user)) ?? new Map<string, string>(),
      this.#registerPhones(phones.filter((phone) => !this.#isForUa(phone))),
    ]);
    this.#requireAll(refused);
    await this.#countMessages(accounts, others.length > 0);
    const troubles = Map.groupBy(unready.keys(), (user) => unready.get(user) ?? '');
    return {
      unregistered: refused,
      troubles: new Map([...troubles].map(([text, users]) => [text, new Set(users)])),
      atEpochMs,
      stayUntilEpochMs: this.#stay(phones, atEpochMs),
    };
  }

  /** Of phones that were registered from then on. */
  #stay(phones: CallAccounts['phones'], fromEpochMs: number): Map<string, number> {
    const untilEpochMs = fromEpochMs + surelyMs(this.#shortestS());
    return new Map(phones.filter(({ away }) => away !== true).map(({ user }) => [user, untilEpochMs]));
  }

  /** What the server lets a phone stay for, by the shortest that it granted. */
  #shortestS(): number {
    return Math.min(...Object.values(this.#lab.banks).map(({ registrations }) => registrations.expiresS));
  }

  /** What comes of a call is told by what was known before. Canaries are called on and on: subscriptions of theirs end meanwhile. */
  async #countMessages(accounts: readonly CallAccounts[], areCanaries: boolean): Promise<void> {
    const { server, waiting } = this.#lab;
    const { evidence = [], countedWithinMs = 0 } = this.#inner ?? {};
    const owners = accounts.flatMap(({ owner }) => (owner.voicemail ? [owner] : []));
    if (areCanaries) this.#canaryOwners = owners;
    const subscribers = [...new Set([...owners, ...this.#canaryOwners])];
    await Promise.all([
      evidence.includes('message-waiting') && waiting.subscribe(subscribers, server.sip, countedWithinMs),
      evidence.includes('mailbox') && this.#lab.lookIntoMailboxes(owners.map(({ user }) => user)),
    ]);
  }

  /** Phones that a server lets stay for a moment alone are registered once more, where that was a while ago. */
  async refresh(placed: readonly PlacedCell[], registered: Registered): Promise<Registered> {
    if (nowEpochMs() - registered.atEpochMs < (this.#shortestS() * 1000) / 4) return registered;
    const atEpochMs = nowEpochMs();
    const phones = this.#accountsFor(placed.map(accountOf))
      .flatMap((each) => each.phones)
      .filter((phone) => !this.#isForUa(phone));
    await this.#registerPhones([...phones, ...this.#phonesOfCanaries()]);
    const stayUntilEpochMs = new Map([...registered.stayUntilEpochMs, ...this.#stay(phones, atEpochMs)]);
    return { ...registered, atEpochMs, stayUntilEpochMs };
  }

  #accountsFor(accounts: readonly Account[]): CallAccounts[] {
    const { outside } = this.#lab;
    return accounts.map((account) => accountsFor({ ...account, password: this.#password, outside }));
  }

  /** Canaries are the lab's own calls: their phones are always ours. */
  #isForUa({ role, user }: CallAccounts['phones'][number]): boolean {
    return this.#lab.ua !== null && role === 'phone' && this.#behaviours.isCallee(user);
  }

  async #registerPhones(phones: CallAccounts['phones']): Promise<Map<string, string>> {
    const { server, banks } = this.#lab;
    const window = server.manners === undefined ? undefined : 1;
    const isOurs = server.lender?.isOurs === true;
    const refused = await Promise.all(
      PHONE_ROLES.map((role) =>
        banks[role].register(
          phones.filter((phone) => phone.role === role).map((phone) => (isOurs ? { ...phone, lent: false } : phone)),
          server.sip,
          window,
        ),
      ),
    );
    return new Map(refused.flatMap((each) => [...each]));
  }

  async #registerVoicemail(): Promise<Map<string, string>> {
    const { server, voicemail } = this.#lab;
    const account = server.manners?.voicemail ?? null;
    return account === null ? new Map() : voicemail.registrations.register([{ ...account, lent: true }], server.sip);
  }

  /** @throws {LabError} naming them, where somebody else runs the server */
  #requireAll(refused: ReadonlyMap<string, string>): void {
    const { manners, name } = this.#lab.server;
    if (manners === undefined || refused.size === 0) return;
    const told = [...refused].map(([user, why]) => `${user} (${why})`).join(', ');
    throw new LabError(
      `${name}: not every phone of ours could be registered alone, so nobody is called: ${told}. See that these accounts are there, that their names and passwords are right, and that nobody else has a phone there; a server that writes contacts in its own way looks the same.`,
    );
  }

  /** Calls that wait for accounts may go on for hours: the phones of canaries register again, and voice mail, halfway to their end. */
  #phonesOfCanaries(): CallAccounts['phones'] {
    const { server, banks, voicemail } = this.#lab;
    const { phones, registeredMs } = this.#canaries;
    const nowMs = performance.now();
    const all = [...Object.values(banks), voicemail].map(({ registrations }) => registrations.expiresS);
    if (server.lender === undefined || nowMs - registeredMs < Math.min(...all) * 500) return [];
    this.#canaries = { phones, registeredMs: nowMs };
    void this.#registerVoicemail();
    return phones;
  }

  /** Nobody calls them any more. */
  forget(placed: readonly PlacedCell[]): void {
    this.#behaviours.forget(placed);
    const users = placed.map((each) => calleeOf(each).user);
    for (const user of users) this.#lab.voicemail.forget(user);
    this.#lab.b2bua?.forget(users);
  }
}

function accountOf({ cell, key, lent }: PlacedCell): Account {
  return { key, lent, policy: cell.policy, settings: cell.scenario.subscriber, callee: cell.scenario.callee };
}
