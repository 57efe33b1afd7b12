/** Starting, stopping and provisioning Kamailio. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LabError } from '../../harness/errors.ts';
import type { SipAddress, Subscriber } from '../../harness/model/server.ts';
import { allocateAddresses } from '../../harness/processes/addresses.ts';
import type { ServerProcess } from '../../harness/runtime/process/server-process.ts';
import { type KamailioOptions, startKamailio } from '../../harness/runtime/process/start-kamailio.ts';
import { provisionKamailio, subscriberLine } from '../../harness/servers/kamailio/provisioning.ts';
import { groupMembers, listeningAddresses, untilGone } from '../processes/processes.ts';
import { Ua } from './ua.ts';

let dir: string;
let scratch = 0;
const KAMAILIO =
  process.env.RINGFENCE_KAMAILIO ??
  execFileSync('sh', ['-c', 'PATH=$PATH:/usr/sbin command -v kamailio']).toString().trim();

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-kamailio-'));
  await chmod(dir, 0o755);
});
afterAll(() => rm(dir, { recursive: true }));

async function workDir(): Promise<string> {
  scratch += 1;
  const path = join(dir, String(scratch));
  await mkdir(path);
  await chmod(path, 0o777); // mkdir's mode is cut by the umask
  return path;
}

/** A program in Kamailio's place. */
async function script(lines: string): Promise<string> {
  const file = join(await workDir(), 'kamailio');
  await writeFile(file, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return file;
}

async function start(overrides: Partial<KamailioOptions> = {}): Promise<ServerProcess> {
  const { hosts, release } = await allocateAddresses(['server', 'voicemail']);
  try {
    const voicemail = { host: hosts.voicemail, port: 5060 };
    return await startKamailio({ workDir: await workDir(), host: hosts.server, voicemail, ...overrides });
  } finally {
    await release();
  }
}

const subscriber = (user: string, more: Partial<Subscriber> = {}): Subscriber => ({
  user,
  policy: 'ms-sipre',
  password: 'secret',
  flags: ['enablecf', 'team_ring'],
  lists: {
    forwardto: ['sip:m@127.1.2.3:5060;transport=tcp'],
    simultaneous_ring: [],
    team: ['sip:a@ms-sipre.test', 'sip:b@ms-sipre.test'],
    delegates: [],
    breakthrough: [],
  },
  waits: { totalMs: 600, userMs: 200, team2Ms: 600 },
  voicemail: true,
  doNotDisturb: false,
  ...more,
});

async function http({ host, port }: SipAddress, method: string, path: string, body: string | null = null) {
  const asked = request({ host, port, method, path, agent: false });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode as number, body: await text(response) };
}

const kept = (server: ServerProcess, aor: string) => http(server.control, 'GET', `/subscribers/${aor}`);

