import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRun } from '../../harness/results/read.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';
import { fileInPage } from './allure-page.ts';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `./ringfence report ...` as a process of its own. */
async function report(...args: string[]): Promise<Ended> {
  return reportFrom(process.cwd(), ...args);
}

async function reportFrom(cwd: string, ...args: string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, 'report', ...args], { cwd });
    return { status: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, stderr };
  }
}

describe('./ringfence report', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ringfence-report-command-'));
    await cp(SAMPLE_DIR, join(dir, 'one'), { recursive: true });
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('renders a report in its place, prints the answer, and leaves results.json alone', async () => {
    const before = await readFile(join(dir, 'one/results.json'), 'utf8');
    const { status, stdout, stderr } = await report(join(dir, 'one'));
    expect([status, stderr]).toEqual([0, '']);
    const [title, sentences, table] = (await readFile(join(dir, 'one/matrix.txt'), 'utf8')).split('\n\n');
    expect(stdout).toContain([title, sentences, table].join('\n\n'));
    expect(stdout).toMatch(/^report: .*index\.html$/m);
    expect((await readdir(join(dir, 'one'))).toSorted()).toEqual([
      'index.html',
      'junit.xml',
      'matrix.txt',
      'results.json',
      'summary.md',
      'traces',
    ]);
    expect(await readFile(join(dir, 'one/results.json'), 'utf8')).toBe(before);
  });

  it('prints the whole matrix where it is asked for, as it is in the file', async () => {
    const { status, stdout } = await report(join(dir, 'one'), '--matrix');
    const matrix = await readFile(join(dir, 'one/matrix.txt'), 'utf8');
    expect([status, stdout.startsWith(matrix)]).toEqual([0, true]);
    expect((await report(join(dir, 'one'))).stdout.startsWith(matrix)).toBe(false);
  });

  it('says in a line what changed since the run before, and nothing where there is none', async () => {
    const [first, second] = [join(dir, '2026-01-09T120000-aaaa'), join(dir, '2026-01-10T120000-bbbb')];
    for (const each of [first, second]) await cp(SAMPLE_DIR, each, { recursive: true });
    expect((await report(first)).stdout).not.toContain('since run');
    const { stdout } = await report(second);
    expect(stdout).toMatch(/^as in the run before, \d{4}-\d\d-\d\d \d\d:\d\d UTC$/m);
    expect(stdout).not.toContain('since run');
    const page = await readFile(join(second, 'index.html'), 'utf8');
    expect(page).toMatch(/<a href="\.\.\/2026-01-09T120000-aaaa\/index\.html">as in the run before, /);
    expect(page).not.toContain('id="since"');
  });

  it('makes one file or a folder, as it is told, and not both', async () => {
    await report(join(dir, 'one'), '--no-single-file', '--out', join(dir, 'out'));
    expect(await readdir(join(dir, 'out'))).toContain('data');
    await writeFile(join(dir, 'out/data/99-older.js'), 'ringfenceData("data/99-older.js", "");');
    const mine = ['data/mine.csv', 'data/mine.js'];
    for (const file of mine) await writeFile(join(dir, 'out', file), 'no file of a report');
    await report(join(dir, 'out'), '--no-single-file');
    expect(await readdir(join(dir, 'out/data'))).not.toContain('99-older.js');
    await report(join(dir, 'out'));
    expect((await readdir(join(dir, 'out/data'))).map((file) => `data/${file}`)).toEqual(mine);
    const both = await report(join(dir, 'one'), '--single-file', '--no-single-file');
    expect(both.status).toBe(2);
    expect(both.stderr).toMatch(/--single-file and --no-single-file are opposites/);
  });

  it('tells of one cell, with its control or without, all that was asked, and of several not', async () => {
    const id = 'kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct';
    const own = sample().cells.filter(
      ({ id: each, control }) => each === id || (control === null && id.startsWith(each.replace(/none.*/, ''))),
    );
    expect(own).toHaveLength(2);
    for (const cells of [own, own.filter((cell) => cell.id === id)]) {
      await writeFile(join(dir, 'one/results.json'), JSON.stringify({ ...sample(), cells }));
      const { stdout } = await report(join(dir, 'one'));
      expect(stdout.startsWith(`${id}: fail\n✓ All that the call takes is there: nothing is missing\n`)).toBe(true);
      expect(stdout).toContain(
        '✕ The feature did as the sources demand: voice mail was reached 6 ms after the INVITE, but',
      );
    }
    await cp(SAMPLE_DIR, join(dir, 'one'), { recursive: true });
    expect((await report(join(dir, 'one'))).stdout).not.toContain('The feature did as');
  });

  it('merges several into a report that is whole by itself', async () => {
    const changed = {
      ...sample(),
      run: { ...sample().run, servers: { kamailio: { name: 'Kamailio', version: '5.8.1' } } },
    };
    await cp(SAMPLE_DIR, join(dir, 'two'), { recursive: true });
    await writeFile(join(dir, 'two/results.json'), JSON.stringify(changed));
    const { status, stdout } = await report(join(dir, 'one'), join(dir, 'two'), '--out', join(dir, 'out'));
    expect([status, stdout.includes('ms-sipre on Kamailio 5.8.1')]).toEqual([0, true]);
    const { results, traceOf } = await readRun(join(dir, 'out'));
    expect(results.cells).toHaveLength(2 * sample().cells.length);
    expect((await Promise.all(results.cells.map(traceOf))).flat().length).toBeGreaterThan(300);
  });

  it("makes Allure's page anew of what the results say, where a run had one", async () => {
    await mkdir(join(dir, 'one/allure-results'));
    await cp(SAMPLE_DIR, join(dir, 'two'), { recursive: true });
    const { status, stderr } = await report(join(dir, 'one'), join(dir, 'two'), '--out', join(dir, 'out'));
    expect([status, stderr]).toEqual([0, '']);
    const page = await readFile(join(dir, 'out/allure.html'), 'utf8');
    expect(fileInPage(page, 'widgets/statistic.json')).toMatchObject({ total: sample().cells.length });
    expect(await readFile(join(dir, 'out/index.html'), 'utf8')).toContain('href="allure.html"');
  });

  it('names the tests the same for Allure, wherever it was started: its history goes by their names', async () => {
    await mkdir(join(dir, 'one/allure-results'));
    expect(await reportFrom(dir, 'one')).toMatchObject({ status: 0, stderr: '' });
    const names = await readdir(join(dir, 'one/allure-results'));
    const name = names.find((each) => each.endsWith('-result.json')) ?? 'none';
    const result = JSON.parse(await readFile(join(dir, 'one/allure-results', name), 'utf8')) as { fullName: string };
    expect(result.fullName).toMatch(/^ringfence:harness\/interop\/cells\.interop\.ts#/);
  });

  it('ends with 3 and a sentence when Allure cannot be made', async () => {
    await mkdir(join(dir, 'one/allure-results'));
    await mkdir(join(dir, 'one/allure.html/in the way'), { recursive: true });
    const { status, stderr, stdout } = await report(join(dir, 'one'));
    expect([status, stderr]).toEqual([3, expect.stringContaining('the report "Allure" is not complete')]);
    expect(stdout).toContain('20 cells');
  });

  it('does not let merged results take the place of their sources', async () => {
    await cp(SAMPLE_DIR, join(dir, 'two'), { recursive: true });
    const { status, stderr } = await report(join(dir, 'one'), join(dir, 'two'), '--out', join(dir, 'two'));
    expect([status, stderr]).toEqual([2, expect.stringContaining('is one of the folders to merge')]);
  });

  it.each([
    { args: [], says: 'which report?' },
    { args: ['no-such-folder'], says: 'a report is a folder with a results.json' },
    { args: ['--nonsense'], says: 'nonsense' },
  ])('ends with 2 and a sentence for $args', async ({ args, says }) => {
    const { status, stderr } = await report(...args);
    expect([status, stderr]).toEqual([2, expect.stringContaining(says)]);
  });
});
