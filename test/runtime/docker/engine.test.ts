/** Which engine is used, and what is said of one that cannot be. Too old and Podman: see clean-up.test.ts. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeWithEngine } from './with-engine.ts';

const FIND = fileURLToPath(new URL('fixtures/find-engine.ts', import.meta.url));
const NOBODY = 65_534;
/** Waited out twice; an engine that is there must answer within it on a busy machine too. */
const TIMEOUT_MS = 3_000;

interface Found {
  readonly version?: string;
  readonly hostIp?: string;
  readonly error?: string;
  readonly message?: string;
}

async function find(dockerHost?: string, as: { uid?: number; gid?: number } = {}): Promise<Found> {
  const { DOCKER_HOST: _, TESTCONTAINERS_HOST_OVERRIDE: __, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [FIND, String(TIMEOUT_MS)], {
    env: { ...env, ...(dockerHost !== undefined && { DOCKER_HOST: dockerHost }) },
    timeout: 15_000,
    ...as,
  });
  return JSON.parse(stdout) as Found;
}

// Testcontainers reads the path as part of a URL: no blanks in it.
let dir: string;
let servers: Server[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-engine-'));
  servers = [];
});
afterEach(async () => {
  for (const server of servers) server.close();
  await rm(dir, { recursive: true });
});

async function listening(server: Server): Promise<string> {
  const socket = join(dir, 'docker.sock');
  servers.push(server.listen(socket));
  await once(server, 'listening');
  return `unix://${socket}`;
}

const engine = (answer: RequestListener): Promise<string> => listening(createHttpServer(answer));

describeWithEngine('an engine on this machine', ({ version }) => {
  it('is found, and publishes ports on the loopback address only', async () => {
    expect(await find(process.env.DOCKER_HOST)).toEqual({ version, arch: expect.any(String), hostIp: '127.0.0.1' });
  });
});

describe('no engine', () => {
  it.for([
    ['no such socket', 'unix:///nowhere/docker.sock', 'there is no such socket'],
    ['a port where nobody listens', 'tcp://127.0.0.1:1', 'nobody listens there'],
    ['no address at all', 'nonsense', 'not an address: it is unix:///PATH, tcp://HOST:PORT or the like'],
  ] as const)('at %s: says what was tried, what was seen, what to do', async ([, address, seen]) => {
    const { error, message } = await find(address);
    expect(error).toBe('LabError');
    expect(message).toContain(`No Docker engine answers at ${address}: `);
    expect(message).toContain(seen);
    expect(message).toMatch(/DOCKER_HOST/);
  });

  it('behind a socket that this user may not use: says so, not that there is none', async (context) => {
    const address = await listening(createServer());
    await chmod(join(dir, 'docker.sock'), 0o600);
    await chmod(dir, 0o755);
    const root = process.getuid?.() === 0;
    const reads = promisify(execFile)(process.execPath, ['-e', `require('node:fs').accessSync('${FIND}')`], {
      ...(root && { uid: NOBODY, gid: NOBODY }),
    });
    context.skip(!(await reads.then(() => true).catch(() => false)), 'another user may not read this checkout');
    if (!root) await chmod(join(dir, 'docker.sock'), 0);
    const { error, message } = await find(address, root ? { uid: NOBODY, gid: NOBODY } : {});
    expect(error).toBe('LabError');
    expect(message).toMatch(/may not be used by this user \(permission denied\).*usermod -aG docker/);
  });

  it('that takes connections and never answers: not waited for longer than the deadline', async () => {
    const { error, message } = await find(await listening(createServer(() => {})));
    expect(error).toBe('LabError');
    expect(message).toContain(`no answer in ${TIMEOUT_MS} ms`);
  });

  it('that answers at first and then hangs', async () => {
    const info = { Name: 'engine', OperatingSystem: 'Debian', NCPU: 2, MemTotal: 1, OSType: 'linux' };
    const address = await engine((request, response) => {
      if (request.url?.includes('version')) return;
      response.setHeader('content-type', 'application/json').end(JSON.stringify(info));
    });
    const { error, message } = await find(address);
    expect(error).toBe('LabError');
    expect(message).toContain(`no answer in ${TIMEOUT_MS} ms`);
  });

  it('but something else that speaks HTTP', async () => {
    const { error, message } = await find(await engine((_request, response) => response.writeHead(404).end('no')));
    expect(error).toBe('LabError');
    expect(message).toContain('No Docker engine answers at');
  });
});