describe('startKamailio', () => {
  it('answers, listens on its own loopback address alone, and keeps its configuration and log, nothing else', async () => {
    const path = await workDir();
    await using server = await start({ workDir: path });
    const listening = groupMembers(server.pid).flatMap(listeningAddresses);
    expect(new Set(listening)).toEqual(
      new Set([`${server.sip.host}:${server.sip.port}`, `${server.sip.host}:${server.control.port}`]),
    );
    expect(server).toMatchObject({ id: 'kamailio', name: 'Kamailio' });
    expect(server.version).toMatch(/^\d+\.\d+\.\d+/);
    await server.stop();
    await server.stop();
    expect(await server.exited).toMatch(/^kamailio ended with exit status 0; its log ends:\n/);
    expect(await readdir(path)).toEqual(['kamailio.cfg', 'kamailio.log']);
    expect(groupMembers(server.pid)).toEqual([]);
  });

  it('runs as an ordinary user', async () => {
    // Started by an ordinary user, this test is one already.
    const asNobody = 'exec setpriv --reuid=65534 --regid=65534 --clear-groups';
    const bin = process.getuid?.() === 0 ? await script(`${asNobody} ${KAMAILIO} "$@"`) : KAMAILIO;
    await using server = await start({ bin });
    await server.provision([subscriber('alice')]);
  });

  it('runs twice at once, each with its own subscribers', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    await using _ = { [Symbol.asyncDispose]: async () => void (await Promise.all([one.stop(), two.stop()])) };
    await one.provision([subscriber('alice')]);
    expect([(await kept(one, 'alice@ms-sipre.test')).status, (await kept(two, 'alice@ms-sipre.test')).status]).toEqual([
      200, 404,
    ]);
  });

  it('warns of a version that nobody tested, and goes on', async () => {
    const bin = await script(
      `[ "$1" = -v ] && { echo 'version: kamailio 5.4.4 (x86_64/linux)'; exit; }\nexec ${KAMAILIO} "$@"`,
    );
    await using server = await start({ bin });
    expect(server.version).toBe('5.4.4');
    expect(server.warnings).toEqual(['Kamailio 5.4.4 was not tested with Ringfence; tested: 5.6.x and 6.x']);
  });

  it('does not warn of the others', async () => {
    for (const version of ['5.6.3', '6.0.1', '6.1.5']) {
      const bin = await script(
        `[ "$1" = -v ] && { echo 'version: kamailio ${version} (x86_64/linux)'; exit; }\nexec ${KAMAILIO} "$@"`,
      );
      await using server = await start({ bin });
      expect(server.warnings).toEqual([]);
    }
  });

  it('says what to install when it is missing', async () => {
    await expect(start({ bin: '/nowhere/kamailio' })).rejects.toThrow(LabError);
    await expect(start({ bin: '/nowhere/kamailio' })).rejects.toThrow(/not installed.*apt-get install kamailio/);
  });

  it('shows the end of its log when it ends early', async () => {
    const started = start({ modulesDir: '/nowhere' });
    await expect(started).rejects.toThrow(
      /did not get ready: kamailio ended with exit status 255.*parse error in config file/s,
    );
  });

  it('is stopped when it is not ready in time', async () => {
    const path = await workDir();
    const bin = await script(`[ "$1" = -v ] && exec ${KAMAILIO} -v\necho $$ > ${path}/pid\nexec sleep 60`);
    await expect(start({ bin, readyTimeoutMs: 300 })).rejects.toThrow(/did not get ready: no answer in 300 ms/);
    const pid = Number(execFileSync('cat', [join(path, 'pid')]).toString());
    expect(groupMembers(pid)).toEqual([]);
  });

  it('tells when its process dies', async () => {
    await using server = await start();
    process.kill(server.pid, 'SIGKILL');
    expect(await server.exited).toMatch(/^kamailio ended with SIGKILL/);
    await untilGone(groupMembers(server.pid)); // its workers as well
  });
});

