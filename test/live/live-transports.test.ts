/** A server that somebody else runs, over TCP and TLS, from the command line; and the ways in which a certificate is wrong. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunResults } from '../../harness/model/results.ts';
import { Authority, type Certified } from '../../harness/processes/certificates.ts';
import { ringfence } from '../helpers/cli.ts';
import { textsUnder } from '../helpers/texts-under.ts';
import { asksCallers, CUSTOMER } from '../servers/challenging-kamailio.ts';
import { type HandStarted, type HandStartedOptions, handStarted, passwordOf } from './hand-started.ts';
import { registered } from './registrar.ts';

const NAME = 'pbx.example.test';
const KEPT_OUT = 'sensitivity-private-no-diversion';
const CELLS = ['--situation', 'voicemail-busy', '--situation', 'answered-by-callee', '--variant', KEPT_OUT];
const SEEN = [
  'voicemail-busy none pass',
  `voicemail-busy ${KEPT_OUT} pass`,
  'answered-by-callee none pass',
  `answered-by-callee ${KEPT_OUT} pass`,
];

const run = (live: HandStarted, server: string, ...more: string[]) => {
  const { accountsFile, dir, passwords } = live;
  const args = ['--accounts', accountsFile, '--report', join(dir, 'report'), '--no-allure', '--rate', '20', ...CELLS];
  return ringfence(['run', '--server', server, ...args, '--expect', 'ms-sipre', ...more], {
    env: { ...passwords, SECRET_OF_CALLER: CUSTOMER.password },
  });
};
const sips = ({ server }: HandStarted): string => `sips:${server.sip.host}:${server.sip.port}`;

async function resultsOf({ dir }: HandStarted): Promise<RunResults> {
  return JSON.parse(await readFile(join(dir, 'report', 'results.json'), 'utf8'));
}

/** Transports of all Vias of the calls. */
async function spoken({ dir }: HandStarted): Promise<string[]> {
  const traces = await textsUnder(join(dir, 'report', 'traces'));
  return [...new Set(Array.from(traces.matchAll(/SIP\/2\.0\/([A-Z]+) /g), ([, name = '']) => name))].toSorted();
}

/** What all runs that go well have in common. */
async function expectCells(live: HandStarted, ran: Awaited<ReturnType<typeof run>>): Promise<void> {
  expect(ran).toMatchObject({ exitStatus: 0 });
  const { cells } = await resultsOf(live);
  expect(cells.map(({ situation, variant, verdict }) => `${situation} ${variant} ${verdict}`)).toEqual(SEEN);
  const { server, users } = live;
  const left = users.map((user) => registered(server.sip, { user, password: passwordOf(user) }));
  expect((await Promise.all(left)).flat()).toEqual([]);
  const written = `${await textsUnder(join(live.dir, 'report'))}${ran.stdout}${ran.stderr}`;
  expect(written).not.toContain('PRIVATE KEY');
  for (const password of [...users.map(passwordOf), CUSTOMER.password]) expect(written).not.toContain(password);
}

/** A server of TLS with a certificate of an authority of its own, which the accounts file names as `ca.pem`. */
async function overTls(
  authority: Authority,
  options: { certificate?: Certified; clientsOf?: string; tlsKeys?: string } & Omit<HandStartedOptions, 'tls'> = {},
): Promise<HandStarted> {
  const { certificate = await authority.issue({ names: [NAME] }), clientsOf, files, ...more } = options;
  return handStarted({
    tlsKeys: `{ ca: ca.pem, name: ${NAME} }`,
    ...more,
    files: { 'ca.pem': authority.ca, ...files },
    tls: { certificate, ...(clientsOf !== undefined && { clientsOf }) },
  });
}

