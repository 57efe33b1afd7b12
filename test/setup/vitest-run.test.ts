import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sum, summary } from '../../harness/cli/test.ts';
import { runVitest, settle } from '../../harness/cli/vitest-run.ts';
import { scratch } from './scratch.ts';

const root = fileURLToPath(new URL('fixtures/vitest', import.meta.url));

/** What vitest puts into the environment of its workers is not meant for a vitest of our own. */
const env = Object.fromEntries(
  Object.keys(process.env)
    .filter((key) => key.startsWith('VITEST'))
    .map((key) => [key, '']),
);

const run = (...filters: string[]) => runVitest({ root, filters, env, tell: () => {} });

describe('a run of the tests is counted', () => {
  it('when all pass', async () => {
    expect(await run('passes')).toEqual({ passed: 1, failed: 0, skipped: 0, failures: [], skips: [] });
  });

  it('when one fails, beside one that passes', async () => {
    const tally = await run('one-fails');
    expect(tally).toMatchObject({ passed: 1, failed: 1, skipped: 0 });
    expect(tally.failures).toEqual([expect.stringMatching(/^one-fails\.case\.js > cannot add: .*expected 2 to be 3/)]);
  });

  it('with the reason of a skip; a run of skips alone fails', async () => {
    const tally = await run('skips');
    expect(tally).toMatchObject({ passed: 0, failed: 1, skipped: 1, failures: ['no test ran'] });
    expect(tally.skips).toEqual(['skips.case.js > draws: no Chromium here']);
    expect(await run('skips', 'passes')).toMatchObject({ passed: 1, failed: 0, skipped: 1 });
  });

  it.for([
    ['an unhandled rejection', 'rejects', /nobody awaits me/, 1],
    ['a file that does not load', 'does-not-load', /no such thing at load time/, 0],
    ['a hook that fails', 'hook-fails', /a server: did not start/, 0],
    ['a file without tests', 'no-tests', /No test suite found/, 0],
    ['a test that kills its own process', 'test-dies', /./, 0],
    ['a test that kills the runner', 'runner-dies', /SIGKILL.*before it could report/, 0],
    ['a selection that matches nothing', 'no-file-is-called-this', /no test ran|before it could report/, 0],
  ] as const)('as failed after %s', async ([, filter, said, passed]) => {
    const tally = await run(filter);
    expect(tally.passed).toBe(passed);
    expect(tally.failed).toBeGreaterThan(0);
    expect(tally.failures.join('\n')).toMatch(said);
  });

  it('as failed, and not waited for, when a process that a test left keeps vitest from ending', async () => {
    await using folder = await scratch();
    const leftBehind = join(folder.dir, 'pid');
    try {
      const tally = await runVitest({
        root,
        filters: ['leaves-a-process'],
        env: { ...env, LEFT_BEHIND: leftBehind },
        tell: () => {},
        lingerMs: 500,
      });
      expect(tally).toMatchObject({ passed: 1, failed: 1 });
      expect(tally.failures[0]).toMatch(/vitest did not end within 500 ms of its last test/);
    } finally {
      process.kill(Number(await readFile(leftBehind, 'utf8')), 'SIGKILL');
    }
  });

  it('as failed when vitest ends badly without a failed test', () => {
    const green = { passed: 3, failed: 0, skipped: 0, failures: [], skips: [] };
    expect(settle(green, 0)).toBe(green);
    expect(settle(green, 1)).toMatchObject({ passed: 3, failed: 1 });
    expect(settle(null, 'SIGSEGV')).toMatchObject({ passed: 0, failed: 1 });
  });
});

it('has every test file of this project in one of its parts, and in no two', async () => {
  const here = fileURLToPath(new URL('../..', import.meta.url));
  const vitest = fileURLToPath(import.meta.resolve('vitest/package.json')).replace(/package\.json$/, 'vitest.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [vitest, 'list', '--filesOnly', '--json'], {
    cwd: here,
    env: { ...process.env, ...env },
  });
  const listed = (JSON.parse(stdout) as { readonly file: string }[]).map(({ file }) => relative(here, file));
  expect(listed.toSorted()).toEqual(globSync('test/**/*.test.ts', { cwd: here }).toSorted());
});

it('names no test file that is not there, and no pattern that matches none', async () => {
  const here = fileURLToPath(new URL('../..', import.meta.url));
  const named = (await readFile(join(here, 'vitest.config.ts'), 'utf8')).match(/(?<=')test\/[^']+/g) ?? [];
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((pattern) => globSync(pattern, { cwd: here }).length === 0)).toEqual([]);
});

describe('the summary', () => {
  it('ends with one plain line of sums, after the names of what failed and was skipped', () => {
    const tallies = [
      { passed: 4, failed: 0, skipped: 0, failures: [], skips: [] },
      { passed: 10, failed: 1, skipped: 1, failures: ['a.test.ts > x: no'], skips: ['b.test.ts > y: no Chromium'] },
    ];
    const lines = summary(sum(tallies)).split('\n');
    expect(lines.slice(1)).toEqual([
      'skipped: b.test.ts > y: no Chromium',
      'failed: a.test.ts > x: no',
      '14 passed, 1 failed, 1 skipped',
      '',
    ]);
  });
});
