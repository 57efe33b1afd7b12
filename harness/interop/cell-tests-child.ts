/**
 * The process that Allure lives in, and vitest where it is needed: started by cell-tests.ts with an IPC channel. It carries out
 * one order after the other and answers each. Ends with its parent.
 */
import { AllurePage } from '../report/allure.ts';
import type { AllureResults } from './allure-writer.ts';
import { CellReports } from './cell-reports.ts';
import type { CellTestsAnswer, CellTestsOptions, CellTestsOrder } from './cell-tests.ts';
import type { CellsForAllure } from './cells-for-allure.ts';

let cells: CellsForAllure | null = null;
let page: AllurePage | null = null;
let turn: Promise<void> = Promise.resolve();

// Allure's reporter goes through the environment for every test, and each look at the real one is a system call or two.
process.env = { ...process.env };
// A plan of tests is of some other suite, or of an earlier run: what was called is reported, all of it. The run says so.
delete process.env.ALLURE_TESTPLAN_PATH;

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
    case 'run':
      if (cells === null) throw new Error('there is nobody to take the cells');
      await cells.run(order.cases);
      return { kind: 'done' };
    case 'page':
      if (page === null) throw new Error('there is no report to write');
      await cells?.[Symbol.asyncDispose]();
      await page.write();
      return { kind: 'done' };
  }
}

async function open({ resultsDir, byVitest, page: options }: CellTestsOptions): Promise<void> {
  const report = await AllurePage.open(options);
  page = report;
  const results: AllureResults = {
    dir: resultsDir,
    onResult: (name, json) => report.add(name, json),
    onAttachment: (file) => report.addAttachment(file),
  };
  if (byVitest) {
    const { CellVitest } = await import('./cell-runner.ts');
    cells = await CellVitest.open(options.scratch, results);
  } else {
    cells = new CellReports(results);
  }
}
