import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Stage, Status } from 'allure-js-commons';
import { InMemoryWriter, ReporterRuntime } from 'allure-js-commons/sdk/reporter';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CellResult } from '../../harness/model/results.ts';
import { AllurePage, withoutAnalytics } from '../../harness/report/allure.ts';
import { packedPage } from '../../harness/report/allure-pack.ts';
import { sample } from '../results/sample.ts';
import { fileInPage, filesInPage } from './allure-page.ts';
import { describeInBrowser, watchedPage } from './browser.ts';

let dir: string;
let scratch: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-allure-test-'));
  scratch = await mkdtemp(join(tmpdir(), 'ringfence-allure-test-'));
});
afterEach(() => Promise.all([dir, scratch].map((each) => rm(each, { recursive: true, force: true }))));

const STATUSES = {
  pass: Status.PASSED,
  fail: Status.FAILED,
  inconclusive: Status.BROKEN,
  unsupported: Status.SKIPPED,
  unspecified: Status.SKIPPED,
} as const;

/** Allure's page of cells, from results as the tests of cells write them. */
async function writePage(cells: readonly CellResult[], historyFile: string | null = null): Promise<string> {
  const outputFile = join(dir, 'allure.html');
  const page = await AllurePage.open({ outputFile, historyFile, scratch, results: cells.length });
  const writer = new InMemoryWriter();
  const runtime = new ReporterRuntime({ writer });
  for (const cell of cells) {
    const id = runtime.startTest({ name: cell.variant, fullName: cell.id, start: 1_000 });
    runtime.updateTest(id, (test) => {
      test.status = STATUSES[cell.verdict];
      test.stage = Stage.FINISHED;
      test.statusDetails = { message: cell.why ?? '' };
      test.labels.push({ name: 'epic', value: cell.policy }, { name: 'feature', value: cell.feature });
      test.parameters.push({ name: 'situation', value: cell.situation });
    });
    runtime.stopTest(id, { duration: cell.durationMs });
    runtime.writeTest(id);
  }
  for (const result of writer.tests) page.add(`${result.uuid}-result.json`, JSON.stringify(result));
  await page.write();
  return outputFile;
}

describe('AllurePage', () => {
  it('is one file that asks nobody, and leaves nothing else behind', async () => {
    const page = await readFile(await writePage(sample().cells), 'utf8');
    expect(await readdir(dir)).toEqual(['allure.html']);
    expect(page).not.toContain('googletagmanager');
    expect(page).toMatch(/<title>\s*Ringfence\s*<\/title>/);
  });

  it('keeps a history over runs when it is asked to', async () => {
    const historyFile = join(dir, 'history.jsonl');
    const cells = sample().cells.slice(0, 2);
    await writePage(cells, historyFile);
    const { size } = await stat(historyFile);
    await writePage(cells, historyFile);
    expect((await stat(historyFile)).size).toBeGreaterThan(size);
  });

  const result = (uuid: string, status: Status, start: number): [name: string, json: string] => [
    `${uuid}-result.json`,
    JSON.stringify({ uuid, name: 'a cell', fullName: 'a cell', historyId: 'a', testCaseId: 'a', status, start }),
  ];

  it.each(['first', 'last'])('shows of a cell that was tested again what came of it later, given %s', async (place) => {
    const given = [result('before', Status.BROKEN, 1_000), result('after', Status.PASSED, 2_000)];
    const outputFile = join(dir, 'allure.html');
    const page = await AllurePage.open({ outputFile, historyFile: null, scratch, results: 1 });
    for (const each of place === 'last' ? given : given.toReversed()) page.add(...each);
    await page.write();
    const statistic = fileInPage(await readFile(outputFile, 'utf8'), 'widgets/statistic.json');
    expect(statistic).toEqual({ total: 1, passed: 1, retries: 1 });
  });

  it('is not written of nothing', async () => {
    const page = await AllurePage.open({
      outputFile: join(dir, 'allure.html'),
      historyFile: null,
      scratch,
      results: 1,
    });
    await expect(page.write()).rejects.toThrow(/no Allure results/);
    expect(await readdir(dir)).toEqual([]);
  });
});

describe('withoutAnalytics', () => {
  const tag =
    '<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>\n<script>gtag("x")</script>';

  it('takes the analytics script out and leaves the rest', () => {
    expect(withoutAnalytics(`<head>${tag}<script>app()</script></head>`)).toBe('<head><script>app()</script></head>');
  });

  it.each([
    '<script src="https://example.test/a.js"></script>',
    "<script defer src='//example.test/a.js'></script>",
    '<link rel="stylesheet" href="https://example.test/a.css">',
    '<img alt="" src=https://example.test/a.png>',
  ])('refuses a page that still loads %s', (element) => {
    expect(() => withoutAnalytics(`<head>${tag}${element}</head>`)).toThrow(
      /would load from elsewhere: .*example\.test/,
    );
  });
});

describe('packedPage', () => {
  const app = '<script   src="data:text/javascript;base64,YSgpOw=="></script>';
  const files = (list: string) =>
    `<script defer>\n  Promise.allSettled([${list}])\n .then(function(){ ready() })\n </script>`;

  it('has every file once, and keeps what stands around them', () => {
    const page = packedPage(`<head>${app}</head><b>$&</b>${files('d("a.json","e30="),d("b/a.json","e30=")')}</body>`);
    expect([...filesInPage(page)].map(([name, bytes]) => [name, bytes.toString()])).toEqual([
      ['', 'a();'],
      ['a.json', '{}'],
      ['b/a.json', '{}'],
    ]);
    expect(page).toMatch(/^<head><\/head><b>\$&<\/b><script type/);
    expect(page).not.toContain('e30=');
  });

  it('says what it misses in a page of another form', () => {
    expect(() => packedPage(app)).toThrow(/has no list of files where it was; .*allure-pack\.ts/);
    expect(() => packedPage(files('d("a","e30=")'))).toThrow(/has no program where it was/);
  });
});

describeInBrowser('allure.html', () => {
  it('opens from a disk, shows the cells, and makes no request', async () => {
    const page = await writePage(sample().cells);
    await using watched = await watchedPage();
    await watched.page.goto(pathToFileURL(page).href);
    await watched.page.getByText('ms-sipre').first().waitFor();
    const [wrong] = sample().cells.filter(({ verdict }) => verdict === 'fail');
    const files = [...filesInPage(await readFile(page, 'utf8'))];
    const [file = ''] = files.find(([, bytes]) => bytes.includes(`"fullName":"${wrong?.id}"`)) ?? [];
    await watched.page.goto(`${pathToFileURL(page).href}#${/[0-9a-f]{32}/.exec(file)}`);
    await watched.page
      .getByText(wrong?.why ?? 'a reason')
      .first()
      .waitFor();
    expect(watched.offences.filter((offence) => offence.startsWith('request:'))).toEqual([]);
  });
});
