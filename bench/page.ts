import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { LabError } from '../harness/errors.ts';
import { renderReports } from '../harness/report/index.ts';
import { syntheticRun } from '../test/report/synthetic-run.ts';
import type { BenchReport } from './report.ts';

export interface PageBenchOptions {
  /** @default 10000 */
  readonly cells?: number;
  /** Loads, and times that each filter is set. The median is reported. @default 5 */
  readonly runs?: number;
}

const FIRST_PAINT_TARGET_MS = 1_000;
const FILTER_TARGET_MS = 100;
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** What each filter does to the form; one that narrows, one that widens again. */
const FILTERS: Readonly<Record<string, string>> = {
  'policy, chosen': "form.elements.policy.value = 'ms-sipre'",
  'policy, taken back': "form.elements.policy.value = ''",
  'verdict, checked': 'form.querySelector(\'input[value="fail"]\').checked = true',
  'verdict, taken back': 'form.querySelector(\'input[value="fail"]\').checked = false',
  'search, first letter': "form.elements.text.value = 's'",
  'search, a word': "form.elements.text.value = 'secondary'",
  'search, cleared': "form.elements.text.value = ''",
};

/**
 * Renders a run of that size, opens it in a browser, and takes the time to the first paint and from each change of a
 * filter to the next frame that shows it.
 *
 * @throws {LabError} when there is no browser
 */
export async function benchPage({ cells = 10_000, runs = 5 }: PageBenchOptions = {}): Promise<BenchReport> {
  if (!existsSync(EXECUTABLE)) throw new LabError(`no browser at ${EXECUTABLE}: install chromium or set CHROMIUM`);
  const dir = await mkdtemp(join(tmpdir(), 'ringfence-bench-'));
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const { results, traces } = syntheticRun({ cells });
    const began = performance.now();
    await renderReports({ results, dir, traceOf: async (cell) => traces.get(cell.id) ?? [] });
    const renderMs = performance.now() - began;
    const paints: number[] = [];
    const filters = new Map(Object.keys(FILTERS).map((name): [string, number[]] => [name, []]));
    for (let run = 0; run < runs; run += 1) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      await page.goto(pathToFileURL(join(dir, 'index.html')).href);
      paints.push(await page.evaluate(PAINT));
      for (const [name, change] of Object.entries(FILTERS)) filters.get(name)?.push(await filterMs(page, change));
      await page.close();
    }
    const paintMs = median(paints);
    const filterTimes = [...filters].map(([name, times]) => [name, median(times)] as const);
    const slow = filterTimes.filter(([, ms]) => ms >= FILTER_TARGET_MS);
    return {
      bench: 'report',
      conditions: {
        cells,
        runs,
        browser: `Chromium ${browser.version()}`,
        processors: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
        loadAverage: loadavg()[0]?.toFixed(1) ?? '',
      },
      measured: {
        renderMs: Math.round(renderMs),
        indexHtmlMb: megabytes((await stat(join(dir, 'index.html'))).size),
        dataMb: megabytes(await folderSize(join(dir, 'data'))),
        dataFiles: (await readdir(join(dir, 'data'))).length,
        firstPaintMs: Math.round(paintMs),
        ...Object.fromEntries(filterTimes.map(([name, ms]) => [`${name}, ms`, Math.round(ms)])),
      },
      missed: [
        ...(paintMs < FIRST_PAINT_TARGET_MS ? [] : [`first paint after ${Math.round(paintMs)} ms, not below 1 s`]),
        ...slow.map(([name, ms]) => `${name}: ${Math.round(ms)} ms, not below 100 ms`),
      ],
    };
  } finally {
    await browser.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** From the start of the navigation to the first paint with content. */
const PAINT = `new Promise((resolve) => {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.name === 'first-contentful-paint') resolve(entry.startTime);
  }).observe({ type: 'paint', buffered: true });
})`;

/** With the matrix in view, from the change to the end of the frame that shows it: script, layout and paint. */
function filterMs(page: Page, change: string): Promise<number> {
  return page.evaluate(`new Promise((resolve) => {
    const form = document.getElementById('filters');
    document.getElementById('matrix').scrollIntoView();
    requestAnimationFrame(() => setTimeout(() => {
      const began = performance.now();
      ${change};
      form.dispatchEvent(new Event('input', { bubbles: true }));
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
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
