import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AllureReport, resolveConfig } from '@allurereport/core';
import { LabError } from '../errors.ts';
import { writeWhole } from '../results/write.ts';
import { AllureResult } from './allure-result.ts';

const RESULT = '-result.json';

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
export async function generateAllure({ resultsDir, ...options }: AllureOptions): Promise<void> {
  const dirs = [resultsDir].flat();
  const page = await AllurePage.open({ ...options, results: await countResults(dirs) });
  for (const dir of dirs) await page.addFolder(dir);
  await page.write();
}

export interface AllurePageOptions extends Omit<AllureOptions, 'resultsDir'> {
  /** How many are expected: the more, the fewer runs are remembered. */
  readonly results: number;
}

/** An Allure report to which results are given while tests still run. */
export class AllurePage {
  readonly #report: AllureReport;
  readonly #scratch: string;
  readonly #outputFile: string;
  readonly #given = new Map<string, Promise<void>>();

  private constructor(report: AllureReport, scratch: string, outputFile: string) {
    this.#report = report;
    this.#scratch = scratch;
    this.#outputFile = outputFile;
  }

  static async open({ outputFile, historyFile, results }: AllurePageOptions): Promise<AllurePage> {
    const scratch = join(tmpdir(), `ringfence-allure-${randomUUID()}`); // nothing is written there before write()
    const config = await resolveConfig({
      name: 'Ringfence',
      output: scratch,
      ...(historyFile === null
        ? {}
        : { historyPath: historyFile, appendHistory: true, historyLimit: runsRemembered(results) }),
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
    return new AllurePage(report, scratch, outputFile);
  }

  /** A result that is in memory already. Files of 2,250 cost Allure 0.8 s of CPU more, to open and to stream. */
  add(name: string, json: string): void {
    this.#given.set(name, this.#report.readResult(new AllureResult(name, json)));
  }

  /** What lies in the folder and was not given before: attachments, and all of it where nothing was. */
  async addFolder(dir: string): Promise<void> {
    for (const name of await readdir(dir)) {
      if (this.#given.has(name) || name.endsWith('.tmp')) continue;
      const file = join(dir, name);
      if (name.endsWith(RESULT)) this.add(name, await readFile(file, 'utf8'));
      else await this.#report.readFile(file);
    }
  }

  /** @throws {LabError} when there is no result, or the page would load something from elsewhere */
  async write(): Promise<void> {
    if (this.#given.size === 0) throw new LabError('no Allure results: did the tests of the cells run?');
    await Promise.all(this.#given.values());
    try {
      await this.#report.done();
      const page = await readFile(join(this.#scratch, 'index.html'), 'utf8');
      await writeWhole(this.#outputFile, withoutAnalytics(page));
    } finally {
      await rm(this.#scratch, { recursive: true, force: true });
    }
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
    const own = names.filter((name) => name.endsWith(RESULT)).length;
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
