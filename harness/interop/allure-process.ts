import { symlinkSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AskedChild } from '../processes/asked-child.ts';
import type { AllurePageOptions } from '../report/allure.ts';
import type { CellCase } from './cell-case.ts';

/** What the process that Allure lives in is asked, `open` first; that it is done is all that it answers. */
export type AllureQuestion =
  | { readonly ask: 'open'; readonly options: AllureProcessOptions }
  | { readonly ask: 'test'; readonly cases: readonly CellCase[] }
  | { readonly ask: 'page' };

export interface AllureProcessOptions {
  /** Where Allure's results go. */
  readonly resultsDir: string;
  /** One vitest test per cell; otherwise their results are written without. */
  readonly byVitest: boolean;
  readonly page: AllurePageOptions;
}

const CHILD = fileURLToPath(new URL('allure-child.ts', import.meta.url));

/**
 * It lives for two seconds: what V8 would optimise is over before that pays, and what is young is garbage soon. Of 2,250 cells
 * that is a tenth of the CPU time (2.65 s instead of 2.95), and 50 MB less.
 */
const V8_OPTIONS = ['--no-turbofan', '--min-semi-space-size=32', '--max-semi-space-size=32'];

/** For vite to start and Allure to write, on a machine that does other things; and for each cell's test. */
const START_MS = 120_000;
const CELL_MS = 100;

/**
 * Allure, in a process of its own: it needs more memory than the calls do, vite even more, and the other core. It is started
 * before there is anything to tell, because loading it takes half a second, or two with vite.
 */
export class AllureProcess implements AsyncDisposable {
  readonly #child: AskedChild<AllureQuestion, void>;
  readonly #opened: Promise<void>;

  constructor(options: AllureProcessOptions) {
    const { path, execArgv } = readableByVite(CHILD, options.page.scratch);
    this.#child = new AskedChild("Allure's process", path, {
      // Allure names tests by their file relative to where it was started, and looks for them by that name in its history.
      cwd: join(dirname(path), '../..'),
      execArgv: [...process.execArgv, ...V8_OPTIONS, ...execArgv],
      // Vitest keeps a token in there, which nobody asks for here, and a HOME that cannot be written would end it.
      env: { ...process.env, XDG_DATA_HOME: options.page.scratch },
    });
    this.#opened = this.#child.ask({ ask: 'open', options }, { withinMs: START_MS, what: 'the start of Allure' });
    this.#opened.catch(() => {}); // told by whoever needs it
  }

  /** @throws {LabError} when a cell's test did not report, or the process died or did not come to an end; it is ended then. */
  async test(cases: readonly CellCase[]): Promise<void> {
    if (cases.length === 0) return;
    await this.#opened;
    const withinMs = START_MS + cases.length * CELL_MS;
    await this.#child.ask({ ask: 'test', cases }, { withinMs, what: `what Allure is told of ${cases.length} cells` });
  }

  /** Allure's page, of all that was tested. @throws {LabError} */
  async page(): Promise<void> {
    await this.#opened;
    await this.#child.ask({ ask: 'page' }, { withinMs: START_MS, what: "Allure's page" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.dismiss();
  }
}

/**
 * Vite takes paths for URLs: in one with `?`, `#` or `%` it finds no module (8.0; Jenkins has `%2F` in the folder of a branch). There
 * everything goes by a link that has none, made in `scratch`.
 */
function readableByVite(
  path: string,
  scratch: string,
): { readonly path: string; readonly execArgv: readonly string[] } {
  const odd = path.split(sep).findLastIndex((name) => /[?#%]/.test(name));
  if (odd < 0) return { path, execArgv: [] };
  const names = path.split(sep);
  const link = join(scratch, 'here');
  symlinkSync(names.slice(0, odd + 1).join(sep), link);
  const execArgv = ['--preserve-symlinks', '--preserve-symlinks-main'];
  return { path: join(link, ...names.slice(odd + 1)), execArgv };
}
