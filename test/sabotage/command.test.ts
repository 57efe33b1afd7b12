/** `./ringfence sabotage` as a user runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sabotages } from '../../harness/sabotage/registry.ts';
import { ringfence } from '../helpers/cli.ts';
import { commandHere } from '../helpers/command-line.ts';
import { descendants, untilGone, WAIT_MS } from '../processes/processes.ts';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe('the command', () => {
  it('tries what is named, prints the table, writes the page, and ends with 0 when all was noticed', async () => {
    const report = join(dir, 'report');
    const { exitStatus, stdout, stderr } = await ringfence([
      'sabotage',
      'obeys-nothing',
      'relay-that',
      '--concurrency',
      '1', // labs beside each other make each other late, and a cell that stays late is inconclusive
      '--report',
      report,
    ]);
    expect(stdout, stderr).toMatch(/^ms-sipre on Kamailio \S+: 1 of 1 sabotages noticed$/m);
    expect(stdout).toMatch(/^baseline {2,}p p p p p p p p p p p p p p p p p p u p$/m);
    expect(stdout).toMatch(/^obeys-nothing {2,}p F F p p p p p p F F p p F F p p F \w p {2}noticed$/m);
    expect(stdout).toMatch(/^relay-that-passes-everything {2,}p p p p p p p p p p p p p p p p p p u p {2}harmless$/m);
    expect(stdout).toMatch(/voicemail-no-answer\/target-class-secondary pass → fail: voice mail was reached/);
    expect(exitStatus).toBe(0);
    const [page, json] = await Promise.all(
      ['index.html', 'sabotage.json'].map((file) => readFile(join(report, file), 'utf8')),
    );
    expect(page).toContain('1 of 1 sabotages noticed');
    expect(JSON.parse(json ?? '')).toMatchObject({ policy: 'ms-sipre', repeat: 1, exitStatus: 0 });
  });

  it('lists what there is', async () => {
    const { exitStatus, stdout } = await commandHere(['sabotage', '--list']);
    expect(exitStatus).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(sabotages.length);
  });

  it('has a help', async () => {
    const { exitStatus, stdout } = await commandHere(['sabotage', '--help']);
    expect([exitStatus, stdout]).toEqual([0, expect.stringContaining('Usage: ./ringfence sabotage')]);
  });

  it.for([
    [['no-such-thing'], /no sabotage matches "no-such-thing"; .*--list/],
    [['--policy', 'lync'], /unknown policy "lync"; there is: ms-sipre/],
    [['--repeat', '0'], /--repeat takes a whole number from 1 to 100, not "0"/],
    [['--concurrency', 'x'], /--concurrency takes a whole number/],
    [['--no-such-option'], /no-such-option/],
  ] as const)('refuses %j with 2', async ([args, message]) => {
    const { exitStatus, stderr } = await commandHere(['sabotage', ...args]);
    expect(stderr).toMatch(message);
    expect(exitStatus).toBe(2);
  });

  it('ends with 130 on Ctrl-C, and leaves no program behind', async () => {
    const child = spawn(process.execPath, [MAIN, 'sabotage', '--report', dir], { stdio: ['ignore', 'ignore', 'pipe'] });
    const labsRun = Promise.withResolvers<void>();
    child.stderr.on('data', (text: Buffer) => {
      if (/[1-9] of \d+ labs done/.test(text.toString())) labsRun.resolve();
    });
    const ended = once(child, 'exit');
    await Promise.race([labsRun.promise, ended]);
    // On a busy machine labs come one after the other, and the next has not started a program yet when this one is done.
    const started = await vi.waitFor(() => {
      const all = descendants(child.pid ?? 0);
      expect(all.length).toBeGreaterThan(3); // what starts programs, its watchdog, a server and a caller
      return all;
    }, WAIT_MS);
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    await untilGone(started);
  });
});
