import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LabError } from '../../errors.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { SipAddress, StartedServer } from '../../model/server.ts';
import type { Launcher, RunningProgram } from '../../processes/launcher.ts';
import { silence } from '../../processes/silence.ts';
import { accountSets, lenderOfKinds } from './accounts.ts';
import { accountsText, type CallerAccount, OWN_SERVER_PAGE, READY, serveEnvironment } from './contract.ts';
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
  const saidReady = Promise.withResolvers<void>();
  if (!description.saysReady) saidReady.resolve();
  const program = await launcher.start({
    env: serveEnvironment({ listen, voicemail, domain: DOMAIN }),
    file: { variable: 'RINGFENCE_ACCOUNTS', name: 'server-accounts.json', text: accountsText(sets, caller) },
    logFile,
    onLine: (line) => void (line.trim() === READY && saidReady.resolve()),
  });
  const watch = new AbortController();
  const stop = async (): Promise<void> => {
    watch.abort();
    await program.stop();
  };
  try {
    await ready(program, { ...site, logFile, saidReady: saidReady.promise });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    id: server.id,
    name: server.name,
    version: description.version,
    sip: listen,
    exited: Promise.race([
      program.exited,
      silence({ answers: site.answers, silentMs: site.silentMs ?? 15_000, signal: watch.signal }).then(
        (how) => `it ${how}`,
      ),
    ]),
    provision: async () => {}, // all accounts were there before it began
    lender: lenderOfKinds(sets),
    callers: description.asksCallers ? { username: caller.user, password: caller.password } : undefined,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Waiting extends OwnServerSite {
  readonly logFile: string;
  /** Settles when it has said so, or need not. */
  readonly saidReady: Promise<void>;
}

async function ready({ exited }: RunningProgram, waiting: Waiting): Promise<void> {
  const { launcher, listen, answers, readyTimeoutMs = 20_000, logFile, saidReady } = waiting;
  const deadlineMs = performance.now() + readyTimeoutMs;
  const notReady = (seen: string): LabError =>
    new LabError(
      `${launcher.id} was to serve at ${listen.host}:${listen.port} (RINGFENCE_LISTEN): ${seen}. See ${OWN_SERVER_PAGE}; its output is in ${logFile}`,
    );
  const overdue = new AbortController();
  const late = delay(readyTimeoutMs, undefined, { signal: overdue.signal, ref: false });
  late.catch(() => {}); // nobody waits any more
  const ended = exited.then((how) => Promise.reject(notReady(how)));
  ended.catch(() => {}); // it ends some time, whether or not somebody still waits
  const isSaid = await Promise.race([saidReady.then(() => true), late.then(() => false), ended]);
  overdue.abort();
  if (!isSaid) throw notReady(`no line "${READY}" in ${readyTimeoutMs} ms, as its description promises`);
  while (!(await Promise.race([answers(ASK_WITHIN_MS), ended])))
    if (performance.now() > deadlineMs) throw notReady(`no answer to an OPTIONS over UDP in ${readyTimeoutMs} ms`);
}
