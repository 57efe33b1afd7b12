import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { LabError } from '../harness/errors.ts';
import { CHROMIUM, launchBrowser } from '../test/report/chromium.ts';
import { type ProgramUse, programUse } from './program.ts';
import type { BenchReport } from './report.ts';

export interface PageBenchOptions {
  /** @default 10000 */
  readonly cells?: number;
  /** Loads, and times that each filter is set. The median is reported. @default 5 */
  readonly runs?: number;
  /** After which a program is ended. @default 600_000 */
  readonly programTimeoutMs?: number;
}

const FIRST_PAINT_TARGET_MS = 1_500;
const USABLE_TARGET_MS = 1_500;
const FILTER_TARGET_MS = 200;
const REPORT_TARGET_SECONDS = 60;
const MEMORY_TARGET_MB = 600;
const MAIN = join(import.meta.dirname, '..', 'harness', 'cli', 'main.ts');
const WRITE = join(import.meta.dirname, 'write-run.ts');

/** What each filter does to the form; one that narrows, one that widens again. */
const FILTERS: Readonly<Record<string, string>> = {
  'policy, chosen': "form.elements.policy.value = 'ms-sipre'",
  'policy, taken back': "form.elements.policy.value = ''",
  'feature, chosen': "form.elements.feature.value = 'team-ring'",
  'feature, taken back': "form.elements.feature.value = ''",
  'variant, chosen': "form.elements.variant.value = 'target-class-secondary'",
  'variant, taken back': "form.elements.variant.value = ''",
  'verdict, checked': 'form.querySelector(\'input[value="fail"]\').checked = true',
  'verdict, taken back': 'form.querySelector(\'input[value="fail"]\').checked = false',
  'search, first letter': "form.elements.text.value = 's'",
  'search, a word': "form.elements.text.value = 'secondary'",
  'search, a reason': "form.elements.text.value = 'reached 4'",
  'search, part of an id': "form.elements.text.value = 'busy/target'",
  'search, cleared': "form.elements.text.value = ''",
};

/**
 * Writes two runs of that size as a run does, renders, compares and merges them, each in a process of its own; opens the
 * report in a browser, and takes the time to the first paint and from each change of a filter to the frame that shows it.
 *
 * @throws {LabError} when there is no browser, or a program fails
 */
