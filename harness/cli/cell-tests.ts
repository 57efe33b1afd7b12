import { fork } from 'node:child_process';
import { on } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from '../errors.ts';
import type { CellCase } from '../interop/cell-case.ts';
import type { AllureOptions } from '../report/allure.ts';

export interface CellTestsOrder {
  readonly casesFile: string;
  readonly workDir: string;
  /** null: no Allure. */
  readonly allure: (AllureOptions & { readonly resultsDir: string }) | null;
}

export type CellTestsAnswer =
  | { readonly kind: 'tested'; readonly assertionFailures: readonly (readonly [cell: string, message: string])[] }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string };

export interface CellTests {
  /** Cell id -> message of the scenario's own assertion that failed. */
  readonly assertionFailures: ReadonlyMap<string, string>;
  /** Settles when the Allure page is written too. @throws {LabError} */
  readonly finished: Promise<void>;
}

const CHILD = fileURLToPath(new URL('cell-tests-child.ts', import.meta.url));

/** For vite to start and Allure to write, on a machine that does other things; and for each cell's test. */
const START_MS = 120_000;
const CELL_MS = 100;

/**
 * Runs one vitest test per cell in a process of its own: vite and Allure together need more memory than the calls do,
 * and the other core.
 *
 * @throws {LabError} when a cell's test did not report, or the process died or did not come to an end; it is ended then.
 */
export async function startCellTests(
  cases: readonly CellCase[],
  order: Omit<CellTestsOrder, 'casesFile'>,
): Promise<CellTests> {
  const casesFile = join(order.workDir, 'cells.json');
  await writeFile(casesFile, JSON.stringify(cases));
  const child = fork(CHILD, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = new AbortController();
  child.once('error', () => ended.abort()).once('exit', () => ended.abort());
  const answers = on(child, 'message', { signal: ended.signal });
  const timeoutMs = START_MS + cases.length * CELL_MS;
  const deadline = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const end = (): void => {
    clearTimeout(deadline);
    if (child.connected) child.disconnect(); // it ends with that
  };
  const next = async (): Promise<CellTestsAnswer> => {
    try {
      const { value } = await answers.next();
      return (value as [CellTestsAnswer])[0];
    } catch {
      const how = child.exitCode ?? child.signalCode ?? 'no start';
      return { kind: 'failed', message: `the process of the cell tests ended with ${how} (limit ${timeoutMs} ms)` };
    }
  };
  child.send({ ...order, casesFile } satisfies CellTestsOrder, () => {}); // a child that is gone has told so
  const tested = await next();
  if (tested.kind !== 'tested') {
    end();
    throw new LabError(tested.kind === 'failed' ? tested.message : 'the cell tests gave no outcome');
  }
  const finished = next().then((last) => {
    end();
    if (last.kind === 'failed') throw new LabError(last.message);
  });
  finished.catch(() => {}); // told to whoever awaits it
  return { assertionFailures: new Map(tested.assertionFailures), finished };
}
