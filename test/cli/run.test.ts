import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CellResult, RunResults } from '../../harness/model/results.ts';
import { POLICIES } from '../../harness/model/words.ts';
import { ringfence } from '../helpers/cli.ts';
import { type Scratch, scratch } from '../setup/scratch.ts';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));
const README = fileURLToPath(new URL('../../README.md', import.meta.url));

interface AllureResult {
  readonly name: string;
  readonly descriptionHtml: string;
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Where a run's scenarios come from and its report goes, removed when it goes out of scope. */
class Place implements AsyncDisposable {
  readonly #scratch: Scratch;
  /** The user's own scenarios. */
  readonly mine: string;
  readonly report: string;

  private constructor(own: Scratch) {
    this.#scratch = own;
    this.mine = join(own.dir, 'mine');
    this.report = join(own.dir, 'report');
  }

  /** @param files of the user, by name */
  static async with(files: Readonly<Record<string, string>>): Promise<Place> {
    const place = new Place(await scratch());
    await mkdir(place.mine);
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(place.mine, name), text)));
    return place;
  }

  run(...args: string[]): ReturnType<typeof ringfence> {
    return this.runAll('--policy', 'plain', ...args);
  }

  /** As the README has it. */
  runAll(...args: string[]): ReturnType<typeof ringfence> {
    return ringfence(['run', '--report', this.report, '--scenarios', this.mine, ...args]);
  }

  read(file: string): Promise<string> {
    return readFile(join(this.report, file), 'utf8');
  }

  async results(): Promise<RunResults> {
    return JSON.parse(await this.read('results.json')) as RunResults;
  }

  async cellsOf(situation: string, variant: string): Promise<readonly CellResult[]> {
    return (await this.results()).cells.filter((cell) => cell.situation === situation && cell.variant === variant);
  }

  /** What allure-vitest wrote: one result per cell, each attributed to its own. */
  async allureResults(): Promise<AllureResult[]> {
    const files = (await readdir(join(this.report, 'allure-results'))).filter((name) => name.endsWith('-result.json'));
    return Promise.all(
      files.map(async (name) => {
        const result = JSON.parse(await this.read(join('allure-results', name)));
        const labels = result.labels.map((label: { name: string; value: string }) => [label.name, label.value]);
        const { name: title, status, descriptionHtml } = result;
        return { name: title, status, descriptionHtml, labels: Object.fromEntries(labels) };
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scratch[Symbol.asyncDispose]();
  }
}

/** The code block of the README behind `<!-- name -->`. */
async function readmeExample(name: string): Promise<string> {
  const text = await readFile(README, 'utf8');
  const block = new RegExp(`<!-- ${name} -->\\n\`\`\`ts\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1];
  if (block === undefined) throw new Error(`the README has no block behind <!-- ${name} -->`);
  return block;
}

/** Those of a process that were started with this in their command. */
async function childrenOf(pid: number, command: string): Promise<number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number);
  const commands = await Promise.all(children.map((each) => readFile(`/proc/${each}/cmdline`, 'utf8').catch(() => '')));
  return children.filter((_, index) => commands[index]?.includes(command) === true);
}

/** The processes that a signal to this group reaches. */
async function groupOf(group: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats
    .map((stat) => [Number.parseInt(stat, 10), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2])] as const)
    .filter(([, of]) => of === group)
    .map(([pid]) => pid);
}

const NO_SCENARIO =
  "export const variants = [{ id: 'mine', title: 'x', kind: 'decoy', claims: [], headers: HEADERS }];\n";

describe.concurrent('./ringfence run', () => {
  it('adds the header of the README, as written', async () => {
    await using place = await Place.with({ 'headers.ts': await readmeExample('variant-example') });
    const { exitStatus, stdout } = await place.runAll('--no-allure', '--variant', 'x-ring-only');
    expect(await place.cellsOf('voicemail-busy', 'x-ring-only')).toHaveLength(POLICIES.length);
    expect(await place.cellsOf('voicemail-busy', 'x-ring-only')).toContainEqual(
      expect.objectContaining({ verdict: 'pass', observed: expect.objectContaining({ outcome: 'engaged' }) }),
    );
    expect(stdout).toContain('X-Ring-Only: yes');
    expect(exitStatus).toBe(0);
  });

  it('adds the situation of the README, as written', async () => {
    await using place = await Place.with({ 'busy-then-forward.ts': await readmeExample('scenario-example') });
    const { exitStatus, stderr } = await place.runAll('--situation', 'forward-busy');
    const { cells } = await place.results();
    expect(cells.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'unspecified')).toEqual([]);
    expect(await place.cellsOf('forward-busy', 'none')).toHaveLength(POLICIES.length);
    expect(stderr).not.toContain('unexpected error');
    expect(exitStatus).toBe(0);
  });

  it("fails a cell whose scenario's own assertion fails, everywhere alike", async () => {
    const example = await readmeExample('scenario-example');
    await using place = await Place.with({ 'mine.ts': example.replace('toBeLessThanOrEqual(1)', 'toBe(7)') });
    const { exitStatus, stdout } = await place.run('--situation', 'forward-busy', '--variant', 'none');
    expect(await place.cellsOf('forward-busy', 'none')).toMatchObject([
      { verdict: 'fail', why: expect.stringContaining('own assertion failed') },
    ]);
    const said = "✕ The scenario's own assertion held: the scenario's own assertion failed";
    for (const text of [stdout, await place.read('junit.xml')]) expect(text).toContain(said);
    expect(await place.read('junit.xml')).toMatch(/<failure/);
    expect(await place.allureResults()).toMatchObject([
      {
        name: 'none',
        status: 'failed',
        descriptionHtml: expect.stringContaining(said),
        labels: { epic: 'plain', feature: 'forwarding', story: 'forward-busy' },
      },
    ]);
    expect(exitStatus).toBe(1);
  });

  it('carries a header with `;`, quotes, brackets and XML to the wire and to every report unharmed', async () => {
    const header = 'X-Odd: <a&b>;c="d;e";[call_id] %s \\\\ ]]> </script>';
    await using place = await Place.with({ 'odd.ts': NO_SCENARIO.replace('HEADERS', JSON.stringify([header])) });
    const { exitStatus } = await place.run('--variant', 'mine', '--situation', 'voicemail-busy');
    expect(await place.cellsOf('voicemail-busy', 'mine')).toMatchObject([{ verdict: 'pass' }]);
    expect((await place.results()).variants.find((each) => each.id === 'mine')?.headers).toEqual([header]);
    expect(await place.read('index.html')).not.toContain(']]> </script>');
    expect(exitStatus).toBe(0);
  });

  it('asks another server what it can, and says of the rest why not', async () => {
    await using place = await Place.with({ 'headers.ts': await readmeExample('variant-example') });
    const selection = [
      '--variant',
      'target-class-secondary',
      '--situation',
      'voicemail-busy',
      '--situation',
      'team-ring',
    ];
    const { exitStatus, stdout } = await place.run('--no-allure', '--server', 'kamailio-stock', ...selection);
    expect(await place.cellsOf('voicemail-busy', 'target-class-secondary')).toMatchObject([
      {
        verdict: 'pass',
        observed: { outcome: 'engaged' },
        rerun: expect.stringMatching(/^\.\/ringfence run kamailio-stock\/plain\/.* --server kamailio-stock /),
      },
    ]);
    expect(await place.cellsOf('team-ring', 'target-class-secondary')).toMatchObject([
      { verdict: 'unsupported', why: expect.stringContaining('it has no rules of subscribers') },
    ]);
    expect(stdout).toContain('4 cells: 2 pass, 0 fail, 0 inconclusive, 2 unsupported');
    expect(exitStatus).toBe(0);
  });

  it('runs over TCP as well', async () => {
    await using place = await Place.with({ 'any.ts': NO_SCENARIO.replace('HEADERS', '["X-Any: 1"]') });
    const { exitStatus } = await place.run(
      '--no-allure',
      '--transport',
      'tcp',
      '--situation',
      'voicemail-no-answer',
      '--variant',
      'mine',
    );
    expect((await place.results()).cells.map((cell) => [cell.transport, cell.verdict])).toEqual([
      ['tcp', 'pass'],
      ['tcp', 'pass'],
    ]);
    expect(exitStatus).toBe(0);
  });

  it('says so when the report cannot be written where it was asked for', async () => {
    await using own = await scratch();
    await writeFile(join(own.dir, 'file'), '');
    const { exitStatus, stderr } = await ringfence([
      'run',
      'voicemail-busy',
      '--report',
      join(own.dir, 'file', 'report'),
    ]);
    expect(stderr).toMatch(/the report cannot be written to .*file\/report.*--report/);
    expect(exitStatus).toBe(2);
  });

  it('tells of a report that cannot be written, also when it was cancelled before', async () => {
    await using own = await scratch();
    const report = join(own.dir, 'report');
    await mkdir(join(report, 'index.html', 'in the way'), { recursive: true });
    const args = [MAIN, 'run', 'voicemail', '--policy', 'plain', '--no-allure', '--report', report];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const before = told.includes('placing calls');
      told += text;
      if (!before && told.includes('placing calls')) child.kill('SIGINT');
    });
    expect(await once(child, 'close')).toEqual([3, null]);
    expect(told).toContain('index.html');
    expect(told).not.toContain('before any call');
  });

  it('takes no verdict back for a Ctrl-C, which a terminal sends to every process of the run', async (context) => {
    await using place = await Place.with({ 'busy.ts': await readmeExample('scenario-example') });
    const args = ['--situation', 'forward-busy', '--variant', 'x-no-voicemail', '--policy', 'plain'];
    const child = spawn(
      process.execPath,
      [MAIN, 'run', ...args, '--scenarios', place.mine, '--report', place.report],
      { stdio: ['ignore', 'ignore', 'pipe'], detached: true }, // a group of its own, as a shell makes one
    );
    const { pid = 0 } = child;
    const closed = once(child, 'close');
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    await context.expect.poll(() => told).toContain('waiting out'); // Allure's process begins with that
    await context.expect.poll(() => groupOf(pid)).toEqual([pid]);
    process.kill(-pid, 'SIGINT');
    expect(await closed).toEqual([130, null]);
    expect(told).not.toContain('warning');
    const { run, cells } = await place.results();
    expect(run.ended).toBe('cancelled');
    expect(cells.map(({ variant, verdict }) => [variant, verdict])).toEqual([
      ['none', 'pass'],
      ['x-no-voicemail', 'pass'],
    ]);
    expect(cells.flatMap(({ checks = [] }) => checks).filter(({ id }) => id === 'assertion')).toHaveLength(2);
    expect(await place.allureResults()).toHaveLength(2);
  });

  it('has a report of what is left when the process that judges dies', async (context) => {
    await using own = await scratch();
    const report = join(own.dir, 'report');
    const question = ['--policy', 'plain', '--situation', 'voicemail-busy', '--variant', 'none', '--no-allure'];
    // So many that they are judged elsewhere.
    const child = spawn(process.execPath, [MAIN, 'run', ...question, '--repeat', '31', '--report', report], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const { pid = 0 } = child;
    const closed = once(child, 'close');
    let told = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    await context.expect.poll(() => told, { interval: 10 }).toContain('placing calls');
    const judges = await childrenOf(pid, 'judging-child.ts');
    expect(judges).toHaveLength(1);
    for (const each of judges) process.kill(each, 'SIGKILL');
    expect(await closed).toEqual([3, null]);
    expect(told).toContain('what was recorded could not be read and kept: the process that judges ended with SIGKILL');
    const { run, cells } = JSON.parse(await readFile(join(report, 'results.json'), 'utf8')) as RunResults;
    expect(run.ended).toBe('failed');
    expect(cells.map(({ verdict, why }) => [verdict, why])).toEqual([
      ['inconclusive', expect.stringMatching(/was not placed, or what was recorded of it was lost: .* SIGKILL/)],
    ]);
    expect(await readFile(join(report, 'junit.xml'), 'utf8')).toContain('SIGKILL');
  });

  it('keeps what was called when the process of the assertions dies, and takes nothing for asserted', async () => {
    const scenario = (await readmeExample('scenario-example')).replace(
      /assert: [\s\S]*?\n {2}\},\n/,
      "assert: () => process.kill(process.pid, 'SIGKILL'),\n",
    );
    await using place = await Place.with({ 'dies.ts': scenario });
    const { exitStatus, stderr } = await place.run('--situation', 'forward-busy', '--variant', 'x-no-voicemail');
    expect(stderr).not.toContain('warning');
    expect(exitStatus).toBe(3);
    expect((await place.results()).cells.map(({ verdict, why }) => [verdict, why])).toEqual(
      Array.from({ length: 2 }, () => [
        'inconclusive',
        expect.stringContaining(
          "the scenario's own assertion was not run: the process of the assertions ended with SIGKILL",
        ),
      ]),
    );
  });
});
