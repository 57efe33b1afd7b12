/** One run, five reports: each cell has the verdict of results.json in all of them. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../harness/model/results.ts';
import { VERDICTS } from '../../harness/model/words.ts';
import { Reports } from '../../harness/report/index.ts';
import { renderers } from '../../harness/report/renderers.ts';
import { tracesIn } from '../../harness/results/read.ts';
import { runInMemory } from '../../harness/results/stored-run.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';
import { fileInPage, filesInPage } from './allure-page.ts';
import { dataIn } from './data-in.ts';

interface AllureResult {
  readonly fullName: string;
  readonly status: string;
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly links: readonly { readonly url: string }[];
  readonly steps: readonly { readonly name: string }[];
}

/** What a reader of another format takes for the verdict; JUnit and Allure have one word for two of ours. */
const JUNIT = { pass: '', fail: 'failure', inconclusive: 'error', unsupported: 'skipped', unspecified: 'skipped' };
const ALLURE = {
  pass: 'passed',
  fail: 'failed',
  inconclusive: 'broken',
  unsupported: 'skipped',
  unspecified: 'skipped',
};

const { cells } = sample();
let dir: string;
const file = (name: string): Promise<string> => readFile(join(dir, name), 'utf8');
const byVerdict = (verdict: Verdict): string[] => cells.filter((cell) => cell.verdict === verdict).map(({ id }) => id);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-agreement-'));
  const all = renderers({ allure: true, historyFile: join(dir, 'history.jsonl'), singleFile: false });
  await using reports = new Reports(all, dir);
  // In parts, as a run has them: one is tested while the other's windows are open.
  const { length } = cells;
  reports.begin(sample());
  reports.add(cells.slice(0, length >> 1), 'windows');
  reports.add(cells.slice(length >> 1, length - 2), 'nothing');
  const { warnings } = await reports.render(runInMemory(sample(), tracesIn(SAMPLE_DIR)));
  expect(warnings).toEqual([]);
}, 300_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

async function allureResults(): Promise<Map<string, AllureResult>> {
  const names = (await readdir(join(dir, 'allure-results'))).filter((name) => name.endsWith('-result.json'));
  const results = await Promise.all(
    names.map(async (name) => JSON.parse(await file(`allure-results/${name}`)) as AllureResult),
  );
  return new Map(results.map((result) => [result.fullName.replace(/^.*#/, ''), result]));
}

const label = (result: AllureResult | undefined, name: string): string | undefined =>
  result?.labels.find((each) => each.name === name)?.value;

describe('the reports of one run', () => {
  it('are of a run with all five verdicts', () => {
    for (const verdict of VERDICTS) expect(byVerdict(verdict), verdict).not.toEqual([]);
  });

  it('agree in junit.xml', async () => {
    const xml = await file('junit.xml');
    const elements = [...xml.matchAll(/<testcase classname="([^"]*)" name="([^"]*)" time="[^"]*"(?:\/>|>\s*<(\w+))/g)];
    const verdicts = new Map(elements.map(([, classname, name, element = '']) => [`${classname} ${name}`, element]));
    expect(verdicts.size).toBe(cells.length);
    for (const { id, server, transport, path, policy, feature, situation, variant, verdict } of cells) {
      const key = `${[server, transport, path, policy, feature].join('.')} ${policy} / ${situation} / ${variant}`;
      expect(verdicts.get(key), id).toBe(JUNIT[verdict]);
    }
  });

  it('agree in Allure, whose results lead back to the cell', async () => {
    const results = await allureResults();
    expect(results.size).toBe(cells.length);
    for (const { id, policy, feature, situation, variant, verdict } of cells) {
      const result = results.get(`${policy} ${situation} ${variant}`);
      expect(result?.status, id).toBe(ALLURE[verdict]);
      expect(label(result, 'tag'), id).toBe(verdict);
      expect(['epic', 'policy', 'feature', 'story', 'situation', 'variant'].map((name) => label(result, name))).toEqual(
        [policy, policy, feature, situation, situation, variant],
      );
      expect(result?.links[0]?.url).toBe(`index.html#${id}`);
      const attached = result?.steps.some((step) => step.name === 'messages');
      expect(attached, id).toBe(verdict === 'fail' || verdict === 'inconclusive');
    }
  });

  it("agree in Allure's page, with what was attached", async () => {
    const page = await file('allure.html');
    const { leavesById } = fileInPage(page, 'widgets/tree.json') as { leavesById: Record<string, { status: string }> };
    const shown = Object.values(leavesById).map(({ status }) => status);
    expect(shown.toSorted()).toEqual(cells.map(({ verdict }) => ALLURE[verdict]).toSorted());
    const wrong = cells.filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive');
    const files = wrong.reduce((count, { control }) => count + (control === null ? 4 : 5), 0);
    expect([...filesInPage(page).keys()].filter((name) => name.startsWith('data/attachments/'))).toHaveLength(files);
  });

  it('agree in summary.md: counts, and the list of what is wrong', async () => {
    const text = await file('summary.md');
    const order = ['fail', 'inconclusive', 'pass', 'unsupported', 'unspecified'] as const;
    expect(text).toContain(`\n| ${order.map((verdict) => byVerdict(verdict).length).join(' | ')} |\n`);
    for (const verdict of ['fail', 'inconclusive'] as const) {
      const listed = [...text.matchAll(new RegExp(`^- ${verdict} <code>(.*)</code>$`, 'gm'))].map(([, id]) => id);
      expect(listed.toSorted()).toEqual(byVerdict(verdict).toSorted());
    }
  });

  it('agree in matrix.txt: counts, last', async () => {
    const counts = VERDICTS.map((verdict) => `${byVerdict(verdict).length} ${verdict}`).join(', ');
    expect(await file('matrix.txt')).toContain(`20 cells: ${counts}`);
  });

  it('agree in index.html: the matrix, cell by cell', async () => {
    const page = await file('index.html');
    const found = [...page.matchAll(/<td class="(\w+)[^"]*"><a href="#([^"]*)" aria-label="[\w ]+, (\w+)"/g)];
    expect(found.map(([, , id, verdict]) => [id, verdict]).toSorted()).toEqual(
      cells.map(({ id, verdict }) => [id, verdict]).toSorted(),
    );
    for (const [, shown, , said] of found) expect(shown).toBe(said);
  });

  it('agree in what the page shows of a cell', async () => {
    const shown = new Map<string, string>();
    for (const name of await readdir(join(dir, 'data'))) {
      const script = dataIn(await file(`data/${name}`));
      for (const cell of cells) {
        const at = script.indexOf(`"id":"${cell.id}"`);
        const verdict = at === -1 ? undefined : /"verdict":"(\w+)"/.exec(script.slice(at))?.[1];
        if (verdict !== undefined) shown.set(cell.id, verdict);
      }
    }
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(cells.map(({ id, verdict }) => [id, verdict])));
  });

  it('keep a history for Allure', async () => {
    const [line = ''] = (await file('history.jsonl')).trim().split('\n');
    expect(Object.keys((JSON.parse(line) as { testResults: object }).testResults)).toHaveLength(cells.length);
  });
});
