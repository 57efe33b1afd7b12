/** What the READMEs in containers/ promise of the images, each alone: no privileges, nothing writable, ends when told to. */
import type Dockerode from 'dockerode';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type ContainerLabs, containerLabs, describeWithEngine, IMAGES_TIMEOUT_MS } from './with-engine.ts';

/** Of the SIPp image, and its working directory. */
const VOLUME = '/work';
const SECOND_NS = 1_000_000_000;
/** Kamailio where the lab has it: not on the address that its configuration names. */
const KAMAILIO = [
  '-DD',
  '-E',
  '-f',
  '/etc/ringfence/kamailio.cfg',
  '-w',
  '/run/kamailio',
  '-Y',
  '/run/kamailio',
].concat(['-l', 'udp:127.88.0.8:5060', '-l', 'tcp:127.88.0.8:5060', '-l', 'tcp:127.88.0.8:8080', '-A', 'LISTEN_GIVEN']);

interface Alone {
  readonly writable?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
}

describeWithEngine('an image', (engine) => {
  let labs: ContainerLabs;
  let stack: AsyncDisposableStack;

  beforeAll(async () => {
    labs = await containerLabs(engine);
    return () => labs[Symbol.asyncDispose]();
  }, IMAGES_TIMEOUT_MS);
  beforeEach(() => {
    stack = new AsyncDisposableStack();
    return () => stack.disposeAsync();
  });

  async function start(name: keyof ContainerLabs['images'], { writable = [], entrypoint, command }: Alone = {}) {
    const container = await engine.docker.createContainer({
      Image: labs.images[name],
      Labels: { ...labs.owner.labels },
      ...(entrypoint && { Entrypoint: [...entrypoint] }),
      ...(command && { Cmd: [...command] }),
      Healthcheck: { Interval: SECOND_NS / 2, Timeout: 3 * SECOND_NS, Retries: 1 },
      HostConfig: {
        NetworkMode: 'none',
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        Tmpfs: Object.fromEntries(writable.map((dir) => [dir, 'rw,mode=1777'])),
      },
    });
    stack.defer(() => container.remove({ force: true, v: true }));
    await container.start();
    return container;
  }
  const health = async (container: Dockerode.Container): Promise<string | undefined> =>
    (await container.inspect()).State.Health?.Status;

  it.for([
    ['kamailio', 'as it comes', { writable: ['/run/kamailio', '/tmp'] }],
    ['kamailio', 'on the address the lab gives it', { writable: ['/run/kamailio', '/tmp'], command: KAMAILIO }],
    ['sipp', 'as it comes', { writable: ['/tmp'] }],
    ['drachtio', 'as it comes', {}],
    ['baresip', 'itself as process 1', { writable: ['/tmp'], entrypoint: ['baresip', '-f', '/tmp'] }],
  ] as const)('of %s, %s, is healthy without privileges and ends with 0 on SIGTERM', async ([name, , alone]) => {
    const container = await start(name, alone);
    await vi.waitFor(async () => expect(await health(container)).toBe('healthy'), { timeout: 10_000, interval: 100 });
    await container.kill({ signal: 'SIGTERM' });
    expect(await container.wait()).toMatchObject({ StatusCode: 0 });
  });

  it.for([
    ['kamailio', ['sh', '-c', 'exec sleep 60']],
    ['drachtio', ['node', '-e', 'setInterval(() => {}, 1000)']],
    ['baresip', ['sh', '-c', 'exec sleep 60']],
  ] as const)('of %s is unhealthy when what it is for does not run', async ([name, entrypoint]) => {
    const container = await start(name, { entrypoint, writable: ['/tmp'] });
    await vi.waitFor(async () => expect(await health(container)).toBe('unhealthy'), { timeout: 10_000, interval: 100 });
  });

  it('of sipp keeps what was written to /work when it has died', async () => {
    const container = await start('sipp', { writable: ['/tmp'] });
    const exec = await container.exec({ Cmd: ['sh', '-c', 'echo the trace >trace'], AttachStdout: true });
    const stream = await exec.start({});
    await new Promise((resolve) => stream.on('close', resolve).resume());
    await container.kill();
    const archive = await container.getArchive({ path: `${VOLUME}/trace` });
    let tar = '';
    for await (const piece of archive) tar += `${piece}`;
    expect(tar).toContain('the trace\n');
  });
});
