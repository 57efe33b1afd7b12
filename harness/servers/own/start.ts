import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LabError } from '../../errors.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { SipAddress, StartedServer } from '../../model/server.ts';
import type { Launcher, RunningProgram } from '../../processes/launcher.ts';
import { accountSets, lenderOfKinds } from './accounts.ts';
import { accountsText, type CallerAccount, OWN_SERVER_PAGE, serveEnvironment } from './contract.ts';
import type { OwnServer } from './own-server.ts';

/** Where it stands. */
export interface OwnServerSite {
  readonly launcher: Launcher;
  readonly listen: SipAddress;
  readonly voicemail: SipAddress;
  /** An existing folder, which gets all that it prints. */
  readonly logDir: string;
  /** Of every call that is to be placed. */
  readonly scenarios: readonly Scenario[];
  /** Whether it answers an OPTIONS over UDP within that time, by any response at all. */
  readonly answers: (timeoutMs: number) => Promise<boolean>;
  /** @default 20_000 */
  readonly readyTimeoutMs?: number;
  /** When it has not answered an OPTIONS for so long, it is gone. @default 15_000 */
  readonly silentMs?: number;
}

const DOMAIN = 'own.test';
/** Who calls, where nobody says otherwise. */
const CALLER = { user: 'customer', domain: 'outside.test' };
const ASK_EVERY_MS = 3_000;
const ASK_WITHIN_MS = 250;

/**
 * Starts the program with its accounts. Settles when it answers an OPTIONS; what it prints is its own.
 *
 * @throws {LabError} with the end of its log, when it ends early or does not answer in time
 */
export async function startOwnServer(server: OwnServer, site: OwnServerSite): Promise<StartedServer> {
  const { description, policy } = server;
  const { launcher, listen, voicemail, logDir, scenarios } = site;
  const password = (): string => randomBytes(9).toString('base64url');
  const sets = accountSets({ server, scenarios, policy, domain: DOMAIN, password });
  const caller: CallerAccount = { ...CALLER, password: password() };
  const logFile = join(logDir, 'server.log');
  const program = await launcher.start({
    env: serveEnvironment({ listen, voicemail, domain: DOMAIN }),
    file: { variable: 'RINGFENCE_ACCOUNTS', name: 'server-accounts.json', text: accountsText(sets, caller) },
    logFile,
    onLine: () => {},
  });
  const watch = new AbortController();
  const stop = async (): Promise<void> => {
    watch.abort();
    await program.stop();
  };
  try {
    await ready(program, site, logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    id: server.id,
    name: server.name,
    version: description.version,
    sip: listen,
    exited: Promise.race([program.exited, silence(site, watch.signal)]),
    provision: async () => {}, // all accounts were there before it began
    lender: lenderOfKinds(sets),
    callers: description.asksCallers ? { username: caller.user, password: caller.password } : undefined,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function ready(program: RunningProgram, site: OwnServerSite, logFile: string): Promise<void> {
  const { launcher, listen, answers, readyTimeoutMs = 20_000 } = site;
  const deadlineMs = performance.now() + readyTimeoutMs;
  const ended = program.exited.then((how) => ({ how }));
  const notReady = (seen: string): LabError =>
    new LabError(
      `${launcher.id} was to serve at ${listen.host}:${listen.port} (RINGFENCE_LISTEN): ${seen}. See ${OWN_SERVER_PAGE}; its output is in ${logFile}`,
    );
  for (;;) {
    const seen = await Promise.race([ended, answers(ASK_WITHIN_MS)]);
    if (seen === true) return;
    if (seen !== false) throw notReady(seen.how);
    if (performance.now() > deadlineMs) throw notReady(`no answer to an OPTIONS over UDP in ${readyTimeoutMs} ms`);
  }
}

/** Settles when nobody has answered for so long; never once the watch is over. */
async function silence({ answers, silentMs = 15_000 }: OwnServerSite, signal: AbortSignal): Promise<string> {
  let heardMs = performance.now();
  while (performance.now() - heardMs < silentMs) {
    await delay(ASK_EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return new Promise(() => {});
    if (await answers(ASK_EVERY_MS)) heardMs = performance.now();
  }
  return `it has not answered an OPTIONS for ${Math.round(silentMs / 1000)} s`;
}