describe.concurrent('a live server', () => {
  it('over TCP is called, and phones register, over TCP alone', async () => {
    await using live = await handStarted();
    await expectCells(live, await run(live, live.uri, '--transport', 'tcp'));
    // Its voice mail it calls as it is set up to.
    expect(await spoken(live)).toEqual(['TCP', 'UDP']);
    const { cells } = await resultsOf(live);
    expect(cells.map(({ id }) => id)).toContain(`${live.uri}/ms-sipre/voicemail-busy/none/tcp/direct`);
    expect(cells[0]?.rerun).toContain(`${live.uri} --accounts ${live.accountsFile}`);
    expect(cells[0]?.rerun).toContain('--transport tcp');
  });

  it('over TLS is called, and phones register, over TLS alone', async () => {
    await using authority = await Authority.found();
    await using live = await overTls(authority);
    await expectCells(live, await run(live, sips(live)));
    expect(await spoken(live)).toEqual(['TLS']);
  });

  it('that wants certificates gets ours', async () => {
    await using authority = await Authority.found();
    await using ours = await Authority.found({ name: 'Ours' });
    const own = await ours.issue({ names: ['app.example.test'] });
    await using live = await overTls(authority, {
      clientsOf: ours.ca,
      tlsKeys: `{ ca: ca.pem, name: ${NAME}, certificate: own.pem, key: own.key }`,
      files: { 'own.pem': own.cert, 'own.key': own.key },
    });
    await expectCells(live, await run(live, `${live.uri};transport=tls`));
    expect(await spoken(live)).toEqual(['TLS']);
  });

  it('that closes connections of which nothing comes finds them opened anew', async () => {
    await using authority = await Authority.found();
    const lifetime = '"connection_timeout", 3610';
    const editConfig = (config: string): string => {
      if (!config.includes(lifetime)) throw new Error('kamailio.cfg is another');
      // Shorter than the time from one call to the next.
      return config.replace(lifetime, '"connection_timeout", 1');
    };
    await using live = await overTls(authority, { editConfig });
    await expectCells(live, await run(live, sips(live), '--rate', '1'));
  });

  it.for(['udp', 'tls'] as const)('that asks everybody by SHA-256, over %s, is answered', async (transport) => {
    await using authority = await Authority.found();
    const options: HandStartedOptions = {
      caller: `{ user: ${CUSTOMER.username}, secret: SECRET_OF_CALLER }`,
      editConfig: (config) => bySha256(asksCallers(407, true)(config)),
    };
    await using live = transport === 'tls' ? await overTls(authority, options) : await handStarted(options);
    const ran = await run(live, live.uri, '--transport', transport);
    expect(ran).toMatchObject({ exitStatus: 0 });
    const { cells } = await resultsOf(live);
    expect(cells.map(({ situation, variant, verdict }) => `${situation} ${variant} ${verdict}`)).toEqual(SEEN);
    const traces = await textsUnder(join(live.dir, 'report', 'traces'));
    expect(traces).toMatch(/Proxy-Authorization: Digest [^\r\n]+algorithm=SHA-256/);
    expect(traces).not.toMatch(/algorithm=MD5/);
  });
});

describe.concurrent('a certificate that is not to be believed is told before anybody is called', () => {
  const refused = async (live: HandStarted, server: string, ...said: (string | RegExp)[]): Promise<void> => {
    const { exitStatus, stderr } = await run(live, server, '--transport', 'tls');
    expect({ exitStatus, stderr }).toMatchObject({ exitStatus: 3 });
    for (const each of said) expect(stderr).toMatch(each);
    expect(stderr.match(/^ringfence: /gm)).toHaveLength(1);
    expect(await readFile(live.server.logFile, 'utf8')).not.toMatch(/REGISTER|INVITE/);
  };

  it('because nobody vouches for it', async () => {
    await using authority = await Authority.found();
    await using live = await overTls(authority, { tlsKeys: `{ name: ${NAME} }` });
    await refused(live, live.uri, 'nobody is called: nobody who is believed vouches for it', 'tls.ca', `CN=${NAME}`);
  });

  it('because another authority of the same name does', async () => {
    await using authority = await Authority.found();
    await using other = await Authority.found();
    await using live = await overTls(authority, { files: { 'ca.pem': other.ca } });
    await refused(live, live.uri, 'nobody who is believed vouches for it', 'from CN=Ringfence');
  });

  it('because it is for another name', async () => {
    await using authority = await Authority.found();
    await using live = await overTls(authority, { tlsKeys: '{ ca: ca.pem }' });
    await refused(live, live.uri, `it is not for ${live.server.sip.host}: `, `for DNS:${NAME}; from`, 'tls.name');
  });

  it('because it has expired', async () => {
    await using authority = await Authority.found();
    const certificate = await authority.issue({ names: [NAME], days: -1 });
    await using live = await overTls(authority, { certificate });
    await refused(live, live.uri, 'it has expired', /valid from .* to .* GMT \(CERT_HAS_EXPIRED\)/);
  });

  it('so is that it wants one of us', async () => {
    await using authority = await Authority.found();
    await using live = await overTls(authority, { clientsOf: authority.ca });
    await refused(
      live,
      live.uri,
      'If it is, it may want a certificate of whoever calls: give tls.certificate and tls.key',
    );
  });

  it('so is that it does not take ours', async () => {
    await using authority = await Authority.found();
    await using others = await Authority.found({ name: 'Others' });
    const own = await others.issue({ names: ['app.example.test'] });
    await using live = await overTls(authority, {
      clientsOf: authority.ca,
      tlsKeys: `{ ca: ca.pem, name: ${NAME}, certificate: own.pem, key: own.key }`,
      files: { 'own.pem': own.cert, 'own.key': own.key },
    });
    await refused(live, live.uri, 'it did not accept the handshake', 'CN=app.example.test; for', 'from CN=Others');
  });

  it('so is that it speaks no TLS', async () => {
    await using live = await handStarted();
    // It waits for more, or it has seen that this is no SIP.
    await refused(
      live,
      live.uri,
      /(no handshake of TLS was over within 4 s|it ended the handshake .*): is this its port for TLS/,
    );
  });
});

/** Passwords in the place of what they are hashed to, which is MD5. */
function bySha256(config: string): string {
  const algorithm = 'modparam("auth", "nonce_count", 0)\n';
  const check = '"$var(ha1)", "1")';
  if (!config.includes(algorithm) || !config.includes(check)) throw new Error('kamailio.cfg is another');
  return config
    .replace(algorithm, () => `${algorithm}modparam("auth", "algorithm", "SHA-256")\n`)
    .replace(check, () => '"of-$tU-53cr3t", "0")');
}
