/** Asterisk with its own voice mail, started by hand, outside of any run: three accounts, and their file. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Subscriber } from '../../harness/model/server.ts';
import { allocateAddresses } from '../../harness/processes/addresses.ts';
import { type ServerProcess, startServerProcess } from '../../harness/runtime/process/server-process.ts';
import { asteriskServer } from '../../harness/servers/asterisk/asterisk.ts';
import { passwordOf } from './hand-started.ts';

const DOMAIN = 'plain.test';
const USERS = ['bob', 'carol', 'carl'] as const;

/** Behind the dialplan that obeys headers. */
const SERVER = asteriskServer({
  id: 'by-hand',
  title: 'Asterisk by hand',
  name: 'Asterisk',
  policy: 'ms-sipre',
  dialplan: { files: ['dialplan.conf', 'headers.conf'], context: 'callers-with-headers', mailboxes: true },
});

export interface HandStartedAsterisk extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly uri: string;
  /** A folder with nothing but {@link accountsFile}. */
  readonly dir: string;
  readonly accountsFile: string;
  readonly passwords: NodeJS.ProcessEnv;
}

export interface HandStartedAsteriskOptions {
  /** In the accounts file: what shows that its voice mail took a call. */
  readonly inside: string;
  /** Until voice mail takes an unanswered call. @default 1000 */
  readonly totalMs?: number;
  readonly editConfig?: (text: string, name: string) => string;
}

export async function handStartedAsterisk({
  inside,
  totalMs = 1000,
  editConfig = (text) => text,
}: HandStartedAsteriskOptions): Promise<HandStartedAsterisk> {
  await using resources = new AsyncDisposableStack();
  const { hosts } = resources.use(await allocateAddresses(['server', 'nobody']));
  const folder = async (): Promise<string> => {
    const dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
    resources.defer(() => rm(dir, { recursive: true, force: true }));
    return dir;
  };
  const [dir, workDir] = [await folder(), await folder()];
  const voicemail = { host: hosts.nobody, port: 5060 };
  const server = resources.use(
    await startServerProcess(SERVER, { workDir, host: hosts.server, voicemail, editConfig }),
  );
  await server.provision(USERS.map((user) => subscriber(user, totalMs)));
  const accountsFile = join(dir, 'accounts.yaml');
  const account = (user: string): string => `{ user: ${user}, secret: SECRET_OF_${user.toUpperCase()} }`;
  await writeFile(
    accountsFile,
    [
      `domain: ${DOMAIN}`,
      `waits: { totalMs: ${totalMs}, userMs: 0, team2Ms: 0 }`,
      'caller: { user: agnes }',
      `voicemail: { inside: ${inside} }`,
      'sets:',
      ...USERS.flatMap((user) => [`  - callee: ${account(user)}`, ...(user === 'bob' ? [] : ['    for: canary'])]),
      '',
    ].join('\n'),
  );
  const owned = resources.move();
  return {
    server,
    uri: `sip:${server.sip.host}:${server.sip.port}`,
    dir,
    accountsFile,
    passwords: Object.fromEntries(USERS.map((user) => [`SECRET_OF_${user.toUpperCase()}`, passwordOf(user)])),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function subscriber(user: string, totalMs: number): Subscriber {
  return {
    user,
    policy: 'plain',
    password: passwordOf(user),
    flags: [],
    lists: { forwardto: [], simultaneous_ring: [], team: [], delegates: [], breakthrough: [] },
    waits: { totalMs, userMs: 0, team2Ms: 0 },
    voicemail: true,
    doNotDisturb: false,
  };
}
