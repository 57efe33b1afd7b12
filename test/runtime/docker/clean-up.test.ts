/** Nothing is left in the engine, however a run ends. The run is the real command, as users start it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Dockerode from 'dockerode';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { sweepRun } from '../../../harness/runtime/docker/clean-up.ts';
import { type Engine, Owner } from '../../../harness/runtime/docker/index.ts';
import { type Scratch, scratch } from '../../setup/scratch.ts';
import { containerLabs, describeWithEngine, IMAGES_TIMEOUT_MS, labelled } from './with-engine.ts';

const MAIN = fileURLToPath(new URL('../../../harness/cli/main.ts', import.meta.url));
const RUN = ['run', '--runtime', 'docker', '--no-allure', '--policy', 'ms-sipre', '--situation', 'voicemail-no-answer'];
/** The watchdog needs a second or two, on a busy machine more. */
const GONE_WITHIN_MS = 15_000;
const RUN_TIMEOUT_MS = 300_000;

let dir: Scratch;
beforeEach(async () => {
  dir = await scratch();
});
afterEach(async () => {
  await dir[Symbol.asyncDispose]();
});

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | string>;
}

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(process.execPath, [MAIN, ...args, '--report', join(dir.dir, 'report')], {
    env: { ...process.env, CI: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (text: string): void => {
    output += text;
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  const ended = once(child, 'close').then(([code, signal]) => (code as number | null) ?? (signal as string));
  return { child, output: () => output, ended };
}

/** The same engine, which fails to remove a container as often as is said, as one does that is still busy with it. */
async function failingToRemove({ docker }: Engine, times: number): Promise<AsyncDisposable & { docker: Dockerode }> {
  let left = times;
  const { socketPath, host, port } = docker.modem as { socketPath?: string; host?: string; port?: number };
  const server = createServer((asked, response) => {
    if (asked.method === 'DELETE' && asked.url?.includes('/containers/') && left > 0) {
      left -= 1;
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: 'container: directory not empty' }));
      return;
    }
    const { method, url, headers } = asked;
    const passedOn = request({ socketPath, host, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    asked.pipe(passedOn);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: ours } = server.address() as AddressInfo;
  const Client = docker.constructor as new (options: Dockerode.DockerOptions) => Dockerode;
  return {
    docker: new Client({ protocol: 'http', host: '127.0.0.1', port: ours }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describeWithEngine('a run in containers', (engine) => {
  let image = '';
  beforeAll(async () => {
    const labs = await containerLabs(engine); // builds what is missing, once
    image = labs.images.sipp;
    await labs[Symbol.asyncDispose]();
  }, IMAGES_TIMEOUT_MS);

  const twoContainers = (labels: Readonly<Record<string, string>>): Promise<Dockerode.Container[]> =>
    Promise.all([1, 2].map(() => engine.docker.createContainer({ Image: image, Labels: labels })));

  it('leaves nothing where the engine fails to remove a container at first', async () => {
    await using failing = await failingToRemove(engine, 3);
    const owner = await Owner.start(failing.docker);
    await twoContainers(owner.labels);
    await owner[Symbol.asyncDispose]();
    expect(await labelled(engine, `ringfence.run=${owner.labels['ringfence.run']}`)).toEqual([]);
  });

  it('says so where the engine never removes one', async () => {
    await using failing = await failingToRemove(engine, Number.POSITIVE_INFINITY);
    await using owner = await Owner.start(engine.docker);
    await twoContainers(owner.labels);
    const sweep = sweepRun(failing.docker, owner.labels['ringfence.run'] ?? '');
    await expect(sweep).rejects.toThrow(/directory not empty/);
  });

  it('begins beside what a dead owner left and the engine does not remove', async () => {
    const dead = run(['help']);
    await dead.ended;
    await using failing = await failingToRemove(engine, Number.POSITIVE_INFINITY);
    await using living = await Owner.start(engine.docker);
    const [host, , start] = living.labels['ringfence.owner']?.split(' ') ?? [];
    const abandoned = crypto.randomUUID();
    const owner = `${host} ${dead.child.pid} ${start}`;
    await twoContainers({ 'ringfence.run': abandoned, 'ringfence.owner': owner });
    const next = await Owner.start(failing.docker);
    await next[Symbol.asyncDispose]();
    expect(await labelled(engine, `ringfence.run=${abandoned}`)).toHaveLength(2);
    await sweepRun(engine.docker, abandoned);
  });

  const ownedBy = async ({ child }: Run): Promise<string[]> => {
    const all = await engine.docker.listContainers({ all: true, filters: { label: ['ringfence.owner'] } });
    const networks = await engine.docker.listNetworks({ filters: { label: ['ringfence.owner'] } });
    return [...all, ...networks]
      .filter(({ Labels }) => Labels?.['ringfence.owner']?.split(' ')[1] === String(child.pid))
      .map(({ Id }) => Id);
  };
  /** Waits for as many containers and networks as a stage of the run has. */
  const until = (started: Run, many: number): Promise<void> =>
    vi.waitFor(async () => expect((await ownedBy(started)).length).toBeGreaterThanOrEqual(many), {
      timeout: RUN_TIMEOUT_MS,
      interval: 20,
    });

  it('leaves nothing after its orderly end', { timeout: RUN_TIMEOUT_MS }, async () => {
    const started = run(RUN);
    expect(await started.ended, started.output()).toBe(0);
    expect(started.output()).toContain('runtime: docker, as asked for: engine ');
    expect(await ownedBy(started)).toEqual([]);
  });

  describe.for([
    ['its network is made', 1],
    ['its first containers start', 3],
    ['the whole lab is up', 5],
  ] as const)('when %s', ([, many]) => {
    it('leaves nothing after kill -9', { timeout: RUN_TIMEOUT_MS }, async () => {
      const started = run(RUN);
      await until(started, many);
      started.child.kill('SIGKILL');
      await started.ended;
      await vi.waitFor(async () => expect(await ownedBy(started)).toEqual([]), {
        timeout: GONE_WITHIN_MS,
        interval: 50,
      });
    });

    it('leaves nothing after Ctrl-C, and ends with 130', { timeout: RUN_TIMEOUT_MS }, async () => {
      const started = run(RUN);
      await until(started, many);
      started.child.kill('SIGINT');
      expect(await started.ended, started.output()).toBe(130);
      expect(await ownedBy(started)).toEqual([]);
    });
  });

  it('removes what a dead owner left, and nothing of a living one', { timeout: RUN_TIMEOUT_MS }, async () => {
    const dead = run(['help']); // any process that has ended
    await dead.ended;
    await using living = await Owner.start(engine.docker);
    const network = (owner: string, id: string) =>
      engine.docker.createNetwork({
        Name: `ringfence-test-${id}`,
        Labels: { 'ringfence.run': id, 'ringfence.owner': owner },
      });
    const [host, , start] = living.labels['ringfence.owner']?.split(' ') ?? [];
    const abandoned = crypto.randomUUID();
    const elsewhere = crypto.randomUUID();
    await network(`${host} ${dead.child.pid} ${start}`, abandoned);
    const other = await network(`another-host ${dead.child.pid} ${start}`, elsewhere);
    const own = await engine.docker.createNetwork({
      Name: `ringfence-test-${crypto.randomUUID()}`,
      Labels: { ...living.labels },
    });
    try {
      const next = await Owner.start(engine.docker);
      await next[Symbol.asyncDispose]();
      expect(await labelled(engine, `ringfence.run=${abandoned}`)).toEqual([]);
      expect(await labelled(engine, `ringfence.run=${elsewhere}`)).toEqual([other.id]);
      expect(await labelled(engine, `ringfence.run=${living.labels['ringfence.run']}`)).toEqual([own.id]);
    } finally {
      await other.remove();
    }
    await living.sweep();
    expect(await labelled(engine, `ringfence.run=${living.labels['ringfence.run']}`)).toEqual([]);
  });
});

describe('an engine that will not do', () => {
  it('is missed with what was tried and what to do', { timeout: RUN_TIMEOUT_MS }, async () => {
    const started = run(RUN, { DOCKER_HOST: 'unix:///nowhere/docker.sock' });
    expect(await started.ended).toBe(3);
    expect(started.output()).toMatch(
      /No Docker engine answers at unix:\/\/\/nowhere\/docker.sock: .*DOCKER_HOST, or use --runtime process/,
    );
  });

  it.for([
    ['too old', { Version: '19.03.15', Arch: 'amd64' }, /is 19\.03\.15, too old: 20\.10 or newer is needed/],
    ['Podman', { Version: '4.3.1', Arch: 'amd64', Components: [{ Name: 'Podman Engine' }] }, /is Podman 4\.3\.1/],
  ] as const)('is refused when it is %s', { timeout: RUN_TIMEOUT_MS }, async ([, version, message]) => {
    // Testcontainers reads the path as part of a URL: no blanks in it.
    const folder = await mkdtemp(join(tmpdir(), 'ringfence-engine-'));
    const socket = join(folder, 'docker.sock');
    const info = {
      Name: 'engine',
      ServerVersion: version.Version,
      OperatingSystem: 'Debian',
      NCPU: 2,
      MemTotal: 1,
      OSType: 'linux',
    };
    const fake = createServer(({ url }, response) => {
      const answer = url?.includes('version') ? version : url?.includes('info') ? info : [];
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    }).listen(socket);
    await once(fake, 'listening');
    const started = run(RUN, { DOCKER_HOST: `unix://${socket}` });
    expect(await started.ended, started.output()).toBe(3);
    expect(started.output()).toMatch(message);
    fake.close();
    await rm(folder, { recursive: true });
  });
});
