import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { configIn } from '../../plan/config-file.ts';

export type Platform = 'github' | 'gitlab';

/** What `init` and `new` have to know of the user's repository. */
export interface Repository {
  readonly folder: string;
  /** Of modules: where package.json does not say "type": "module", Node.js takes a `.ts` file with `import` for CommonJS. */
  readonly extension: 'ts' | 'mts';
  readonly hasConfig: boolean;
  /** For scenarios and headers. */
  readonly scenarios: string;
}

/** @throws {UsageError} without a package.json, and for a configuration that is wrong */
export async function repositoryIn(folder: string): Promise<Repository> {
  let type: unknown;
  try {
    ({ type } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { type?: unknown });
  } catch (cause) {
    const { message } = cause as Error;
    throw new UsageError(
      `${join(folder, 'package.json')} cannot be read (${message}): start this in the folder where ringfence is installed`,
      { cause },
    );
  }
  const found = await configIn(folder);
  const [scenarios = 'scenarios'] = [found?.config.scenarios ?? []].flat();
  return { folder, extension: type === 'module' ? 'ts' : 'mts', hasConfig: found !== null, scenarios };
}

/** By its files, else by where git pushes to; null: neither says. */
export async function platformOf(folder: string): Promise<Platform | null> {
  const names = await readdir(folder);
  if (names.includes('.gitlab-ci.yml')) return 'gitlab';
  if (names.includes('.github')) return 'github';
  const [, said = null] = /\b(github|gitlab)\b/.exec(await remotes(folder)) ?? [];
  return said as Platform | null;
}

async function remotes(folder: string): Promise<string> {
  return new Promise((resolve) => {
    execFile('git', ['-C', folder, 'remote', '--verbose'], (_error, stdout) => resolve(stdout));
  });
}
