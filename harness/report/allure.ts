import { join } from 'node:path';
import { AllureReport, resolveConfig } from '@allurereport/core';
import { LabError } from '../errors.ts';
import { writeWhole } from '../results/write.ts';
import { packedPage } from './allure-pack.ts';
import { AllureResult } from './allure-result.ts';

export interface AllurePageOptions {
  /** The single HTML file to write. */
  readonly outputFile: string;
  /** JSON-lines file that is read for trends and appended to; null: no history. */
  readonly historyFile: string | null;
  /** An existing folder for what is of no use later. */
  readonly scratch: string;
  /** How many are expected: the more, the fewer runs are remembered. */
  readonly results: number;
}

/**
 * Allure's report of one file, which makes no request: results are given to it while tests still run. The script of an
 * analytics service that every page of Allure 3.18 loads is taken out.
 */
export class AllurePage {
  readonly #report: AllureReport;
  readonly #outputFile: string;
  readonly #files: PageInMemory;
  readonly #given: Promise<void>[] = [];

  private constructor(report: AllureReport, outputFile: string, files: PageInMemory) {
    this.#report = report;
    this.#outputFile = outputFile;
    this.#files = files;
  }

  static async open({ outputFile, historyFile, scratch, results }: AllurePageOptions): Promise<AllurePage> {
    const config = await resolveConfig({
      name: 'Ringfence',
      output: join(scratch, 'allure'),
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
    const files = new PageInMemory(config.reportFiles);
    const report = new AllureReport({ ...config, reportFiles: files });
    await report.start();
    return new AllurePage(report, outputFile, files);
  }

  /** A result that is in memory already. Files of 2,250 cost Allure 0.8 s of CPU more, to open and to stream. */
  add(name: string, json: string): void {
    this.#given.push(this.#report.readResult(new AllureResult(name, json)));
  }

  /** A file that a result names as attached. */
  addAttachment(file: string): void {
    this.#given.push(this.#report.readFile(file));
  }

  /** @throws {LabError} when there is no result, or the page would load something from elsewhere */
  async write(): Promise<void> {
    if (this.#given.length === 0) throw new LabError('no Allure results: did the tests of the cells run?');
    await Promise.all(this.#given);
    await this.#report.done();
    const { page } = this.#files;
    if (page === null) throw new LabError(`Allure made no page for ${this.#outputFile}: see what it wrote above`);
    await writeWhole(this.#outputFile, withoutAnalytics(packedPage(page.toString())));
  }
}

type ReportFiles = ConstructorParameters<typeof AllureReport>[0]['reportFiles'];

/** Allure would write its page of 20 MB to a file that we read back, to write it again without analytics. */
class PageInMemory implements ReportFiles {
  page: Buffer | null = null;
  readonly #others: ReportFiles;

  /** @param others Where all the rest goes. */
  constructor(others: ReportFiles) {
    this.#others = others;
  }

  async addFile(path: string, data: Buffer): Promise<string> {
    if (!path.endsWith('/index.html')) return this.#others.addFile(path, data);
    this.page = data;
    return path;
  }
}

/** Every remembered result adds some 3 kB to what the page unpacks: 2,250 cells and four runs make it 50 MB. */
const RESULTS_REMEMBERED = 10_000;
const RUNS_REMEMBERED = 30;

function runsRemembered(resultsPerRun: number): number {
  return Math.min(RUNS_REMEMBERED, Math.max(1, Math.floor(RESULTS_REMEMBERED / resultsPerRun)));
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
