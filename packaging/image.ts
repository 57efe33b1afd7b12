/** `node packaging/image.ts`: builds containers/ringfence of this checkout, and names it `ringfence:latest` and `ringfence:VERSION`. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureImage } from '../harness/runtime/docker/build-image.ts';
import { type Engine, ensureImages, findEngine } from '../harness/runtime/docker/index.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** As npm calls what the engine has another name for. */
const CPUS: Readonly<Record<string, string>> = { amd64: 'x64', x86_64: 'x64', aarch64: 'arm64' };
/** All that decides which packages are installed. */
const LOCKED = ['package.json', 'package-lock.json', '.npmrc'];

export interface RingfenceImageOptions {
  /** What `npm pack` made of this checkout. */
  readonly tarball: string;
  readonly say: (line: string) => void;
}

/** @returns a reference. @throws {LabError} when it cannot be built */
export async function ensureRingfenceImage(
  { docker, arch }: Pick<Engine, 'docker' | 'arch'>,
  { tarball, say }: RingfenceImageOptions,
): Promise<string> {
  const { node } = await ensureImages(docker, { need: ['node'], arch, say });
  const context = await mkdtemp(join(tmpdir(), 'ringfence-image-of-package-'));
  try {
    for (const file of LOCKED) await cp(join(ROOT, file), join(context, file));
    const platform = ['--os=linux', `--cpu=${CPUS[arch] ?? arch}`, '--libc=glibc'];
    const quick = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['ci', '--omit=dev', ...platform, ...quick], { cwd: context, stdio: ['ignore', 2, 2] });
    execFileSync('tar', ['-xzf', tarball, '-C', context]); // as `package/`
    const locked = createHash('sha256');
    for (const file of LOCKED) locked.update(await readFile(join(context, file)));
    return await ensureImage(docker, {
      name: 'ringfence/ringfence',
      sources: [
        { from: join(ROOT, 'containers/ringfence/Dockerfile'), to: 'Dockerfile' },
        { from: join(context, 'node_modules'), to: 'node_modules', identity: `${locked.digest('hex')} ${arch}` },
        { from: join(context, 'package'), to: 'package' },
      ],
      args: { NODE: node },
      on: [(await docker.getImage(node).inspect()).Id],
      say,
    });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const engine = await findEngine();
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-packed-'));
  execFileSync('npm', ['pack', '--loglevel=error', '--pack-destination', folder], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  const [file = ''] = await readdir(folder);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const image = engine.docker.getImage(await ensureRingfenceImage(engine, { tarball: join(folder, file), say }));
  await rm(folder, { recursive: true });
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  for (const tag of ['latest', version]) await image.tag({ repo: 'ringfence', tag });
  const { Size } = await image.inspect();
  process.stdout.write(`ringfence:latest, ringfence:${version}: ${Math.round(Size / 1e6)} MB\n`);
}
