/** `node packaging/image.ts`: builds containers/ringfence of this checkout, and names it `ringfence:latest` and `ringfence:VERSION`. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureImage } from '../harness/runtime/docker/build-image.ts';
import { type Engine, ensureImages, findEngine } from '../harness/runtime/docker/index.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** As npm calls what the engine has another name for. */
const CPUS: Readonly<Record<string, string>> = { amd64: 'x64', x86_64: 'x64', aarch64: 'arm64' };
/** All that decides which packages are installed. */
const LOCKED = ['package.json', 'package-lock.json', '.npmrc'];
const KEPT = join(ROOT, 'node_modules/.cache/ringfence-image');

export interface RingfenceImageOptions {
  /** What `npm pack` made of this checkout, or is about to. */
  readonly tarball: string | Promise<string>;
  readonly say: (line: string) => void;
}

/** @returns a reference. @throws {LabError} when it cannot be built */
export async function ensureRingfenceImage(
  { docker, arch }: Pick<Engine, 'docker' | 'arch'>,
  { tarball, say }: RingfenceImageOptions,
): Promise<string> {
  const unpacked = await mkdtemp(join(tmpdir(), 'ringfence-image-of-package-'));
  try {
    // Debian's packages, npm's and ours come from different places, and each takes a while.
    const getting = [
      ensureImages(docker, { need: ['node'], arch, say }),
      modulesFor(arch),
      Promise.resolve(tarball).then((file) => mustRun('tar', ['-xzf', file, '-C', unpacked])), // as `package/`
    ] as const;
    await Promise.allSettled(getting); // before anybody cleans up
    const [{ node }, modules] = await Promise.all(getting);
    return await ensureImage(docker, {
      name: 'ringfence/ringfence',
      sources: [
        { from: join(ROOT, 'containers/ringfence/Dockerfile'), to: 'Dockerfile' },
        { from: join(modules, 'node_modules'), to: 'node_modules', identity: basename(modules) },
        { from: join(unpacked, 'package'), to: 'package' },
      ],
      args: { NODE: node },
      on: [(await docker.getImage(node).inspect()).Id],
      say,
    });
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

/** @returns a folder, named after what decides its contents, with the `node_modules` of a user of the package. It is kept, the others go. */
async function modulesFor(arch: string): Promise<string> {
  const locked = createHash('sha256');
  for (const file of LOCKED) locked.update(await readFile(join(ROOT, file)));
  const folder = join(KEPT, `${arch}-${locked.digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  await rm(KEPT, { recursive: true, force: true });
  await mkdir(KEPT, { recursive: true });
  const making = await mkdtemp(`${folder}-`);
  for (const file of LOCKED) await cp(join(ROOT, file), join(making, file));
  const platform = ['--os=linux', `--cpu=${CPUS[arch] ?? arch}`, '--libc=glibc'];
  const quick = [
    '--ignore-scripts',
    '--no-bin-links',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  await mustRun('npm', ['ci', '--omit=dev', ...platform, ...quick], making);
  await rename(making, folder); // whole, or not at all
  return folder;
}

/** What it says goes to stderr. */
async function mustRun(command: 'npm' | 'tar', args: readonly string[], cwd?: string): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 2, 2] });
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}; what it said is above`);
}

if (import.meta.main) {
  const engine = await findEngine();
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-packed-'));
  const packing = mustRun('npm', ['pack', '--loglevel=error', '--pack-destination', folder], ROOT);
  const tarball = packing.then(async () => join(folder, (await readdir(folder))[0] ?? ''));
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const image = engine.docker.getImage(await ensureRingfenceImage(engine, { tarball, say }));
  await rm(folder, { recursive: true });
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  for (const tag of ['latest', version]) await image.tag({ repo: 'ringfence', tag });
  const { Size } = await image.inspect();
  process.stdout.write(`ringfence:latest, ringfence:${version}: ${Math.round(Size / 1e6)} MB\n`);
}
