import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AllureReport, resolveConfig } from '@allurereport/core';
import { LabError } from '../errors.ts';
import { writeWhole } from '../results/write.ts';

export interface AllureOptions {
  /** Folder with Allure's result files, as allure-vitest writes them; several make one report. */
  readonly resultsDir: string | readonly string[];
  /** The single HTML file to write. */
  readonly outputFile: string;
  /** JSON-lines file that is read for trends and appended to; null: no history. */
  readonly historyFile: string | null;
}

/**
 * Makes Allure's report of one file, offline, and takes out the script of an analytics service that every page of
 * Allure 3.18 loads.
 *
 * @throws {LabError} when the page could not be made, or when it would still load something from elsewhere.
 */
export async function generateAllure({ resultsDir, outputFile, historyFile }: AllureOptions): Promise<void> {
  const dirs = [resultsDir].flat();
  const count = await countResults(dirs);
  const scratch = await mkdtemp(join(tmpdir(), 'ringfence-allure-'));
  try {
    const output = join(scratch, 'report');
    const config = await resolveConfig({
      name: 'Ringfence',
      output,
      ...(historyFile === null
        ? {}
        : { historyPath: historyFile, appendHistory: true, historyLimit: runsRemembered(count) }),
      plugins: {
        awesome: {
          options: {
            reportName: 'Ringfence',
            singleFile: true,
            reportLanguage: 'en',
            groupBy: ['epic', 'feature', 'story'],
          },
        },
      },
    });
    const report = new AllureReport(config);
    await report.start();
    for (const dir of dirs) await report.readDirectory(dir);
    await report.done();
    await writeWhole(outputFile, withoutAnalytics(await readFile(join(output, 'index.html'), 'utf8')));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Every remembered result adds some 3 kB to the page: 2,250 cells and four runs make it 50 MB. */
const RESULTS_REMEMBERED = 10_000;
const RUNS_REMEMBERED = 30;

function runsRemembered(resultsPerRun: number): number {
  return Math.min(RUNS_REMEMBERED, Math.max(1, Math.floor(RESULTS_REMEMBERED / resultsPerRun)));
}

/** Of a folder without results Allure makes a page all the same: an empty one, on which nothing has failed. */
async function countResults(dirs: readonly string[]): Promise<number> {
  let count = 0;
  for (const dir of dirs) {
    const names = await readdir(dir).catch((cause: unknown) => {
      throw new LabError(`no Allure results in ${dir}: the folder cannot be read`, { cause });
    });
    const own = names.filter((name) => name.endsWith('-result.json')).length;
    if (own === 0) {
      throw new LabError(`no Allure results in ${dir}: there is no *-result.json; did the tests of the cells run?`);
    }
    count += own;
  }
  return count;
}

const ANALYTICS =
  /<script[^>]*\bsrc="https:\/\/www\.googletagmanager\.com[^>]*><\/script>\s*(?:<script>[\s\S]*?<\/script>)?/g;
/** An element that would make the browser fetch something as soon as the page opens. */
const EXTERNAL = /<(?:script|img|iframe|source|video|audio|embed)\b[^>]*\bsrc\s*=\s*["']?(?:https?:)?\/\/[^>]*>/i;
const EXTERNAL_LINK = /<link\b[^>]*\bhref\s*=\s*["']?(?:https?:)?\/\/[^>]*>/i;

/**
 * The page without the analytics script. Pure.
 *
 * @throws {LabError} when an element that loads from elsewhere is left, as after an update of Allure.
 */
export function withoutAnalytics(page: string): string {
  const clean = page.replaceAll(ANALYTICS, '');
  const left = EXTERNAL.exec(clean) ?? EXTERNAL_LINK.exec(clean);
  if (left !== null) {
    throw new LabError(
      `Allure's page would load from elsewhere: ${left[0].slice(0, 200)}; ` +
        'the pattern in harness/report/allure.ts has to learn this form',
    );
  }
  return clean;
}
