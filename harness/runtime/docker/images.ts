import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Dockerode from 'dockerode';
import { ensureBaseImage, type Suite } from './base-image.ts';
import { ensureImage, type Source } from './build-image.ts';
import { nodeForLinux } from './node-program.ts';

export type ImageName = 'node' | 'kamailio' | 'asterisk' | 'ejabberd' | 'sipp' | 'drachtio' | 'baresip';

export interface ImagesOptions<Name extends ImageName> {
  readonly need: readonly Name[];
  /** Of Debian. @default 'trixie', 'sid' for a program that no release has */
  readonly suite?: Suite;
  /** The engine's, e.g. `amd64`. */
  readonly arch: string;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** What goes in beside the Dockerfile, as lying in `containers/`; all are called in the image as they are there. */
const FILES: Readonly<Partial<Record<ImageName, readonly string[]>>> = {
  kamailio: ['kamailio/kamailio.cfg', 'kamailio/sip-ready'],
  asterisk: [
    ...['modules', 'sorcery', 'rtp', 'logger', 'dialplan', 'headers', 'voicemail-modules'].map(
      (name) => `asterisk/${name}.conf`,
    ),
    'kamailio/sip-ready',
  ],
  ejabberd: ['kamailio/sip-ready'],
  drachtio: ['drachtio/listening'],
};
const IN_NO_RELEASE: ReadonlySet<ImageName> = new Set(['asterisk']);

/**
 * The lab's images, built where they are not there yet or have changed.
 * @returns a reference for each. @throws {LabError}
 */
export async function ensureImages<const Name extends ImageName>(
  docker: Dockerode,
  options: ImagesOptions<Name>,
): Promise<Readonly<Record<Name, string>>> {
  const { need, say, signal } = options;
  const bases = new Map<Suite, Promise<string>>();
  const baseOf = (name?: ImageName): Promise<string> => {
    const suite = options.suite ?? (name !== undefined && IN_NO_RELEASE.has(name) ? 'sid' : 'trixie');
    const known = bases.get(suite) ?? ensureBaseImage(docker, { suite, say, ...(signal && { signal }) });
    bases.set(suite, known);
    return known;
  };
  const build = async (name: ImageName, arg: 'BASE' | 'NODE', on: string): Promise<string> =>
    ensureImage(docker, {
      name: `ringfence/${name}`,
      sources: await sourcesOf(name, options.arch),
      args: { [arg]: on },
      on: [(await docker.getImage(on).inspect()).Id],
      say,
      ...(signal && { signal }),
    });
  const node = need.some(needsNode) ? baseOf().then((base) => build('node', 'BASE', base)) : null;
  const building = need.map(async (name): Promise<[Name, string]> => {
    const ref =
      node !== null && needsNode(name)
        ? await build(name, 'NODE', await node)
        : await build(name, 'BASE', await baseOf(name));
    return [name, ref];
  });
  // When one fails, the others must have ended before anybody cleans up.
  await Promise.allSettled(building);
  return Object.fromEntries(await Promise.all(building)) as Record<Name, string>;
}

function needsNode(name: ImageName): boolean {
  return name === 'drachtio' || name === 'baresip';
}

async function sourcesOf(name: ImageName, arch: string): Promise<Source[]> {
  const own = [`${name}/Dockerfile`, ...(FILES[name] ?? [])].map((file) => ({
    from: join(ROOT, 'containers', file),
    to: basename(file),
  }));
  if (name === 'node') {
    const { path, version } = await nodeForLinux(arch);
    return [...own, { from: path, to: 'node', identity: `node ${version} ${arch}` }];
  }
  if (!needsNode(name)) return own;
  const ours = ['harness', 'package.json'].map((path) => ({ from: join(ROOT, path), to: path }));
  return [...own, ...ours];
}
