import { execFile } from 'node:child_process';
import { access, appendFile, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findExecutable } from '../../harness/setup/find-tool.ts';
import { type Scratch, scratch } from './scratch.ts';

const BOOTSTRAP = fileURLToPath(new URL('../../ringfence', import.meta.url));
const NEEDED = ['sh', 'dirname', 'readlink', 'uname', 'mkdir', 'rm', 'mv', 'cat', 'cmp', 'tail', 'flock', 'id'];

/** What npm leaves of itself, as far as the bootstrap looks; each call adds a line to npm-calls. */
const NPM = `echo "$*" >>"$(dirname "$0")/npm-calls"
case $1 in ci) mkdir -p node_modules && echo {} >node_modules/.package-lock.json ;; esac`;

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  /** @default the checkout's own ./ringfence */
  readonly command?: string;
  readonly cwd?: string;
  readonly onStderr?: (text: string) => void;
}

/** A checkout in miniature: the bootstrap, a lock file, and a command line that prints its arguments. */
class Checkout {
  readonly dir: string;
  readonly #bin: Scratch;

  private constructor(bin: Scratch) {
    this.#bin = bin;
    this.dir = join(bin.dir, 'check out');
  }

  /** @param node `ours`: the one that runs this test; else what an old one says */
  static async create(bin: Scratch, { node = 'ours', npm = NPM as string | null } = {}): Promise<Checkout> {
    const checkout = new Checkout(bin);
    await mkdir(join(checkout.dir, 'harness/cli'), { recursive: true });
    await copyFile(BOOTSTRAP, join(checkout.dir, 'ringfence'));
    await writeFile(join(checkout.dir, 'package-lock.json'), '{ "lockfileVersion": 3 }\n');
    await writeFile(
      join(checkout.dir, 'harness/cli/main.ts'),
      'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = Number(process.argv[3] ?? 0);',
    );
    for (const name of NEEDED) {
      const path = await findExecutable([name]);
      if (path !== null) await symlink(path, join(bin.dir, name));
    }
    if (node === 'ours') await symlink(process.execPath, join(bin.dir, 'node'));
    if (node === 'old') await bin.script('node', 'exit 1');
    if (npm !== null) await bin.script('npm', npm);
    return checkout;
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const { command = join(this.dir, 'ringfence'), cwd = '/', onStderr } = options;
    return new Promise((resolve) => {
      const child = execFile(command, args, { cwd, env: { PATH: this.#bin.dir } }, (error, stdout, stderr) => {
        resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
      if (onStderr !== undefined) child.stderr?.on('data', onStderr);
    });
  }

  async npmCalls(): Promise<string[]> {
    const text = await readFile(join(this.#bin.dir, 'npm-calls'), 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean);
  }
}

describe('./ringfence', () => {
  it('fetches the production packages once, says so on stderr, and passes arguments and exit status on', async () => {
    await using bin = await scratch();
    const checkout = await Checkout.create(bin);
    const first = await checkout.run(['list', '7', 'a b', '']);
    expect(first).toEqual({
      status: 7,
      stdout: '["list","7","a b",""]\n',
      stderr: 'ringfence: fetching npm packages (once)\n',
    });
    expect(await checkout.run(['list'])).toEqual({ status: 0, stdout: '["list"]\n', stderr: '' });
    expect(await checkout.npmCalls()).toEqual([expect.stringMatching(/^ci --omit=dev /)]);
  });

  it('works through symbolic links, from another folder', async () => {
    await using bin = await scratch();
    const checkout = await Checkout.create(bin);
    const links = join(bin.dir, 'my links');
    await mkdir(links);
    await symlink('../check out/ringfence', join(links, 'relative'));
    await symlink(join(links, 'relative'), join(links, 'absolute'));
    expect(await checkout.run(['doctor'], { command: './absolute', cwd: links })).toMatchObject({
      status: 0,
      stdout: '["doctor"]\n',
    });
  });

  it('fetches nothing for doctor and for help', async () => {
    await using bin = await scratch();
    const checkout = await Checkout.create(bin);
    for (const args of [['doctor'], ['help'], []]) expect((await checkout.run(args)).status).toBe(0);
    expect(await checkout.npmCalls()).toEqual([]);
  });

  it('fetches the packages of the tests for test; a run does with them', async () => {
    await using bin = await scratch();
    const checkout = await Checkout.create(bin);
    for (const command of ['run', 'test', 'run', 'test']) await checkout.run([command]);
    const modes = (await checkout.npmCalls()).map((call) => call.includes('--omit=dev'));
    expect(modes).toEqual([true, false]);
  });

  it('fetches again when the lock file has changed, or node_modules is gone', async () => {
    await using bin = await scratch();
    const checkout = await Checkout.create(bin);
    await checkout.run(['run']);
    await appendFile(join(checkout.dir, 'package-lock.json'), '\n');
    await checkout.run(['run']);
    expect(await checkout.npmCalls()).toHaveLength(2);
  });

  it('fetches again after a start that was killed in the middle of npm', async () => {
    await using bin = await scratch();
    const checkout = await Checkout.create(bin, {
      npm: `${NPM}\n[ -f "$0.survives" ] || { : >"$0.survives"; kill -KILL $PPID; }`,
    });
    await checkout.run(['run']);
    await expect(access(join(checkout.dir, 'node_modules/.ringfence-stamp'))).rejects.toThrow(/ENOENT/);
    expect(await checkout.run(['run'])).toMatchObject({ status: 0, stdout: '["run"]\n' });
    expect(await checkout.npmCalls()).toHaveLength(2);
  });

  it('lets one of several first starts fetch while the others wait', async (context) => {
    context.skip((await findExecutable(['flock'])) === null, 'this system has no flock');
    await using bin = await scratch();
    const checkout = await Checkout.create(bin, { npm: `${NPM}\nread -r go <"$(dirname "$0")/gate"` });
    const gate = join(bin.dir, 'gate');
    await promisify(execFile)('mkfifo', [gate]);
    let waiting = 0;
    const open = Promise.withResolvers<void>();
    const starts = [1, 2, 3].map(() =>
      checkout.run(['run'], {
        onStderr: (text) => {
          if (text.includes('waiting for it') && ++waiting === 2) open.resolve();
        },
      }),
    );
    await Promise.race([open.promise, Promise.all(starts)]);
    await writeFile(gate, 'go\n');
    const ended = await Promise.all(starts);
    expect(waiting).toBe(2);
    expect(ended.map(({ status }) => status)).toEqual([0, 0, 0]);
    expect(await checkout.npmCalls()).toHaveLength(1);
  });

  it('says what was tried and what to do when npm fails, and leaves no stamp', async () => {
    await using bin = await scratch();
    const checkout = await Checkout.create(bin, { npm: 'echo "npm error code ENOTFOUND" >&2; exit 1' });
    const { status, stdout, stderr } = await checkout.run(['run']);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(/ENOTFOUND[\s\S]*could not fetch npm packages[\s\S]*HTTPS_PROXY[\s\S]*cafile/);
    await expect(access(join(checkout.dir, 'node_modules/.ringfence-stamp'))).rejects.toThrow(/ENOENT/);
  });

  it('ends with 3 and a way out on a machine with neither Node.js nor npm nor apt-get', async () => {
    await using bin = await scratch();
    const checkout = await Checkout.create(bin, { node: 'none', npm: null });
    const { status, stderr } = await checkout.run(['run']);
    expect(status).toBe(3);
    expect(stderr).toMatch(/found neither Node\.js >= 24\.15 nor npm[\s\S]*https:\/\/nodejs\.org/);
  });

  it('prints the one command where packages may not be installed', async () => {
    await using bin = await scratch();
    const checkout = await Checkout.create(bin, { node: 'none', npm: null });
    await bin.script('apt-get', 'echo "must not be called" >&2');
    await bin.script('id.1000', 'echo 1000');
    const { status, stderr } = await checkout.run(['run'], { command: await asUser(bin, checkout) });
    expect(status).toBe(3);
    expect(stderr).toMatch(/sudo sh '.*check out\/harness\/setup\/apt-install\.sh' npm sip-tester kamailio/);
    expect(stderr).not.toContain('must not be called');
  });

  it('replaces a Node.js that is too old, and fetches it anew after a half fetched one', async () => {
    await using bin = await scratch();
    const node = `ln -s '${process.execPath}' "$prefix/node_modules/$package/bin/node"`;
    const checkout = await Checkout.create(bin, {
      node: 'old',
      npm: `${NPM}
case $1 in install)
  prefix=$3 package=\${6%@*}
  [ ! -d "$prefix/node_modules" ] || exit 0 # like npm, which takes a folder of that name for a finished one
  mkdir -p "$prefix/node_modules/$package/bin"
  if [ -f "$0.second" ]; then ${node}; else : >"$0.second"; fi ;;
esac`,
    });
    await symlink((await findExecutable(['ln'])) ?? '/bin/ln', join(bin.dir, 'ln'));
    expect(await checkout.run(['doctor'])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('does not start'),
    });
    expect(await checkout.run(['doctor'])).toMatchObject({ status: 0, stdout: '["doctor"]\n' });
    expect(await checkout.run(['doctor'])).toMatchObject({ status: 0, stderr: '' });
    expect(await checkout.npmCalls()).toEqual([
      expect.stringMatching(/node-\S+@\d+\.\d+\.\d+ npm@/),
      expect.stringMatching(/node-\S+@\d+\.\d+\.\d+ npm@/),
    ]);
  });
});

/** The bootstrap as an ordinary user sees it: `id -u` says 1000, also when the tests run as root. */
async function asUser(bin: Scratch, checkout: Checkout): Promise<string> {
  await mkdir(join(bin.dir, 'user'));
  await symlink(join(bin.dir, 'id.1000'), join(bin.dir, 'user/id'));
  return bin.script('as-user', `PATH="$(dirname "$0")/user:$PATH" exec '${checkout.dir}/ringfence' "$@"`);
}
