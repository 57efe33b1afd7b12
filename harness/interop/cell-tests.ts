import type { ChildProcess } from 'node:child_process';
import { on } from 'node:events';
import { symlinkSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from '../errors.ts';
import { forkOwn } from '../processes/own-child.ts';
import type { AllurePageOptions } from '../report/allure.ts';
import type { CellCase } from './cell-case.ts';

/** What the process of the cell tests is told. */
export type CellTestsOrder =
  | ({ readonly order: 'open' } & CellTestsOptions)
  | { readonly order: 'run'; readonly cases: readonly CellCase[] }
  | { readonly order: 'page' };

/** One for each order, in the same order. */
export type CellTestsAnswer = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly message: string };

export interface CellTestsOptions {
  /** Where Allure's results go. */
  readonly resultsDir: string;
  /** One vitest test per cell; otherwise their results are written without. */
  readonly byVitest: boolean;
  readonly page: AllurePageOptions;
}

const CHILD = fileURLToPath(new URL('cell-tests-child.ts', import.meta.url));

/**
 * It lives for two seconds: what V8 would optimise is over before that pays, and what is young is garbage soon. Of 2,250 cells
 * that is a tenth of the CPU time (2.65 s instead of 2.95), and 50 MB less.
 */
const V8_OPTIONS = ['--no-turbofan', '--min-semi-space-size=32', '--max-semi-space-size=32'];

/** For vite to start and Allure to write, on a machine that does other things; and for each cell's test. */
const START_MS = 120_000;
const CELL_MS = 100;

/**
 * What Allure gets of cells, in a process of its own: Allure, and vite even more, need more memory than the calls do, and the
 * other core. It is started before there is anything to tell, because loading them takes half a second, or two with vite.
 */
export class CellTests implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<unknown>;
  readonly #opened: Promise<CellTestsAnswer>;

  constructor(options: CellTestsOptions) {
    const { path, execArgv } = readableByVite(CHILD, options.page.scratch);
    this.#child = forkOwn(path, {
      // Allure names tests by their file relative to where it was started, and looks for them by that name in its history.
      cwd: join(dirname(path), '../..'),
      execArgv: [...process.execArgv, ...V8_OPTIONS, ...execArgv],
      // Vitest keeps a token in there, which nobody asks for here, and a HOME that cannot be written would end it.
      env: { ...process.env, XDG_DATA_HOME: options.page.scratch },
    });
    const ended = new AbortController();
    this.#child.once('error', () => ended.abort()).once('exit', () => ended.abort());
    this.#answers = on(this.#child, 'message', { signal: ended.signal });
    this.#opened = this.#ask({ order: 'open', ...options }, START_MS);
  }

  /**
   * @throws {LabError} when a cell's test did not report, or the process died or did not come to an end; it is ended then.
   */
  async run(cases: readonly CellCase[]): Promise<void> {
    if (cases.length === 0) return;
    orThrow(await this.#opened);
    orThrow(await this.#ask({ order: 'run', cases }, START_MS + cases.length * CELL_MS));
  }

  /** Allure's page, of all that was tested. @throws {LabError} */
  async page(): Promise<void> {
    orThrow(await this.#ask({ order: 'page' }, START_MS));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect(); // it ends with that
  }

  async #ask(order: CellTestsOrder, timeoutMs: number): Promise<CellTestsAnswer> {
    this.#child.send(order, () => {}); // a child that is gone tells so by its end
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMs);
    try {
      const { value } = await this.#answers.next();
      return (value as [CellTestsAnswer])[0];
    } catch {
      const how = this.#child.exitCode ?? this.#child.signalCode ?? 'no start';
      return { kind: 'failed', message: `the process of the cell tests ended with ${how} (limit ${timeoutMs} ms)` };
    } finally {
      clearTimeout(deadline);
    }
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

function orThrow(answer: CellTestsAnswer): CellTestsAnswer {
  if (answer.kind === 'failed') throw new LabError(answer.message);
  return answer;
}
