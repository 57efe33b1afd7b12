/** A server that somebody started by hand, outside of any run: the bundled Kamailio with a few accounts, and its accounts file. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Subscriber } from '../../harness/model/server.ts';
import { allocateAddresses, freePort } from '../../harness/processes/addresses.ts';
import type { ServerProcess } from '../../harness/runtime/process/server-process.ts';
import { type KamailioOptions, startKamailio } from '../../harness/runtime/process/start-kamailio.ts';

const DOMAIN = 'ms-sipre.test';
const NO_LISTS = { forwardto: [], simultaneous_ring: [], team: [], delegates: [], breakthrough: [] };
export const WAITS = { totalMs: 600, userMs: 0, team2Ms: 0 };

export const PASSWORDS = {
  BOB_SECRET: 'of-bob-53cr3t',
  CAROL_SECRET: 'of-carol-53cr3t',
  CARL_SECRET: 'of-carl-53cr3t',
};

export interface HandStarted extends AsyncDisposable {
  readonly server: ServerProcess;
  /** `sip:HOST:PORT` */
  readonly uri: string;
  /** An empty folder. */
  readonly dir: string;
  readonly accountsFile: string;
}

export interface HandStartedOptions extends Pick<KamailioOptions, 'editConfig'> {
  /** Whom the server knows. @default all of the accounts file */
  readonly known?: readonly string[];
  readonly policy?: Subscriber['policy'];
}

export async function handStarted({
  known = ['bob', 'carol', 'carl'],
  editConfig,
}: HandStartedOptions = {}): Promise<HandStarted> {
  await using resources = new AsyncDisposableStack();
  const { hosts } = resources.use(await allocateAddresses(['server', 'voicemail']));
  const dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
  resources.defer(() => rm(dir, { recursive: true, force: true }));
  const workDir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
  resources.defer(() => rm(workDir, { recursive: true, force: true }));
  const voicemail = { host: hosts.voicemail, port: await freePort(hosts.voicemail) };
  const server = resources.use(
    await startKamailio({ workDir, host: hosts.server, voicemail, ...(editConfig && { editConfig }) }),
  );
  await server.provision(
    known.map((user) => ({
      user,
      policy: 'ms-sipre',
      password: `of-${user}-53cr3t`,
      flags: [],
      lists: NO_LISTS,
      waits: WAITS,
      voicemail: true,
      doNotDisturb: false,
    })),
  );
  const accountsFile = join(dir, 'accounts.yaml');
  await writeFile(accountsFile, accounts(voicemail));
  const owned = resources.move();
  return {
    server,
    uri: `sip:${server.sip.host}:${server.sip.port}`,
    dir,
    accountsFile,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function accounts(voicemail: { host: string; port: number }): string {
  return `domain: ${DOMAIN}
waits: { totalMs: ${WAITS.totalMs}, userMs: 0, team2Ms: 0 }
caller: { user: agnes }
voicemail: { address: "${voicemail.host}:${voicemail.port}" }
sets:
  - callee: { user: bob, secret: BOB_SECRET }
  - for: canary
    callee: { user: carol, secret: CAROL_SECRET }
  - for: canary
    callee: { user: carl, secret: CARL_SECRET }
`;
}