export async function benchPage(options: PageBenchOptions = {}): Promise<BenchReport> {
  const { cells = 10_000, runs = 5, programTimeoutMs = 600_000 } = options;
  if (!existsSync(CHROMIUM)) throw new LabError(`no browser at ${CHROMIUM}: install chromium or set CHROMIUM`);
  const dir = await mkdtemp(join(tmpdir(), 'ringfence-bench-'));
  try {
    const [one, other, merged] = ['one', 'other', 'merged'].map((name) => join(dir, name));
    if (one === undefined || other === undefined || merged === undefined) throw new Error('three folders');
    const use = (...args: string[]): Promise<ProgramUse> => programUse(args, dir, programTimeoutMs);
    const programs: Record<string, ProgramUse> = {};
    programs.write = await use(WRITE, one, `${cells}`, '0');
    await use(WRITE, other, `${cells}`, '1');
    programs.report = await use(MAIN, 'report', '--no-allure', '--no-single-file', one);
    programs.compare = await use(MAIN, 'compare', one, other);
    programs.merge = await use(MAIN, 'report', '--no-allure', one, other, '--out', merged);
    const page = await measurePage(join(one, 'index.html'), runs);
    return {
      bench: 'report',
      conditions: {
        cells,
        runs,
        browser: `Chromium ${page.browser}`,
        processors: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
        loadAverage: loadavg()[0]?.toFixed(1) ?? '',
      },
      measured: {
        ...Object.fromEntries(
          Object.entries(programs).flatMap(([name, { seconds, peakRssMb }]) => [
            [`${name}, s`, seconds.toFixed(1)],
            [`${name}, peak MB`, Math.round(peakRssMb)],
          ]),
        ),
        resultsJsonMb: megabytes((await stat(join(one, 'results.json'))).size),
        indexHtmlMb: megabytes((await stat(join(one, 'index.html'))).size),
        dataMb: megabytes(await folderSize(join(one, 'data'))),
        dataFiles: (await readdir(join(one, 'data'))).length,
        firstPaintMs: Math.round(page.paintMs),
        usableMs: Math.round(page.usableMs),
        ...Object.fromEntries([...page.filterTimes].map(([name, ms]) => [`${name}, ms`, Math.round(ms)])),
      },
      missed: [...missedByPrograms(programs), ...missedByPage(page)],
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function missedByPrograms(programs: Readonly<Record<string, ProgramUse>>): string[] {
  const { report } = programs;
  return [
    ...(report !== undefined && report.seconds > REPORT_TARGET_SECONDS
      ? [`report took ${report.seconds.toFixed(1)} s, more than ${REPORT_TARGET_SECONDS}`]
      : []),
    ...Object.entries(programs)
      .filter(([, { peakRssMb }]) => peakRssMb > MEMORY_TARGET_MB)
      .map(([name, { peakRssMb }]) => `${name} took ${Math.round(peakRssMb)} MB, more than ${MEMORY_TARGET_MB}`),
  ];
}

interface MeasuredPage {
  readonly browser: string;
  readonly paintMs: number;
  /** Until its script has run. */
  readonly usableMs: number;
  readonly filterTimes: ReadonlyMap<string, number>;
}

function missedByPage({ paintMs, usableMs, filterTimes }: MeasuredPage): string[] {
  const late = (name: string, ms: number, target: number): string[] =>
    ms < target ? [] : [`${name}: ${Math.round(ms)} ms, not below ${target} ms`];
  return [
    ...late('first paint', paintMs, FIRST_PAINT_TARGET_MS),
    ...late('usable', usableMs, USABLE_TARGET_MS),
    ...[...filterTimes].flatMap(([name, ms]) => late(name, ms, FILTER_TARGET_MS)),
  ];
}

async function measurePage(file: string, runs: number): Promise<MeasuredPage> {
  const browser = await launchBrowser();
  try {
    const paints: number[] = [];
    const usable: number[] = [];
    const filters = new Map(Object.keys(FILTERS).map((name): [string, number[]] => [name, []]));
    for (let run = 0; run < runs; run += 1) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      await page.goto(pathToFileURL(file).href);
      paints.push(await page.evaluate(PAINT));
      usable.push(await page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"));
      for (const [name, change] of Object.entries(FILTERS)) filters.get(name)?.push(await filterMs(page, change));
      await page.close();
    }
    return {
      browser: browser.version(),
      paintMs: median(paints),
      usableMs: median(usable),
      filterTimes: new Map([...filters].map(([name, times]) => [name, median(times)])),
    };
  } finally {
    await browser.close();
  }
}

/** From the start of the navigation to the first paint with content. */
const PAINT = `new Promise((resolve) => {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.name === 'first-contentful-paint') resolve(entry.startTime);
  }).observe({ type: 'paint', buffered: true });
})`;

/**
 * With the matrix in view and at rest, from the change to the end of the first frame that shows all of it: script, what
 * is loaded, layout and paint.
 */
function filterMs(page: Page, change: string): Promise<number> {
  return page.evaluate(`new Promise((resolve) => {
    const form = document.getElementById('filters');
    const matrix = document.getElementById('matrix');
    const frame = (then) => requestAnimationFrame(() => setTimeout(then));
    const atRest = (then) => frame(() => matrix.hasAttribute('aria-busy') ? atRest(then) : then());
    matrix.scrollIntoView();
    frame(() => atRest(() => {
      const began = performance.now();
      ${change};
      form.dispatchEvent(new Event('input', { bubbles: true }));
      atRest(() => resolve(performance.now() - began));
    }));
  })`);
}

async function folderSize(dir: string): Promise<number> {
  const sizes = await Promise.all((await readdir(dir)).map(async (name) => (await stat(join(dir, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
