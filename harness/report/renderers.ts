import { join } from 'node:path';
import { allure } from '../interop/allure.ts';
import { writeWhole } from '../results/write.ts';
import type { FindEarlier } from './earlier.ts';
import { junitParts } from './junit.ts';
import { renderMatrix } from './matrix.ts';
import { page } from './page.ts';
import type { Renderer, WholeRenderer } from './renderer.ts';
import { renderSummary } from './summary.ts';

/** Width of matrix.txt: what CI logs show without breaking lines. */
const FILE_COLUMNS = 100;

const junit: WholeRenderer = {
  id: 'JUnit',
  files: ['junit.xml'],
  render: (run, { dir }) => writeWhole(join(dir, 'junit.xml'), junitParts(run)),
};

const matrix: WholeRenderer = {
  id: 'matrix',
  files: ['matrix.txt'],
  render: ({ results, deviations }, { dir }) =>
    writeWhole(join(dir, 'matrix.txt'), renderMatrix(results, { colour: false, columns: FILE_COLUMNS, deviations })),
};

const summary: WholeRenderer = {
  id: 'summary',
  files: ['summary.md'],
  render: ({ results }, { dir }) => writeWhole(join(dir, 'summary.md'), renderSummary(results)),
};

/** Which reports there are to be, of those that are not always. */
export interface ReportOptions {
  /** Allure's results of all cells, and its page. */
  readonly allure: boolean;
  /** Scenarios of the run have assertions of their own. @default false */
  readonly asserted?: boolean;
  /** Where Allure remembers earlier runs; null: nowhere. */
  readonly historyFile: string | null;
  /** One index.html with the messages in it, instead of data/ beside it; null: as the size of the run suggests. */
  readonly singleFile: boolean | null;
  /** What finds the runs before this one. @default none: the page says nothing of them */
  readonly earlier?: FindEarlier;
}

/** Every report that there is. What the page links to is there when all are made. */
export function renderers({
  allure: withAllure,
  asserted = false,
  historyFile,
  singleFile,
  earlier,
}: ReportOptions): readonly Renderer[] {
  return [
    junit,
    matrix,
    summary,
    ...(withAllure ? [allure({ historyFile, byVitest: asserted })] : []),
    page(singleFile, earlier),
  ];
}
