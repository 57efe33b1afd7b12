import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ringfence } from '../helpers/cli.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A start in which no package can be loaded: `./ringfence` fetches none for these commands. */
const WITHOUT_PACKAGES = `--import=data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module';
registerHooks({
  resolve(name, context, next) {
    const found = next(name, context);
    if (found.url.includes('/node_modules/')) throw new Error('the package ' + name + ' is loaded');
    return found;
  },
});`)}`;

describe.concurrent('without any package', () => {
  it('help is there', async () => {
    const { stdout, stderr } = await ringfence(['help'], { env: { NODE_OPTIONS: WITHOUT_PACKAGES } });
    expect(stderr).toBe('');
    expect(stdout).toContain('Usage: ./ringfence COMMAND');
  });

  it('doctor is there', async () => {
    const { stdout, stderr } = await ringfence(['doctor'], { env: { NODE_OPTIONS: WITHOUT_PACKAGES } });
    expect(stderr).not.toContain('is loaded');
    expect(stdout).toContain('Node.js');
  });

  it('a command that needs packages is not: this test can fail', async () => {
    const { stderr } = await ringfence(['list'], { env: { NODE_OPTIONS: WITHOUT_PACKAGES } });
    expect(stderr).toContain('the package valibot is loaded');
  });
});

describe('what images have: harness/, package.json and no package', () => {
  let app = '';
  beforeAll(async () => {
    app = await mkdtemp(join(tmpdir(), 'ringfence-image-'));
    for (const part of ['harness', 'package.json']) await cp(join(ROOT, part), join(app, part), { recursive: true });
  });
  afterAll(() => rm(app, { recursive: true, force: true }));

  /** @returns everything that it says */
  const node = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> =>
    new Promise((resolve) => {
      execFile(process.execPath, args, { cwd: app, env: { PATH: process.env.PATH, ...env } }, (_, stdout, stderr) =>
        resolve(`${stdout}${stderr}`),
      );
    });

  it.for([
    ['the drachtio server', ['harness/cli/main.ts', 'drachtio', '--help'], {}, /^Usage: .*drachtio --sip/],
    ['the host of SIP servers', ['harness/sip-host/main.ts'], {}, /^usage: .*PORT\n$/],
    [
      'baresip',
      ['harness/ua/baresip/main.ts'],
      { RINGFENCE_ACTION: 'describe', RINGFENCE_BARESIP: 'no-such-baresip' },
      /^no-such-baresip is not installed/,
    ],
  ] as const)('starts %s', async ([, args, env, said]) => {
    expect(await node(args, env)).toMatch(said);
  });

  it('finds no package there: this test can fail', async () => {
    expect(await node(['--eval', "import('valibot')"])).toContain("Cannot find package 'valibot'");
  });
});
