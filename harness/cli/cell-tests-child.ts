/**
 * The process that vitest and Allure live in: started by cell-tests.ts with an IPC channel, told once what to do. It
 * answers with the outcome of the tests, then makes the Allure page while its parent goes on. Ends with its parent.
 */
import { readFile } from 'node:fs/promises';
import type { CellCase } from '../interop/cell-case.ts';
import { runCellTests } from '../interop/run-cells.ts';
import { generateAllure } from '../report/allure.ts';
import type { CellTestsAnswer, CellTestsOrder } from './cell-tests.ts';

process.once('disconnect', () => process.exit(3));
process.once('message', (order) => void carryOut(order as CellTestsOrder));

async function carryOut({ casesFile, workDir, allure }: CellTestsOrder): Promise<void> {
  try {
    const cases = JSON.parse(await readFile(casesFile, 'utf8')) as CellCase[];
    const { assertionFailures } = await runCellTests(cases, {
      casesFile,
      workDir,
      resultsDir: allure?.resultsDir ?? null,
    });
    answer({ kind: 'tested', assertionFailures: [...assertionFailures] });
    if (allure !== null) await generateAllure(allure);
    answer({ kind: 'done' });
  } catch (error) {
    answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

function answer(message: CellTestsAnswer): void {
  process.send?.(message);
}
