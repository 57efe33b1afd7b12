/** A server that somebody else runs, from the command line: what comes of it when all is well, and of each fault. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { RunResults } from '../../harness/model/results.ts';
import { allocateAddresses } from '../../harness/processes/addresses.ts';
import { ringfence } from '../helpers/cli.ts';
import { commandHere } from '../helpers/command-line.ts';
import { textsUnder } from '../helpers/texts-under.ts';
import { asksCallers, CUSTOMER } from '../servers/challenging-kamailio.ts';
import { DOMAIN, type HandSet, type HandStarted, handStarted, passwordOf, THREE } from './hand-started.ts';
import { registered } from './registrar.ts';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));
const KEPT_OUT = 'sensitivity-private-no-diversion';
const CELLS = ['--situation', 'voicemail-busy', '--situation', 'answered-by-callee', '--variant', KEPT_OUT];

/** The tests' own server may be called faster than somebody else's. */
const argsFor = ({ uri, accountsFile, dir }: HandStarted, ...more: string[]): string[] => {
  const here = ['--server', uri, '--accounts', accountsFile, '--report', join(dir, 'report')];
  return ['run', ...here, '--no-allure', '--rate', '20', ...CELLS, ...more];
};
const resultsOf = async ({ dir }: HandStarted): Promise<RunResults> =>
  JSON.parse(await readFile(join(dir, 'report', 'results.json'), 'utf8'));
const ofBob = { user: 'bob', password: passwordOf('bob') };

/** Every contact of every account. */
async function contacts({ server, users }: HandStarted): Promise<string[]> {
  const all = users.map((user) => registered(server.sip, { user, password: passwordOf(user) }));
  return (await Promise.all(all)).flat();
}

