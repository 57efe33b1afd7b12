/** The process that Allure lives in, and vitest where it is needed. */
import { answerEach } from '../processes/answering.ts';
import { AllurePage } from '../report/allure.ts';
import type { AllureProcessOptions, AllureQuestion } from './allure-process.ts';
import type { AllureResults } from './allure-writer.ts';
import { CellReports } from './cell-reports.ts';
import type { CellsForAllure } from './cells-for-allure.ts';

let cells: CellsForAllure | null = null;
let page: AllurePage | null = null;

// Allure's reporter goes through the environment for every test, and each look at the real one is a system call or two.
process.env = { ...process.env };
// A plan of tests is of some other suite, or of an earlier run: what was called is reported, all of it. The run says so.
delete process.env.ALLURE_TESTPLAN_PATH;

answerEach(async (question: AllureQuestion): Promise<void> => {
  if (question.ask === 'open') {
    await open(question.options);
    return;
  }
  if (cells === null || page === null) throw new Error(`asked for ${question.ask} before there was anybody to tell`);
  if (question.ask === 'test') {
    await cells.run(question.cases);
  } else {
    await cells[Symbol.asyncDispose]();
    await page.write();
  }
});

async function open({ resultsDir, byVitest, page: options }: AllureProcessOptions): Promise<void> {
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
