/**
 * The process that vitest and Allure live in: started by cell-tests.ts with an IPC channel. It carries out one order after
 * the other and answers each. Ends with its parent.
 */
import { readFile } from 'node:fs/promises';
import type { CellCase } from '../interop/cell-case.ts';
import { CellVitest } from '../interop/run-cells.ts';
import { generateAllure } from '../report/allure.ts';
import type { CellTestsAnswer, CellTestsOrder } from './cell-tests.ts';

let vitest: CellVitest | null = null;
let turn: Promise<void> = Promise.resolve();

process.once('disconnect', () => process.exit(3));
process.on('message', (message) => {
  turn = turn.then(async () => {
    const answer = await carryOut(message as CellTestsOrder).catch((error: Error) => ({
      kind: 'failed' as const,
      message: error.message,
    }));
    process.send?.(answer);
  });
});

async function carryOut(order: CellTestsOrder): Promise<CellTestsAnswer> {
  switch (order.order) {
    case 'open':
      vitest = await CellVitest.open(order);
      return { kind: 'done' };
    case 'run': {
      const cases = JSON.parse(await readFile(order.casesFile, 'utf8')) as CellCase[];
      if (vitest === null) throw new Error('there is no vitest to run the tests');
      return { kind: 'tested', assertionFailures: [...(await vitest.run(cases, order.casesFile))] };
    }
    case 'page':
      await vitest?.[Symbol.asyncDispose]();
      await generateAllure(order.allure);
      return { kind: 'done' };
  }
}