describe.concurrent('a live server', () => {
  it('is called with its accounts: what happened is reported, and what it behaves like', async () => {
    await using live = await handStarted();
    const { exitStatus, stdout, stderr } = await ringfence(argsFor(live), { env: live.passwords });
    expect(exitStatus, stderr).toBe(0);
    expect(stderr).toMatch(/^plan: 4 calls and about \d+ of canaries, at most 1 at once, about \d+ s$/m);
    const { run, cells } = await resultsOf(live);
    expect(cells.map(({ verdict, observed }) => `${verdict} ${observed.outcome}`)).toEqual([
      'unspecified engaged',
      'unspecified suppressed',
      'unspecified suppressed',
      'unspecified suppressed',
    ]);
    expect(run.servers[live.uri]).toMatchObject({ name: live.uri, version: expect.stringMatching(/^kamailio/) });
    expect(run.behavesLike?.[live.uri]?.at(-1)).toMatchObject({
      agrees: 0,
      against: [`${live.uri}/unknown/voicemail-busy/${KEPT_OUT}/udp/direct`],
    });
    // Where the lines are broken depends on the length of its address.
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('behaves like ms-sipre, comment-2013, ucma-doc');
    const page = await readFile(join(live.dir, 'report', 'index.html'), 'utf8');
    expect(page).toMatch(/<b>plain<\/b>: 0 of 1, against it <a href="#[^"]+\/unknown\/voicemail-busy\//);
    expect(await contacts(live)).toEqual([]);
    const written = `${await textsUnder(join(live.dir, 'report'))}${stdout}${stderr}`;
    for (const user of live.users) expect(written).not.toContain(passwordOf(user));
    expect(written).toContain('sip:agnes@ms-sipre.test');
    expect(written).not.toContain('customer@outside.test');
  });

  it.for(['ms-sipre', 'plain'])('is held to %s where that is expected', async (policy) => {
    await using live = await handStarted();
    const { exitStatus } = await ringfence(argsFor(live, '--expect', policy), { env: live.passwords });
    const { cells } = await resultsOf(live);
    const kept = cells.find(({ situation, variant }) => situation === 'voicemail-busy' && variant === KEPT_OUT);
    expect(kept).toMatchObject({ policy, verdict: policy === 'plain' ? 'fail' : 'pass' });
    expect(kept?.rerun).toContain(`--server ${live.uri} --accounts ${live.accountsFile} --expect ${policy}`);
    expect(exitStatus).toBe(policy === 'plain' ? 1 : 0);
  });

  it('has callees with rules, a caller who is asked for a password, and a voice mail that registers', async () => {
    const sets: HandSet[] = [
      { user: 'bob' },
      { user: '1001', flags: ['team_ring'], lists: { team: 'tina' } },
      { user: 'dora', flags: ['enablecf'], lists: { forwardto: 'fred' } },
      { user: 'carl', isCanary: true },
      { user: 'cecil', isCanary: true, flags: ['team_ring'], lists: { team: 'tom' } },
      { user: 'cora', isCanary: true, flags: ['forward_immediate', 'enablecf'], lists: { forwardto: 'frida' } },
      { user: 'carla', isCanary: true, flags: ['forward_immediate'] },
      { user: 'carol', isCanary: true },
    ];
    await using live = await handStarted({
      sets,
      caller: `{ user: ${CUSTOMER.username}, secret: SECRET_OF_CALLER }`,
      voicemail: '{ account: { user: vm, secret: SECRET_OF_VM } }',
      editConfig: (config) => withVoicemailAccount(forwardsToItself(asksCallers(407, true)(config))),
    });
    const { exitStatus, stdout, stderr } = await ringfence(
      argsFor(live, '--situation', 'team-ring', '--situation', 'forward-no-answer', '--expect', 'ms-sipre'),
      { env: { ...live.passwords, SECRET_OF_CALLER: CUSTOMER.password } },
    );
    const { run, cells } = await resultsOf(live);
    expect(cells.map(({ situation, variant, verdict, why }) => `${situation} ${variant} ${verdict} ${why}`)).toEqual(
      ['voicemail-busy', 'answered-by-callee', 'forward-no-answer', 'team-ring'].flatMap((situation) => [
        `${situation} none pass null`,
        `${situation} ${KEPT_OUT} pass null`,
      ]),
    );
    expect({ exitStatus, warnings: run.warnings }).toEqual({ exitStatus: 0, warnings: undefined });
    expect(await contacts(live)).toEqual([]);
    const written = `${await textsUnder(join(live.dir, 'report'))}${stdout}${stderr}`;
    for (const password of [...live.users.map(passwordOf), CUSTOMER.password]) expect(written).not.toContain(password);
    expect(written).toMatch(/Proxy-Authorization: Digest username=\\?"customer/);
  });

  it('finds everybody of ours at the address of --bind', async () => {
    await using live = await handStarted();
    await using here = await allocateAddresses(['us']);
    const bound = argsFor(live, '--bind', here.hosts.us);
    const { exitStatus, stdout, stderr } = await ringfence(bound, { env: live.passwords });
    expect(exitStatus, `${stdout}${stderr}`).toBe(0);
    const addresses = (await textsUnder(join(live.dir, 'report', 'traces'))).match(/127\.\d+\.\d+\.\d+/g);
    // Voice mail stands where the file says that the server sends calls.
    const ours = new Set(addresses).difference(new Set([live.server.sip.host, live.voicemailHost]));
    expect(ours).toEqual(new Set([here.hosts.us]));
  });

  it('is only planned with --plan', async () => {
    await using live = await handStarted();
    const { exitStatus, stdout, stderr } = await ringfence(argsFor(live, '--plan', '--rate', '1'), {
      env: live.passwords,
    });
    expect({ exitStatus, stderr }).toEqual({ exitStatus: 0, stderr: '' });
    expect(stdout).toMatch(/^plan: 4 calls and about 11 of canaries, at most 1 at once, about \d+ s\n$/);
    await expect(resultsOf(live)).rejects.toThrow('ENOENT');
    expect(readFileSync(live.server.logFile, 'utf8')).not.toMatch(/REGISTER|INVITE/);
  });

  it('keeps no phone of ours when the run is cancelled', async () => {
    await using live = await handStarted();
    const run = started(live);
    await saying(run, 'placing calls');
    expect(await registered(live.server.sip, ofBob)).toHaveLength(1);
    run.kill('SIGINT');
    const [exitStatus] = await once(run, 'exit');
    expect(exitStatus).toBe(130);
    expect(await contacts(live)).toEqual([]);
  });
});

describe.concurrent('faults of a live server', () => {
  it('nobody answers there', async () => {
    await using live = await handStarted();
    await live.server.stop();
    const { exitStatus, stderr } = await ringfence(argsFor(live), { env: live.passwords });
    expect(exitStatus).toBe(3);
    expect(stderr).toContain(`${live.uri} did not answer an OPTIONS over UDP from 127.`);
  });

  it('it lets nobody register', async () => {
    const editConfig = (config: string): string =>
      replacedOnce(
        config,
        'route[REGISTRAR] {\n',
        'route[REGISTRAR] {\n\tsl_send_reply("403", "Forbidden");\n\texit;\n',
      );
    await using live = await handStarted({ editConfig });
    const { exitStatus, stderr } = await ringfence(argsFor(live), { env: live.passwords });
    expect(exitStatus).toBe(3);
    expect(stderr).toContain('nobody is called: bob (403), carol (403), carl (403)');
  });

  it('a password is wrong', async () => {
    await using live = await handStarted();
    const { exitStatus, stderr } = await ringfence(argsFor(live), {
      env: { ...live.passwords, SECRET_OF_BOB: 'another-one' },
    });
    expect(exitStatus).toBe(3);
    expect(stderr).toContain('nobody is called: bob (403)');
    expect(stderr).not.toContain('another-one');
    expect(await contacts(live)).toEqual([]);
  });

  it('a password is not there', async () => {
    await using live = await handStarted();
    const { exitStatus, stderr } = await ringfence(argsFor(live), { env: { ...live.passwords, SECRET_OF_CARL: '' } });
    expect(exitStatus).toBe(2);
    expect(stderr).toContain(`${live.accountsFile}:13: not set in the environment: SECRET_OF_CARL`);
  });

  it('it has one account fewer than the file says', async () => {
    await using live = await handStarted({ missing: 'carl' });
    const { exitStatus, stderr } = await ringfence(argsFor(live), { env: live.passwords });
    expect(exitStatus).toBe(3);
    expect(stderr).toContain('nobody is called: carl (404)');
  });

  it.for(['bob', 'tina'])('somebody else has a phone at %s`s account, and keeps it', async (user) => {
    const team: HandSet = { user: '1001', flags: ['team_ring'], lists: { team: 'tina' } };
    await using live = await handStarted({ sets: [...THREE, team] });
    const contact = `sip:${user}@127.0.0.1:5099`;
    await registered(live.server.sip, { user, password: passwordOf(user), contact });
    const { exitStatus, stderr } = await ringfence(argsFor(live), { env: live.passwords });
    expect(exitStatus).toBe(3);
    expect(stderr).toContain(`nobody is called: ${user} (another phone is registered there: ${contact})`);
    expect(await contacts(live)).toEqual([contact]);
  });

  it('somebody else comes in mid-run: no more calls go there', async () => {
    await using live = await handStarted();
    const run = started(live);
    const said = saidBy(run);
    await saying(run, 'placing calls');
    const contact = 'sip:bob@127.0.0.1:5099';
    await registered(live.server.sip, { ...ofBob, contact });
    const [exitStatus] = await once(run, 'exit');
    expect(exitStatus).toBe(3);
    expect(said()).toContain(`no more calls could be placed: ${live.uri}: not every phone of ours`);
    const { run: facts, cells } = await resultsOf(live);
    expect(facts.warnings).toContainEqual(expect.stringMatching(/somebody else's phone was registered meanwhile.*bob/));
    expect(cells.at(-1)?.verdict).toBe('inconclusive');
    expect(await contacts(live)).toEqual([contact]);
  });

  it('it is gone in mid-run: what was not over by then proves nothing', async () => {
    await using live = await handStarted();
    const run = started(live);
    const said = saidBy(run);
    await saying(run, 'placing calls');
    await live.server.stop();
    const [exitStatus] = await once(run, 'exit');
    expect(exitStatus).toBe(3);
    expect(said()).toMatch(/the server under test ended during the run: \S+ has not answered an OPTIONS for 15 s/);
    const { run: facts, cells } = await resultsOf(live);
    expect(facts.warnings).toContainEqual(
      expect.stringMatching(/our phones still.*bob, carol, carl; the server did not/),
    );
    expect(cells.map(({ verdict }) => verdict)).toContain('inconclusive');
    expect(cells.map(({ verdict }) => verdict)).not.toContain('fail');
  });
});

describe.concurrent('a live server that cannot be asked for', () => {
  it.for<[string, string[], string]>([
    ['without its accounts', ['--server', 'sip:127.0.0.1:5060'], 'needs --accounts FILE'],
    ['with accounts for another', ['--accounts', 'x.yaml'], '--accounts is for a live server alone'],
    ['by another form', ['--server', 'sip:bob@127.0.0.1', '--accounts', 'x'], '--server sip:HOST:PORT takes'],
    [
      'over two transports',
      ['--server', 'sips:127.0.0.1', '--transport', 'udp', '--accounts', 'x'],
      '--server sips:127.0.0.1 says TLS, and --transport udp UDP: leave one of them out',
    ],
    [
      'over two transports in one URI',
      ['--server', 'sips:127.0.0.1;transport=udp', '--accounts', 'x'],
      'says TLS, and its transport=udp UDP',
    ],
    [
      'over a transport that is none of ours',
      ['--server', 'sip:127.0.0.1;transport=ws', '--accounts', 'x'],
      'transport= takes udp, tcp, tls, not "ws"',
    ],
    [
      'with a policy that nobody states',
      ['--server', 'sip:127.0.0.1', '--accounts', 'x', '--expect', 'ms-sip'],
      'ms-sipre',
    ],
    [
      'where nobody of ours can stand',
      ['--server', 'sip:127.0.0.1', '--accounts', 'x', '--bind', '192.0.2.1'],
      '--bind takes an IPv4 address of this machine',
    ],
    [
      'in containers',
      ['--server', 'sip:127.0.0.1', '--accounts', 'x', '--runtime', 'docker'],
      'needs --runtime process',
    ],
    [
      'with accounts that are not there',
      ['--server', 'sip:127.0.0.1', '--accounts', '/no/such.yaml'],
      '/no/such.yaml: cannot be read',
    ],
  ])('%s', async ([, args, message]) => {
    const { exitStatus, stderr } = await commandHere(['run', ...args]);
    expect({ exitStatus, stderr }).toEqual({ exitStatus: 2, stderr: expect.stringContaining(message) });
  });

  it('elsewhere, without --bind', async () => {
    await using live = await handStarted();
    const args = ['run', '--server', 'sip:192.0.2.1', '--accounts', live.accountsFile];
    const { exitStatus, stderr } = await ringfence(args, { env: live.passwords });
    expect(exitStatus).toBe(2);
    expect(stderr).toContain('is not on this machine`s loopback (192.0.2.1)'.replace('`', "'"));
    expect(stderr).toContain('add --bind ADDRESS');
  });
});

/** Unanswered calls go to whoever has registered as `vm`. */
function withVoicemailAccount(config: string): string {
  return replacedOnce(
    config,
    '\t$du = VOICEMAIL;\n\troute(TELL_CALLER);\n',
    `\t$ru = "sip:vm@${DOMAIN}";\n\tlookup("location");\n\troute(TELL_CALLER);\n`,
  );
}

/** What it forwards to a subscriber of its own comes in once more, and is not asked who it is. */
function forwardsToItself(config: string): string {
  const asked = '\tif (is_method("INVITE")) {\n';
  return replacedOnce(config, asked, `\tif (is_method("INVITE") && $si == $Ri) route(CALL);\n${asked}`);
}

function replacedOnce(config: string, from: string, to: string): string {
  if (config.split(from).length !== 2) throw new Error(`kamailio.cfg does not have once: ${from}`);
  return config.replace(from, () => to);
}

function started(live: HandStarted): ChildProcess {
  return spawn(process.execPath, [MAIN, ...argsFor(live)], {
    env: { ...process.env, ...live.passwords, NO_COLOR: '1' },
  });
}

/** All that it has written so far. */
function saidBy(run: ChildProcess): () => string {
  let said = '';
  for (const stream of [run.stdout, run.stderr]) stream?.on('data', (text: Buffer) => (said += String(text)));
  return () => said;
}

async function saying(run: ChildProcess, text: string): Promise<void> {
  const said = saidBy(run);
  while (!said().includes(text)) {
    if (run.stderr === null || run.exitCode !== null) throw new Error(`it ended, and said ${said()}`);
    await once(run.stderr, 'data');
  }
}
