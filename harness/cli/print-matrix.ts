import { join, relative } from 'node:path';
import type { RunResults } from '../model/results.ts';
import { renderMatrix } from '../report/matrix.ts';

/** Wider lines are hard to read, and the matrix needs no more. */
const MAX_COLUMNS = 100;

/** The console's end of a report: the matrix, and where the page is. Colours only on a terminal; NO_COLOR and CI honoured. */
export function printMatrix(results: RunResults, dir: string): void {
  const { NO_COLOR, CI } = process.env;
  const colour = process.stdout.isTTY === true && (NO_COLOR ?? '') === '' && (CI ?? '') === '';
  const columns = Math.min(process.stdout.columns || MAX_COLUMNS, MAX_COLUMNS);
  process.stdout.write(renderMatrix(results, { colour, columns }));
  process.stdout.write(`\nreport: ${relative(process.cwd(), join(dir, 'index.html'))}\n`);
}
