/** A server that somebody started by hand, outside of any run: the bundled Kamailio with a few accounts, and its accounts file. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RoutingFlag, RoutingList } from '../../harness/model/scenario.ts';
import type { Subscriber } from '../../harness/model/server.ts';
import { allocateAddresses, freePort } from '../../harness/processes/addresses.ts';
import type { Certified } from '../../harness/processes/certificates.ts';
import type { ServerProcess } from '../../harness/runtime/process/server-process.ts';
import { type KamailioOptions, startKamailio } from '../../harness/runtime/process/start-kamailio.ts';

export const DOMAIN = 'ms-sipre.test';
const WAITS = { totalMs: 600, userMs: 100, team2Ms: 600 };

/** Accounts that belong together, as server and file have them. */
export interface HandSet {
  readonly user: string;
  readonly isCanary?: true;
  readonly flags?: readonly RoutingFlag[];
  /** Users. */
  readonly lists?: Readonly<Partial<Record<RoutingList, string>>>;
}

export const THREE: readonly HandSet[] = [
  { user: 'bob' },
  { user: 'carol', isCanary: true },
  { user: 'carl', isCanary: true },
];

export interface HandStarted extends AsyncDisposable {
  readonly server: ServerProcess;
  /** `sip:HOST:PORT` */
  readonly uri: string;
  /** A folder with nothing but {@link accountsFile}. */
  readonly dir: string;
  readonly accountsFile: string;
  /** Where the server sends unanswered calls. */
  readonly voicemailHost: string;
  /** Everybody's password, as the file names them. */
  readonly passwords: NodeJS.ProcessEnv;
  readonly users: readonly string[];
}

export interface HandStartedOptions extends Pick<KamailioOptions, 'editConfig'> {
  /** @default three without rules, two of them for canaries */
  readonly sets?: readonly HandSet[];
  /** In the file, and not on the server. */
  readonly missing?: string;
  /** @default one who is never asked */
  readonly caller?: string;
  /** @default an address, which the server is told */
  readonly voicemail?: string;
  /** @default it speaks UDP and TCP */
  readonly tls?: {
    readonly certificate: Certified;
    /** Whom it believes, PEM: who connects must have a certificate of theirs. @default it asks nobody for one */
    readonly clientsOf?: string;
  };
  /** Of the accounts file, under `tls`; in YAML. @default none */
  readonly tlsKeys?: string;
  /** Beside the accounts file, name to text. */
  readonly files?: Readonly<Record<string, string>>;
}

export async function handStarted(options: HandStartedOptions = {}): Promise<HandStarted> {
  const { sets = THREE, missing, caller = '{ user: agnes }', editConfig, tls, tlsKeys, files = {} } = options;
  await using resources = new AsyncDisposableStack();
  const { hosts } = resources.use(await allocateAddresses(['server', 'voicemail']));
  const newFolder = async (): Promise<string> => {
    const dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
    resources.defer(() => rm(dir, { recursive: true, force: true }));
    return dir;
  };
  const [dir, workDir] = [await newFolder(), await newFolder()];
  const voicemail = { host: hosts.voicemail, port: await freePort(hosts.voicemail) };
  const put = async (folder: string, texts: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
  };
  const paths = { ca: join(workDir, 'ca'), certificate: join(workDir, 'cert'), key: join(workDir, 'key') };
  if (tls !== undefined) {
    const { cert, key } = tls.certificate;
    await put(workDir, { ca: tls.clientsOf ?? cert, cert, key });
  }
  await put(dir, files);
  const server = resources.use(
    await startKamailio({
      workDir,
      host: hosts.server,
      voicemail,
      ...(editConfig && { editConfig }),
      ...(tls && { tls: { ...paths, asksClients: tls.clientsOf !== undefined } }),
    }),
  );
  const users = [...sets.flatMap(({ user, lists = {} }) => [user, ...Object.values(lists)]), 'vm'];
  await server.provision(users.filter((user) => user !== missing).map((user) => subscriber(user, sets)));
  const accountsFile = join(dir, 'accounts.yaml');
  const at = options.voicemail ?? `{ address: "${voicemail.host}:${voicemail.port}" }`;
  await writeFile(
    accountsFile,
    `domain: ${DOMAIN}\nwaits: { totalMs: ${WAITS.totalMs}, userMs: ${WAITS.userMs}, team2Ms: ${WAITS.team2Ms} }\ncaller: ${caller}\n${tlsKeys === undefined ? '' : `tls: ${tlsKeys}\n`}voicemail: ${at}\nsets:\n${sets.map(written).join('')}`,
  );
  const owned = resources.move();
  return {
    server,
    uri: `sip:${server.sip.host}:${server.sip.port}`,
    dir,
    accountsFile,
    voicemailHost: hosts.voicemail,
    passwords: Object.fromEntries(users.map((user) => [variableOf(user), passwordOf(user)])),
    users,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export function passwordOf(user: string): string {
  return `of-${user}-53cr3t`;
}

function variableOf(user: string): string {
  return `SECRET_OF_${user.toUpperCase()}`;
}

function subscriber(user: string, sets: readonly HandSet[]): Subscriber {
  const { flags = [], lists = {} } = sets.find((each) => each.user === user) ?? {};
  const listed = (list: RoutingList): string[] => (lists[list] === undefined ? [] : [`sip:${lists[list]}@${DOMAIN}`]);
  return {
    user,
    policy: 'ms-sipre',
    password: passwordOf(user),
    flags,
    lists: {
      forwardto: listed('forwardto'),
      simultaneous_ring: [],
      team: listed('team'),
      delegates: listed('delegates'),
      breakthrough: [],
    },
    waits: WAITS,
    voicemail: sets.some((each) => each.user === user),
    doNotDisturb: false,
  };
}

function written({ user, isCanary, flags = [], lists = {} }: HandSet): string {
  const account = (each: string): string => `{ user: ${each}, secret: ${variableOf(each)} }`;
  const listed = Object.entries(lists).map(([list, each]) => `${list}: ${account(each)}`);
  return [
    `  - callee: ${account(user)}`,
    ...(isCanary ? ['    for: canary'] : []),
    `    flags: [${flags.join(', ')}]`,
    `    lists: { ${listed.join(', ')} }`,
    '',
  ].join('\n');
}
