/** What `init` and `new` write: the files of docs/examples, under names of the user's. The tests of the package run them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../place.ts';
import type { Platform } from './repository.ts';

/** Where a platform looks for its pipelines. */
export const PIPELINES: Readonly<Record<Platform, string>> = {
  github: '.github/workflows/ringfence.yml',
  gitlab: '.gitlab-ci.yml',
};

export function config(): Promise<string> {
  return example('docs/examples/repository/ringfence.config.ts');
}

export function pipeline(platform: Platform): Promise<string> {
  return example(
    platform === 'github' ? 'docs/examples/repository/github.yml' : 'docs/examples/repository/gitlab-ci.yml',
  );
}

export async function scenario(id: string): Promise<string> {
  return (await example('docs/examples/repository/busy-then-forward.ts')).replaceAll('busy-then-forward', id);
}

export async function header(id: string): Promise<string> {
  const name = id.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());
  return (await example('docs/examples/repository/x-ring-only.ts'))
    .replaceAll('x-ring-only', id)
    .replaceAll('X-Ring-Only', name);
}

export async function accounts(id: string): Promise<string> {
  const secret = `${id.toUpperCase().replaceAll('-', '_')}_SECRET`;
  return (await example('docs/examples/repository/accounts.yaml'))
    .replaceAll('our-pbx', id)
    .replaceAll('OUR_PBX_SECRET', secret);
}

/** On Debian's Kamailio. */
export async function serverProgram(id: string): Promise<string> {
  return (await example('docs/examples/kamailio-server.sh'))
    .replace(
      'docs/own-server.md tells how it is tested.',
      `npx ringfence run --server command:servers/${id}.sh tests it.`,
    )
    .replace('"name": "small kamailio"', `"name": "${id}"`);
}

/** On the server that the package has. @param file its own name */
export async function caller(id: string, file: string): Promise<string> {
  return (await example('docs/examples/dialler.ts'))
    .replace(/'[./]+harness\/index\.ts'/, "'ringfence/drachtio'")
    .replace("name: 'dialler'", `name: '${id}'`)
    .replace('docs/callers.md tells how it is tested.', `npx ringfence run --caller command:${file} tests it.`);
}

async function example(path: string): Promise<string> {
  return readFile(join(PACKAGE_ROOT, path), 'utf8');
}
