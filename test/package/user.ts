/** A repository of a user's own, with the package that `npm pack` makes of this checkout, installed by npm. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finished } from '../helpers/cli.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { devDependencies, allowScripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  devDependencies: Readonly<Record<string, string>>;
  allowScripts: Readonly<Record<string, false>>;
};
/** Packages below ours that compile C++ for half a minute where they find a compiler, and do without where they find none. */
export const PACKAGE_JSON = `${JSON.stringify({ private: true, type: 'module', allowScripts })}\n`;
const NPM_MS = 600_000;

/** npm works with a registry that may be slow; the packages are those that a checkout has fetched before. */
const NPM = ['--prefer-offline', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];

export class UserRepository implements AsyncDisposable {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** As `docs/package.md` has it, with the types of Node.js that ours want. */
  static async make(tarball: string, files: Readonly<Record<string, string>> = {}): Promise<UserRepository> {
    const user = new UserRepository(await mkdtemp(join(tmpdir(), 'ringfence-user-')));
    await user.write({ 'package.json': PACKAGE_JSON, ...files });
    await user.mustRun('npm', [
      'install',
      '--save-dev',
      tarball,
      `@types/node@${devDependencies['@types/node']}`,
      ...NPM,
    ]);
    return user;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.folder, name)), { recursive: true });
      await writeFile(join(this.folder, name), text);
    }
  }

  /** What npm put into `.bin`, as `npx` starts it. */
  ringfence(...args: readonly string[]): Promise<Finished> {
    return this.run(join(this.folder, 'node_modules/.bin/ringfence'), args);
  }

  run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
    return run(command, args, { cwd: this.folder, env });
  }

  async mustRun(command: string, args: readonly string[]): Promise<string> {
    const { exitStatus, stdout, stderr } = await this.run(command, args);
    if (exitStatus !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${exitStatus}:\n${stdout}${stderr}`);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** All that `npm pack` reads of a checkout. */
const PACKED =
  'harness scenarios packaging containers docs reports/schema package.json tsconfig.json CHANGELOG.md README.md';
/** `npm pack` empties dist/ first, so that no two may run at a time; who waited takes what the other has made, unless something is newer. */
const PACK = `
mkdir -p "$1"
exec 9>"$1/lock"
flock 9
if [ ! -e "$1/begun" ] || [ -n "$(find ${PACKED} -newer "$1/begun" -print -quit)" ]; then
  rm -f "$1"/begun "$1"/*.tgz
  touch "$1/beginning"
  npm pack --loglevel=error --pack-destination "$1" >&2
  mv "$1/beginning" "$1/begun"
fi`;

/** @returns a file that other tests use as well */
export async function packed(): Promise<string> {
  const folder = join(ROOT, 'node_modules/.cache/ringfence-packed');
  const { exitStatus, stdout, stderr } = await run('sh', ['-euc', PACK, 'pack', folder], { cwd: ROOT });
  if (exitStatus !== 0) throw new Error(`npm pack ended with ${exitStatus}:\n${stdout}${stderr}`);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack left no file in ${folder}`);
  return join(folder, tarball);
}

export function run(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<Finished> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV|TEST$)/.test(name));
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      {
        cwd,
        timeout: NPM_MS,
        killSignal: 'SIGKILL',
        env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env },
        maxBuffer: 20_000_000,
      },
      (error, stdout, stderr) =>
        resolve({ exitStatus: error === null ? 0 : (error.code ?? error.signal ?? 'unknown'), stdout, stderr }),
    );
  });
}
