/** Allure shows what came of a cell in the end, whatever was known of it before. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { allure } from '../../harness/interop/allure.ts';
import { Reports } from '../../harness/report/index.ts';
import { tracesIn } from '../../harness/results/read.ts';
import { runInMemory } from '../../harness/results/stored-run.ts';
import { fileInPage } from '../report/allure-page.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';
import { scratch } from '../setup/scratch.ts';

const results = sample();
const run = runInMemory(results, tracesIn(SAMPLE_DIR));
const count = (verdict: string): number => results.cells.filter((cell) => cell.verdict === verdict).length;

async function statistic(dir: string): Promise<unknown> {
  return fileInPage(await readFile(join(dir, 'allure.html'), 'utf8'), 'widgets/statistic.json');
}

const EXPECTED = {
  total: results.cells.length,
  passed: count('pass'),
  failed: count('fail'),
  broken: count('inconclusive'),
  skipped: count('unsupported') + count('unspecified'),
};

describe.each([
  { how: 'by a vitest test for each cell', byVitest: true },
  { how: 'without tests', byVitest: false },
])('Allure, $how', ({ byVitest }) => {
  it('has a cell again whose result changed after it was told', async () => {
    await using place = await scratch();
    await using reports = new Reports([allure({ historyFile: null, byVitest })], place.dir);
    reports.begin(results);
    reports.add(
      results.cells.map((cell) => ({ ...cell, verdict: 'pass', why: null })),
      'windows',
    );
    await reports.render(run);
    const changed = results.cells.length - count('pass');
    expect(changed).toBeGreaterThan(0);
    expect(await statistic(place.dir)).toEqual({ ...EXPECTED, retries: changed });
  });

  it('begins with nothing of an earlier run into the same folder', async () => {
    await using place = await scratch();
    const stale = join(place.dir, 'allure-results', 'stale-result.json');
    await mkdir(join(place.dir, 'allure-results'));
    await writeFile(stale, JSON.stringify({ uuid: 'stale', name: 'stale', fullName: 'stale', status: 'passed' }));
    await using reports = new Reports([allure({ historyFile: null, byVitest })], place.dir);
    await reports.render(run);
    expect(await statistic(place.dir)).toEqual(EXPECTED);
    const names = await readdir(join(place.dir, 'allure-results'));
    expect(names).not.toContain('stale-result.json');
    expect(names.filter((name) => name.endsWith('-result.json'))).toHaveLength(results.cells.length);
  });

  it('has every cell, whatever plan of tests the environment names', async () => {
    await using place = await scratch();
    const plan = join(place.dir, 'plan.json');
    await writeFile(plan, JSON.stringify({ version: '1.0', tests: [{ id: '1', selector: 'another.test.ts#suite' }] }));
    vi.stubEnv('ALLURE_TESTPLAN_PATH', plan);
    await using reports = new Reports([allure({ historyFile: null, byVitest })], place.dir);
    const { warnings } = await reports.render(run);
    vi.unstubAllEnvs();
    expect(warnings).toEqual([]);
    expect(await statistic(place.dir)).toEqual(EXPECTED);
  });

  it('tells what kept it from being complete, and leaves the rest of the reports alone', async () => {
    await using place = await scratch();
    await writeFile(join(place.dir, 'file'), '');
    await using reports = new Reports(
      [allure({ historyFile: join(place.dir, 'file', 'history.jsonl'), byVitest })],
      place.dir,
    );
    const { warnings } = await reports.render(run);
    expect(warnings).toEqual([expect.stringMatching(/^the report "Allure" is not complete: /)]);
  });
});

it('gets the same either way, but for what a test alone has', async () => {
  const [byVitest, without] = await Promise.all([resultsWritten(true), resultsWritten(false)]);
  expect(byVitest).toHaveLength(results.cells.length);
  expect(without.map(whatMatters)).toEqual(byVitest.map(whatMatters));
  for (const { labels } of byVitest) expect(labels).toContainEqual({ name: 'thread', value: 'vitest-worker-1' });
  for (const { labels } of without) expect(labels.filter(({ name }) => name === 'thread')).toEqual([]);
});

interface Written extends Readonly<Record<string, unknown>> {
  readonly fullName: string;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly status: string;
  readonly statusDetails: { readonly message?: string };
  readonly steps: readonly { readonly name: string; readonly attachments: readonly { readonly type: string }[] }[];
}

async function resultsWritten(byVitest: boolean): Promise<Written[]> {
  await using place = await scratch();
  await using reports = new Reports([allure({ historyFile: null, byVitest })], place.dir);
  await reports.render(run);
  const dir = join(place.dir, 'allure-results');
  const names = (await readdir(dir)).filter((name) => name.endsWith('-result.json'));
  const written = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(dir, name), 'utf8')) as Written),
  );
  return written.toSorted((one, other) => one.fullName.localeCompare(other.fullName));
}

/** Neither times and random names, nor what is of a test alone: its thread, its file, its stack; why one was skipped it does not say. */
function whatMatters(result: Written) {
  const { uuid: _uuid, start: _start, stop: _stop, stage: _stage, labels, statusDetails, steps, ...others } = result;
  const ofTest = ['framework', 'thread', 'package', '_fallbackTestCaseId'];
  return {
    ...others,
    labels: labels
      .filter(({ name }) => !ofTest.includes(name))
      .toSorted((one, other) => one.name.localeCompare(other.name)),
    message: others.status === 'skipped' ? null : statusDetails.message,
    steps: steps.map(({ name, attachments }) => [name, ...attachments.map(({ type }) => type)]),
  };
}