describe('provision', () => {
  it('keeps every one of many subscribers', async () => {
    await using server = await start();
    const many = Array.from({ length: 1_000 }, (_, i) => subscriber(`user-${i}`));
    await server.provision(many);
    for (const i of [0, 199, 200, 999]) {
      const { body } = await kept(server, `user-${i}@ms-sipre.test`);
      expect(`user-${i}@ms-sipre.test!${body}`).toBe(`${subscriberLine(subscriber(`user-${i}`))}\n`);
    }
  });

  it('replaces what was there', async () => {
    await using server = await start();
    await server.provision([subscriber('alice')]);
    await server.provision([subscriber('alice', { flags: [] })]);
    expect((await kept(server, 'alice@ms-sipre.test')).body.split('|')[1]).toBe('');
  });

  it.each([
    [
      'something else',
      (lines: string[]) => lines.map(() => 'd41d8cd98f00b204e9800998ecf8427e'),
      'it kept something else',
    ],
    ['one too few', () => [], 'it kept something else'],
  ])('is an error when the server confirms %s', async (_what, answer, seen) => {
    const server = createServer((asked, response) => {
      asked.resume().on('end', () => response.end(answer(['']).join('\n')));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const provisioned = provisionKamailio({ host: '127.0.0.1', port }, [subscriber('alice')]);
    await expect(provisioned).rejects.toThrow(`Kamailio did not take the subscriber alice@ms-sipre.test: ${seen}`);
    server.close();
  });

  it('is an error when there is no answer in time, and when it is another than yes', async () => {
    let answer: (response: ServerResponse) => void = () => {};
    const server = createServer((asked, response) => void asked.resume().on('end', () => answer(response)));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const provisioned = () => provisionKamailio({ host: '127.0.0.1', port }, [subscriber('alice')], 200);
    const asked = `Kamailio did not take 1 subscriber (POST http://127.0.0.1:${port}/subscribers)`;
    await expect(provisioned()).rejects.toThrow(`${asked}: it had not answered after 200 ms`);
    answer = (response) => response.writeHead(503, 'Later').end('no room');
    await expect(provisioned()).rejects.toThrow(`${asked}: it answered 503 Later no room`);
    server.close();
    server.closeAllConnections();
  });

  it('is an error when nobody listens', async () => {
    await using server = await start();
    await server.stop();
    await expect(server.provision([subscriber('alice')])).rejects.toThrow(/did not take 1 subscriber .*ECONNREFUSED/);
  });

  it.each([
    ['a user with a separator', subscriber('a!b')],
    ['a user that is a line', subscriber('a\nb@ms-sipre.test!x')],
    [
      'an address with a comma',
      subscriber('a', { lists: { ...subscriber('a').lists, team: ['sip:a,b@ms-sipre.test'] } }),
    ],
    ['an address that is none', subscriber('a', { lists: { ...subscriber('a').lists, forwardto: ['bob'] } })],
  ])('refuses %s', (_what, bad) => {
    expect(() => subscriberLine(bad)).toThrow(LabError);
  });
});

describe('hostile input', () => {
  it('does not keep it from answering', async () => {
    await using server = await start();
    await using ua = await Ua.open(server.sip.host);
    for (let length = 1; length < 1_500; length += 37) ua.sendRaw(server.sip, Buffer.alloc(length, length % 256));
    for (const garbage of [
      '\r\n\r\n',
      'INVITE',
      'INVITE sip: SIP/2.0\r\n\r\n',
      `OPTIONS sip:${'a'.repeat(9_000)}@x SIP/2.0\r\n\r\n`,
    ]) {
      ua.sendRaw(server.sip, Buffer.from(garbage));
    }
    const statuses: number[] = [];
    for (const [method, path, body] of [
      ['POST', '/subscribers', 'no separator\n!\n!!!\n\u0000\u0001!x'],
      ['POST', '/subscribers', 'x'.repeat(20_000)],
      ['POST', '/', 'x'],
      ['GET', '/subscribers/$sht(subscribers=>a)', null],
      ['GET', '/subscribers/%00', null],
      ['DELETE', '/subscribers/alice', null],
    ] as const) {
      statuses.push((await http(server.control, method, path, body)).status);
    }
    expect(statuses).toEqual([200, 200, 404, 404, 404, 404]);
    // HTTP on the SIP port provisions nobody
    const onSip = await http(server.sip, 'POST', '/subscribers', 'eve@plain.test!x');
    expect(onSip.status).toBe(404);
    expect((await kept(server, 'eve@plain.test')).status).toBe(404);
    await server.provision([subscriber('alice')]);
    ua.send(server.sip, 'OPTIONS sip:ms-sipre.test SIP/2.0', [
      `Via: SIP/2.0/UDP ${ua.host}:${ua.port};branch=z9hG4bKalive`,
      'Max-Forwards: 70',
      'From: <sip:a@ms-sipre.test>;tag=1',
      'To: <sip:ms-sipre.test>',
      'Call-ID: alive',
      'CSeq: 1 OPTIONS',
    ]);
    await ua.waitFor('200 to OPTIONS', 'alive', (m) => m.status === 200);
  });
});
