import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import type { OpenSite } from '../../../harness/run/site.ts';
import { dockerSite, type Engine, ensureImages, findEngine, Owner } from '../../../harness/runtime/docker/index.ts';
import { KAMAILIO } from '../../../harness/servers/kamailio/kamailio.ts';
import { scratch } from '../../setup/scratch.ts';

const found = await findEngine().catch((error: Error) => error);

/** Tests that need a Docker engine; without one they are skipped, and the title says why. */
export function describeWithEngine(title: string, tests: (engine: Engine) => void, { sideBySide = false } = {}): void {
  const all = sideBySide ? describe.concurrent : describe;
  if (!(found instanceof Error)) all(title, () => tests(found));
  else describe.skip(`${title} (skipped: ${found.message.split('\n', 1)[0]})`, () => tests({} as Engine));
}

/** Images that are missing are built: on a new machine from Debian's packages. */
export const IMAGES_TIMEOUT_MS = 300_000;

export interface ContainerLabs extends AsyncDisposable {
  readonly owner: Owner;
  readonly images: Readonly<Record<'kamailio' | 'sipp' | 'drachtio' | 'baresip', string>>;
  /** What `runCells` needs to have its lab in containers: each has a folder of its own. */
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
    openSite:
      (over = {}) =>
      async (options) => {
        const open = dockerSite({
          server: KAMAILIO,
          images: { ...images, server: images.kamailio },
          realDrachtio: null,
          ua: null,
          caller: null,
          labels: owner.labels,
          hostIp: engine.hostIp,
          workDir: await mkdtemp(join(dir, 'lab-')),
          ...over,
        });
        return open(options);
      },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/**
 * Tests that need labs in containers: `labs()` is there while they run.
 *
 * @param sideBySide not where they look for their own containers among those of all
 */
export function describeWithLabs(
  title: string,
  { sideBySide }: { readonly sideBySide: boolean },
  tests: (engine: Engine, labs: () => ContainerLabs) => void,
): void {
  const withEngine = (engine: Engine): void => {
    let started: ContainerLabs | undefined;
    beforeAll(async () => {
      started = await containerLabs(engine);
    }, IMAGES_TIMEOUT_MS);
    afterAll(async () => {
      await started?.[Symbol.asyncDispose]();
    });
    tests(engine, () => started as ContainerLabs);
  };
  describeWithEngine(title, withEngine, { sideBySide });
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
