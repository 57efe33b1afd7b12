import { afterAll, beforeAll, describe } from 'vitest';
import type { OpenSite } from '../../../harness/run/site.ts';
import { dockerSite, type Engine, ensureImages, findEngine, Owner } from '../../../harness/runtime/docker/index.ts';
import { KAMAILIO } from '../../../harness/servers/kamailio/kamailio.ts';
import { scratch } from '../../setup/scratch.ts';

const found = await findEngine().catch((error: Error) => error);

/** Tests that need a Docker engine; without one they are skipped, and the title says why. */
export function describeWithEngine(title: string, tests: (engine: Engine) => void): void {
  if (!(found instanceof Error)) describe(title, () => tests(found));
  else describe.skip(`${title} (skipped: ${found.message.split('\n', 1)[0]})`, () => tests({} as Engine));
}

/** Images that are missing are built: on a new machine from Debian's packages. */
export const IMAGES_TIMEOUT_MS = 300_000;

export interface ContainerLabs extends AsyncDisposable {
  readonly owner: Owner;
  readonly images: Readonly<Record<'kamailio' | 'sipp' | 'drachtio' | 'baresip', string>>;
  /** What `runCells` needs to have its lab in containers. */
  openSite(over?: Partial<Parameters<typeof dockerSite>[0]>): OpenSite;
}

export async function containerLabs(engine: Engine): Promise<ContainerLabs> {
  await using stack = new AsyncDisposableStack();
  const { dir } = stack.use(await scratch());
  const owner = stack.use(await Owner.start(engine.docker));
  const images = await ensureImages(engine.docker, {
    need: ['kamailio', 'sipp', 'drachtio', 'baresip'],
    arch: engine.arch,
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  const kept = stack.move();
  return {
    owner,
    images,
    openSite: (over = {}) =>
      dockerSite({
        server: KAMAILIO,
        images: { ...images, server: images.kamailio },
        realDrachtio: null,
        ua: null,
        caller: null,
        labels: owner.labels,
        hostIp: engine.hostIp,
        workDir: dir,
        ...over,
      }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Tests that need labs in containers: `labs()` is there while they run. */
export function describeWithLabs(title: string, tests: (engine: Engine, labs: () => ContainerLabs) => void): void {
  describeWithEngine(title, (engine) => {
    let started: ContainerLabs | undefined;
    beforeAll(async () => {
      started = await containerLabs(engine);
    }, IMAGES_TIMEOUT_MS);
    afterAll(async () => {
      await started?.[Symbol.asyncDispose]();
    });
    tests(engine, () => started as ContainerLabs);
  });
}

/** Ids of the containers and networks that carry a label. */
export async function labelled(engine: Engine, label: string): Promise<string[]> {
  const filters = { label: [label] };
  const [containers, networks] = await Promise.all([
    engine.docker.listContainers({ all: true, filters }),
    engine.docker.listNetworks({ filters }),
  ]);
  return [...containers, ...networks].map(({ Id }) => Id);
}
