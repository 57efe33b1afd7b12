/**
 * The process that vitest and Allure live in: started by cell-tests.ts with an IPC channel. It carries out one order after
 * the other and answers each. Ends with its parent.
 */
import { readFile } from 'node:fs/promises';
import { AllurePage } from '../report/allure.ts';
import type { CellCase } from './cell-case.ts';
import { CellVitest } from './cell-runner.ts';
import type { CellTestsAnswer, CellTestsOptions, CellTestsOrder } from './cell-tests.ts';

let vitest: CellVitest | null = null;
let page: { readonly report: AllurePage; readonly resultsDir: string } | null = null;
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
      await open(order);
      return { kind: 'done' };
    case 'run': {
      const cases = JSON.parse(await readFile(order.casesFile, 'utf8')) as CellCase[];
      if (vitest === null) throw new Error('there is no vitest to run the tests');
      await vitest.run(cases, order.casesFile);
      return { kind: 'done' };
    }
    case 'page':
      await vitest?.[Symbol.asyncDispose]();
      await writePage();
      return { kind: 'done' };
  }
}

async function open({ workDir, allure }: CellTestsOptions): Promise<void> {
  const { resultsDir } = allure;
  const report = await AllurePage.open(allure);
  page = { report, resultsDir };
  const onResult = (name: string, json: string): void => report.add(name, json);
  vitest = await CellVitest.open({ workDir, allure: { dir: resultsDir, onResult } });
}

async function writePage(): Promise<void> {
  if (page === null) throw new Error('there is no report to write');
  await page.report.addFolder(page.resultsDir); // attachments
  await page.report.write();
}
