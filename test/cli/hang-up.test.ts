/** What a command does when the terminal that it was started in is gone, and what where there was none. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { RunResults } from '../../harness/model/results.ts';
import { scratch } from '../setup/scratch.ts';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));
const RUN = ['run', 'voicemail-busy', '--policy', 'plain', '--no-allure', '--report'];

/** A terminal with a command in it, script(1), whose end is that of a window that somebody closes. */
class Terminal {
  readonly #script;
  readonly #shown: string;

  /** @param dir for what it shows, and for temporary files of the command */
  constructor(args: readonly string[], dir: string) {
    this.#shown = join(dir, 'shown');
    const words = [process.execPath, MAIN, ...args].map((word) => `'${word}'`);
    this.#script = spawn('script', ['--quiet', '--flush', '--command', `exec ${words.join(' ')}`, this.#shown], {
      stdio: 'ignore',
      env: { ...process.env, TMPDIR: join(dir, 'temporary') },
    });
  }

  async shows(text: string): Promise<void> {
    await expect.poll(() => readFile(this.#shown, 'utf8').catch(() => '')).toContain(text);
  }

  async close(): Promise<void> {
    const closed = once(this.#script, 'close');
    this.#script.kill('SIGKILL');
    await closed;
  }
}

async function resultsOf(report: string): Promise<RunResults['run'] | null> {
  return readFile(join(report, 'results.json'), 'utf8').then(
    (text) => (JSON.parse(text) as RunResults).run,
    () => null,
  );
}

describe.concurrent('a terminal that is gone', () => {
  it('ends a run in order, with a report of what it has', async (context) => {
    await using own = await scratch();
    await mkdir(join(own.dir, 'temporary'));
    const report = join(own.dir, 'report');
    const terminal = new Terminal([...RUN, report], own.dir);
    await terminal.shows('placing calls');
    await terminal.close();
    await context.expect.poll(() => resultsOf(report)).toMatchObject({ ended: 'cancelled' });
    await context.expect.poll(() => readdir(report)).toContain('index.html');
  });

  it('ends a lab in order, which leaves nothing', async (context) => {
    await using own = await scratch();
    const temporary = join(own.dir, 'temporary');
    await mkdir(temporary);
    const terminal = new Terminal(['lab'], own.dir);
    await terminal.shows('Ctrl-C ends the lab.');
    await context.expect.poll(() => readdir(temporary)).toContainEqual(expect.stringContaining('lab'));
    await terminal.close();
    await context.expect.poll(() => readdir(temporary)).not.toContainEqual(expect.stringContaining('lab'));
  });
});

it('a run without a terminal goes on when it is told of one that is gone, as nohup(1) would have it', async (context) => {
  await using own = await scratch();
  const child = spawn(process.execPath, [MAIN, ...RUN, own.dir], { stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(child, 'close');
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  await context.expect.poll(() => told).toContain('placing calls');
  child.kill('SIGHUP');
  expect(await closed).toEqual([0, null]);
  expect(await resultsOf(own.dir)).toMatchObject({ ended: 'complete' });
});
