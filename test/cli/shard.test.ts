/** Real calls, in two shards and whole, and what a pipeline asks of the reports. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResults } from '../../harness/model/results.ts';
import { ringfence } from '../helpers/cli.ts';
import { commandHere } from '../helpers/command-line.ts';

const SELECTION =
  '--policy ms-sipre --policy plain --situation voicemail-busy --situation simultaneous-ring --variant target-class-secondary'.split(
    ' ',
  );

let dir: string;
const at = (name: string): string => join(dir, name);
const run = (name: string, ...args: string[]) =>
  ringfence(['run', '--runtime', 'process', '--no-allure', '--report', at(name), ...SELECTION, ...args]);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-shard-test-'));
  const runs = [run('one', '--shard', '1/2'), run('two', '--shard', '2/2'), run('whole')];
  for (const { exitStatus, stderr } of await Promise.all(runs)) expect(exitStatus, stderr).toBe(0);
}, 300_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

async function results(name: string): Promise<RunResults> {
  return JSON.parse(await readFile(join(at(name), 'results.json'), 'utf8')) as RunResults;
}

/** What must not hang on when, where and under which names the calls were placed. */
function lasting({ cells, run: { servers, ended, trouble, shards }, situations, variants, claimResults }: RunResults) {
  return {
    run: { servers, ended, trouble, shards },
    situations,
    variants,
    claimResults,
    cells: cells.map(({ id, verdict, expected, observed: { outcome, status, calleeRang }, control, rerun }) => {
      return { id, verdict, expected, outcome, status, calleeRang, control, rerun };
    }),
  };
}

describe('./ringfence run --shard', () => {
  it('divides the run, and merged it is the whole one', async () => {
    const { exitStatus, stdout } = await ringfence(['report', at('two'), at('one'), '--out', at('merged'), '--check']);
    expect(exitStatus).toBe(0);
    expect(stdout).toContain('8 cells: 8 pass');
    expect((await results('one')).cells).toHaveLength(4);
    expect(lasting(await results('merged'))).toEqual(lasting(await results('whole')));
  });

  it('is a part only, and says so', async () => {
    expect((await results('one')).run.shards).toEqual(['1/2']);
    expect(await readFile(join(at('one'), 'matrix.txt'), 'utf8')).toContain('only shard 1/2');
  });

  it('leaves nothing that a merge job takes for the whole', async () => {
    const { exitStatus, stderr } = await ringfence(['report', at('two'), '--out', at('half'), '--check']);
    expect([exitStatus, stderr]).toEqual([3, expect.stringContaining('1/2 of the run is not among the reports')]);
  });

  it('shows what the others saw when one left a folder and no results in it', async () => {
    await mkdir(at('killed'));
    const { exitStatus, stdout, stderr } = await ringfence([
      'report',
      at('killed'),
      at('two'),
      '--out',
      at('rest'),
      '--check',
    ]);
    expect([exitStatus, stdout]).toEqual([3, expect.stringContaining('4 cells: 4 pass')]);
    expect(stderr).toContain('killed holds no results.json');
    expect(stderr).toContain('1/2 of the run is not among the reports');
  });

  it('refuses a shard without a situation', async () => {
    const { exitStatus, stderr } = await run('none', '--shard', '5/5');
    expect([exitStatus, stderr]).toEqual([2, expect.stringContaining('at most 4 shards')]);
  });
});

describe('./ringfence report --check', () => {
  it('ends as the run would have', async () => {
    const sample = new URL('../../reports/sample', import.meta.url).pathname;
    const asked = await ringfence(['report', sample, '--out', at('sample'), '--check']);
    const notAsked = await ringfence(['report', sample, '--out', at('sample')]);
    expect([asked.exitStatus, notAsked.exitStatus]).toEqual([130, 0]);
  });

  it('is not green for a whole run beside a folder without results, and says so where all are', async () => {
    await mkdir(at('nothing'));
    const beside = await ringfence(['report', at('whole'), at('nothing'), '--out', at('beside'), '--check']);
    expect([beside.exitStatus, beside.stderr]).toEqual([3, expect.stringContaining('nothing holds no results.json')]);
    const alone = await ringfence(['report', at('nothing'), '--check']);
    expect([alone.exitStatus, alone.stderr]).toEqual([
      2,
      expect.stringContaining('a report is a folder with a results.json'),
    ]);
  });
});

describe('./ringfence compare', () => {
  it('ends with 0 where nothing got worse, though calls and times are others', async () => {
    await ringfence(['report', at('one'), at('two'), '--out', at('again')]);
    const { exitStatus, stdout } = await ringfence(['compare', at('whole'), at('again'), '--out', at('comparison')]);
    expect([exitStatus, stdout]).toEqual([0, expect.stringContaining('8 cells in both: 0 worse, 0 better\n')]);
    expect(await readFile(join(at('comparison'), 'compare.html'), 'utf8')).toContain('href="../again/index.html"');
  });

  it('ends with 1 where something did, and names it', async () => {
    const whole = await results('whole');
    const [first, ...others] = whole.cells;
    if (first === undefined) throw new Error('there are cells');
    const worse = { ...whole, cells: [{ ...first, verdict: 'fail', why: 'it broke' }, ...others] };
    await ringfence(['report', at('whole'), at('whole'), '--out', at('worse')]);
    await writeFile(join(at('worse'), 'results.json'), JSON.stringify(worse));
    const { exitStatus, stdout } = await ringfence(['compare', at('whole'), at('worse')]);
    expect([exitStatus, stdout]).toEqual([1, expect.stringContaining('worse: pass → fail')]);
    expect(stdout).toContain('it broke');
  });

  it.for([
    { args: [], says: 'which two runs?' },
    { args: ['no-such', 'nor-this'], says: 'a report is a folder with a results.json' },
    { args: ['a', 'b', '--across', 'variant'], says: '--across takes server, policy, transport' },
  ])('ends with 2 and a sentence for $args', async ({ args, says }) => {
    const where = args.map((arg) => (arg === 'a' || arg === 'b' ? at('whole') : arg));
    const { exitStatus, stderr } = await commandHere(['compare', ...where]);
    expect([exitStatus, stderr]).toEqual([2, expect.stringContaining(says)]);
  });
});

describe('a job of GitHub', () => {
  it('gets a summary and annotations, and reads no command from the matrix', async () => {
    const sample = new URL('../../reports/sample', import.meta.url).pathname;
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: at('summary.md') };
    await writeFile(env.GITHUB_STEP_SUMMARY, 'from an earlier step\n');
    const { stdout } = await ringfence(['report', sample, '--out', at('sample')], { env });
    expect(stdout).toMatch(/^::stop-commands::([0-9a-f-]{36})\n[\s\S]*\n::\1::\n/);
    expect(stdout.match(/^::error title=/gm)).toHaveLength(2);
    expect(await readFile(env.GITHUB_STEP_SUMMARY, 'utf8')).toMatch(/^from an earlier step\n## Ringfence: 2 failed/);
  });
});
