import { join } from 'node:path';
import { LabError } from '../errors.ts';
import type { SipAddress } from '../model/server.ts';
import type { Transport } from '../model/words.ts';
import type { Launcher, RunningProgram } from '../processes/launcher.ts';
import { authorityFile, type LoggedCall, loggedCall, playEnvironment, READY, type UaAccount } from './contract.ts';
import type { RegisteredUsers } from './registered-users.ts';
import type { UaTrouble } from './ua.ts';

/** What all instances of one user agent share. */
export interface InstanceSite {
  readonly launcher: Launcher;
  readonly registrar: SipAddress;
  /** What is spoken there. */
  readonly transport: Transport;
  /** Over TLS: whom it is to believe, PEM. */
  readonly ca: string | null;
  readonly registered: RegisteredUsers;
  readonly logDir: string;
  readonly readyTimeoutMs: number;
  readonly onTrouble: (trouble: UaTrouble) => void;
  readonly onLogged: (logged: LoggedCall) => void;
  /** Name and version, for messages. */
  readonly who: string;
}

/** One running program that plays some of the phones. */
export class UaInstance {
  readonly #number: number;
  readonly #local: string;
  readonly #accounts: readonly UaAccount[];
  readonly #site: InstanceSite;
  #running: Promise<RunningProgram> | undefined;
  #stopping = false;

  constructor(number: number, local: string, accounts: readonly UaAccount[], site: InstanceSite) {
    this.#number = number;
    this.#local = local;
    this.#accounts = accounts;
    this.#site = site;
  }

  /** @returns the accounts that are not registered, and why. An instance that is not ready in time is stopped. */
  async start(): Promise<Map<string, string>> {
    const users = this.#accounts.map(({ user }) => user);
    const trouble = await this.#getReady(users);
    if (trouble === null) return new Map();
    // None of its phones can be relied on: those that are registered may not be told what to do yet.
    await this.stop();
    const text = `${this.#name} ${trouble} (output: ${this.#logName})`;
    return new Map(users.map((user) => [user, text]));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running?.then(
      (ua) => ua.stop(),
      () => {}, // it never ran
    );
  }

  async #getReady(users: readonly string[]): Promise<string | null> {
    const { launcher, logDir, registrar, transport, ca, registered, readyTimeoutMs, onLogged } = this.#site;
    const saidReady = Promise.withResolvers<void>();
    const onLine = (line: string): void => {
      if (line.trim() === READY) saidReady.resolve();
      const logged = loggedCall(line);
      if (logged !== null) onLogged(logged);
    };
    const env = playEnvironment({ registrar, transport, local: this.#local, accounts: this.#accounts });
    this.#running = launcher.start({
      env,
      logFile: join(logDir, this.#logName),
      onLine,
      ...(ca !== null && { file: authorityFile(ca) }),
    });
    let ua: RunningProgram;
    try {
      ua = await this.#running;
    } catch (error) {
      if (error instanceof LabError) return `did not start: ${error.message.replaceAll('\n', ' ')}`;
      throw error;
    }
    const late = Promise.withResolvers<string>();
    let isReady = false;
    const deadline = setTimeout(() => {
      const missing = registered.missing(users).length;
      const said = isReady ? `said "${READY}"` : `did not say "${READY}"`;
      late.resolve(
        `${said} in ${readyTimeoutMs} ms; ${missing} of its ${users.length} accounts had no 200 to REGISTER`,
      );
    }, readyTimeoutMs);
    const ready = saidReady.promise.then(() => {
      isReady = true;
      return registered.all(users);
    });
    const gone = ua.exited.then((how) => `was not ready when ${how}`);
    const outcome = await Promise.race([ready.then(() => null), gone, late.promise]);
    clearTimeout(deadline);
    if (outcome === null) this.#watch(ua, new Set(users));
    return outcome;
  }

  #watch(ua: RunningProgram, users: ReadonlySet<string>): void {
    void ua.exited.then((how) => {
      const text = `${this.#name} died during the run: ${how} (output: ${this.#logName})`;
      if (!this.#stopping) this.#site.onTrouble({ text, users });
    });
  }

  get #name(): string {
    return `${this.#site.who}, instance ${this.#number},`;
  }

  get #logName(): string {
    return `ua-${this.#number}.log`;
  }
}
