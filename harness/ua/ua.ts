import { join } from 'node:path';
import { LabError } from '../errors.ts';
import { answerAfterMs, playOf } from '../model/callee.ts';
import type { PhoneBehaviour } from '../model/scenario.ts';
import type { Play, Transport } from '../model/words.ts';
import { describedBy } from '../processes/description.ts';
import type { Launcher } from '../processes/launcher.ts';
import type { WireRecord } from '../sip/wire.ts';
import { type LoggedCall, shares, type UaAccount, type UaDescription, uaDescription } from './contract.ts';
import type { StartedEdge } from './edge.ts';
import { type InstanceSite, UaInstance } from './instance.ts';
import { RegisteredUsers } from './registered-users.ts';

export interface UaSite {
  readonly launcher: Launcher;
  /** Address of actor `ua`. The edge is on it, the instances are on those that follow it. */
  readonly host: string;
  /** What is spoken with the server under test. */
  readonly transport: Transport;
  /** An edge on that address, towards the server under test; `inner` is what it speaks with the user agent. */
  readonly startEdge: (inner: Transport, record: (record: WireRecord) => void) => Promise<StartedEdge>;
  /** Whom the user agent is to believe over TLS, PEM; null where nobody speaks TLS. */
  readonly ca: string | null;
  /** Gets what was on the wire between the user agent's edge and the server. */
  readonly record: (record: WireRecord) => void;
  /** An existing folder for the instances' output. */
  readonly logDir: string;
  /** An instance died while calls were under way. */
  readonly onTrouble: (trouble: UaTrouble) => void;
  /** An instance has a call in its own call log. */
  readonly onLogged: (logged: LoggedCall) => void;
  /** For the description. @default 10_000 */
  readonly describeTimeoutMs?: number;
  /** From the start of an instance until all its accounts are registered. @default 20_000 */
  readonly readyTimeoutMs?: number | undefined;
}

/** A fault of the user agent under test, and whose phones it concerns. */
export interface UaTrouble {
  readonly text: string;
  readonly users: ReadonlySet<string>;
}

/** An account that a call needs. */
interface Phone {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
}

/** The user agent under test, ready to be given its accounts. */
export interface StartedUa extends AsyncDisposable {
  /** What the user typed. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly plays: ReadonlySet<Play>;
  /** It says what it writes into its call log. */
  readonly callLog: boolean;
  /** What it speaks with its edge: with the server, the edge may speak another. */
  readonly transport: Transport;
  /**
   * Starts as many instances as are needed and settles when all accounts are registered, as was seen on the wire, or have
   * failed to be: those are returned, with the reason in one line.
   *
   * @throws {LabError} when so many instances are needed that they have no addresses
   */
  register(phones: readonly Phone[], behaviourOf: (user: string) => PhoneBehaviour): Promise<Map<string, string>>;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** Addresses in the block of actor `ua` behind its own. */
const MAX_INSTANCES = 200;
/** Started at the same time: each is a program or two that has to load. */
const STARTS_AT_ONCE = 4;

/** @throws {LabError} when it does not say what it is, or its edge cannot be had */
export async function startUa(site: UaSite): Promise<StartedUa> {
  const { launcher, logDir, describeTimeoutMs = 10_000, readyTimeoutMs = 20_000 } = site;
  const described = await describedBy({
    launcher,
    logFile: join(logDir, 'ua-describe.log'),
    timeoutMs: describeTimeoutMs,
    page: 'docs/user-agents.md',
    read: uaDescription,
  });
  const registered = new RegisteredUsers();
  const inner = described.transports.has(site.transport) ? site.transport : 'udp';
  const edge = await site.startEdge(inner, (record) => {
    registered.see(record);
    site.record(record);
  });
  return new Ua(described, edge, {
    ...site,
    registrar: edge.sip,
    transport: inner,
    ca: inner === 'tls' ? site.ca : null,
    registered,
    readyTimeoutMs,
    who: `${described.name} ${described.version}`,
  });
}

class Ua implements StartedUa {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly plays: ReadonlySet<Play>;
  readonly callLog: boolean;
  readonly transport: Transport;
  readonly #maxAccounts: number;
  readonly #edge: StartedEdge;
  readonly #site: UaSite & InstanceSite;
  readonly #instances: UaInstance[] = [];
  /** Of all that were asked for: each has an address of its own. */
  #instancesWanted = 0;
  #stopping: Promise<void> | undefined;

  constructor(
    { name, version, plays, maxAccounts, callLog }: UaDescription,
    edge: StartedEdge,
    site: UaSite & InstanceSite,
  ) {
    this.id = site.launcher.id;
    this.name = name;
    this.version = version;
    this.plays = plays;
    this.callLog = callLog;
    this.transport = site.transport;
    this.#maxAccounts = maxAccounts;
    this.#edge = edge;
    this.#site = site;
  }

  async register(
    phones: readonly Phone[],
    behaviourOf: (user: string) => PhoneBehaviour,
  ): Promise<Map<string, string>> {
    const accounts = phones.flatMap(({ user, domain, password }): UaAccount[] => {
      const behaviour = behaviourOf(user);
      const play = playOf(behaviour);
      return play === null ? [] : [{ user, domain, password, play, answerAfterMs: answerAfterMs(behaviour) }];
    });
    const groups = shares(accounts, this.#maxAccounts);
    const before = this.#instancesWanted;
    this.#instancesWanted += groups.length;
    if (this.#instancesWanted > MAX_INSTANCES) {
      throw new LabError(
        `${this.#site.who} can have ${this.#maxAccounts} accounts per instance (its maxAccounts), and ${accounts.length} ` +
          `are needed; ${this.#instancesWanted} instances are more than the ${MAX_INSTANCES} that the lab has addresses for. ` +
          'Select fewer cells (--policy, --situation, --variant).',
      );
    }
    const failed = new Map<string, string>();
    const queue = groups.entries();
    const worker = async (): Promise<void> => {
      for (const [index, group] of queue) {
        for (const [user, why] of await this.#startInstance(before + index, group)) failed.set(user, why);
      }
    };
    await Promise.all(Array.from({ length: STARTS_AT_ONCE }, worker));
    return failed;
  }

  stop(): Promise<void> {
    this.#stopping ??= Promise.all(this.#instances.map((instance) => instance.stop())).then(() => this.#edge.stop());
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #startInstance(index: number, accounts: readonly UaAccount[]): Promise<Map<string, string>> {
    if (this.#stopping !== undefined) return new Map(accounts.map(({ user }) => [user, 'the run was over']));
    const instance = new UaInstance(index + 1, addressAfter(this.#site.host, index + 1), accounts, this.#site);
    this.#instances.push(instance);
    return instance.start();
  }
}

/** `127.83.12.10`, 3 -> `127.83.12.13`. */
function addressAfter(host: string, steps: number): string {
  const [, network = '', last] = /^(.*\.)(\d+)$/.exec(host) ?? [];
  return `${network}${Number(last) + steps}`;
}
