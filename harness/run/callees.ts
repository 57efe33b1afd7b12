import { REGISTERED_FOR_S } from '../endpoints/phone.ts';
import { calleePhone } from '../model/callee.ts';
import type { PhoneBehaviour } from '../model/scenario.ts';
import { PHONE_ROLES } from '../model/words.ts';
import type { PlacedCell } from './call-groups.ts';
import type { Lab } from './lab.ts';
import { calleeOf } from './lodger.ts';
import { type AccountsInput, accountsFor, type CallAccounts } from './subscribers.ts';

/** What each callee's own phone does. */
export class Behaviours {
  readonly #ofCallees = new Map<string, PhoneBehaviour>();
  #answering: ReadonlySet<string> = new Set();

  /** Users, no callees of cells, whose phones answer at once. */
  answerAt(users: ReadonlySet<string>): void {
    this.#answering = users;
  }

  of(user: string): PhoneBehaviour {
    return this.#ofCallees.get(user) ?? (this.#answering.has(user) ? 'answer' : 'ring');
  }

  isCallee(user: string): boolean {
    return this.#ofCallees.has(user);
  }

  add(placed: readonly PlacedCell[]): void {
    for (const each of placed) this.#ofCallees.set(calleeOf(each).user, calleePhone(each.cell.scenario));
  }

  forget(placed: readonly PlacedCell[]): void {
    for (const each of placed) this.#ofCallees.delete(calleeOf(each).user);
  }
}

type Account = Omit<AccountsInput, 'password' | 'outside'>;

export interface Registered {
  /** Users that did not get a 200 to REGISTER, with what they got. */
  readonly unregistered: ReadonlyMap<string, string>;
  /** What is wrong with the phones of which users, where they are not ours. */
  readonly troubles: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Calls that wait for accounts may go on for hours; canaries' phones register again in time. */
const AGAIN_AFTER_MS = REGISTERED_FOR_S * 500;

/** Accounts of callees, of whoever their rules name, and of canaries; their phones registered. */
export class Callees {
  readonly #lab: Lab;
  readonly #behaviours: Behaviours;
  readonly #password = crypto.randomUUID();
  #canaries: { readonly phones: CallAccounts['phones']; readonly registeredMs: number } = {
    phones: [],
    registeredMs: 0,
  };

  constructor(lab: Lab, behaviours: Behaviours) {
    this.#lab = lab;
    this.#behaviours = behaviours;
  }

  /** @throws {LabError} when the server does not take the accounts; a phone that it refuses is a fact about its cell. */
  async register(placed: readonly PlacedCell[], others: readonly Account[] = []): Promise<Registered> {
    const { server, ua, banks, outside } = this.#lab;
    this.#behaviours.add(placed);
    const accounts = [...placed.map(accountOf), ...others].map((account) =>
      accountsFor({ ...account, password: this.#password, outside }),
    );
    const phones = [...accounts.flatMap((each) => each.phones), ...this.#phonesOfCanaries()];
    if (others.length > 0) this.#canaries = { phones, registeredMs: performance.now() };
    await server.provision(accounts.flatMap((each) => each.subscribers));
    // Canaries are the lab's own calls: their phones are always ours.
    const isForUa = ({ role, user }: (typeof phones)[number]): boolean =>
      ua !== null && role === 'phone' && this.#behaviours.isCallee(user);
    const forUa = phones.filter(isForUa);
    const [unready, ...refused] = await Promise.all([
      ua?.register(forUa, (user) => this.#behaviours.of(user)) ?? new Map<string, string>(),
      ...PHONE_ROLES.map((role) =>
        banks[role].register(
          phones.filter((phone) => phone.role === role && !isForUa(phone)),
          server.sip,
        ),
      ),
    ]);
    const troubles = Map.groupBy(unready.keys(), (user) => unready.get(user) ?? '');
    return {
      unregistered: new Map(refused.flatMap((each) => [...each])),
      troubles: new Map([...troubles].map(([text, users]) => [text, new Set(users)])),
    };
  }

  /** Those that have been registered for long. */
  #phonesOfCanaries(): CallAccounts['phones'] {
    const { phones, registeredMs } = this.#canaries;
    const nowMs = performance.now();
    if (this.#lab.server.lender === undefined || nowMs - registeredMs < AGAIN_AFTER_MS) return [];
    this.#canaries = { phones, registeredMs: nowMs };
    return phones;
  }

  /** Nobody calls them any more. */
  forget(placed: readonly PlacedCell[]): void {
    this.#behaviours.forget(placed);
    for (const each of placed) this.#lab.voicemail.forget(calleeOf(each).user);
  }
}

function accountOf({ cell, key, lent }: PlacedCell): Account {
  return { key, lent, policy: cell.policy, settings: cell.scenario.subscriber, callee: cell.scenario.callee };
}
