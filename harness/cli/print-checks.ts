import { checkLines } from '../evidence/checks.ts';
import { wrap } from '../report/matrix/text.ts';
import { visible } from '../report/visible.ts';
import type { StoredRun } from '../results/stored-run.ts';
import { consoleOptions, printUntrusted } from './print-matrix.ts';

/** Of a run of one cell, with its control or without: all that was asked before its verdict. Somebody wants to know of it. */
export async function printChecks({ results: { cells }, detailsOf }: StoredRun): Promise<void> {
  const [cell = cells[0], ...others] = cells.filter(({ control }) => control !== null);
  if (cell === undefined || cells.length > 2 || others.length > 0) return;
  const [details] = await detailsOf([cell]);
  const lines = details === undefined ? [] : checkLines(details);
  const { columns } = consoleOptions();
  const text = [`${cell.id}: ${cell.verdict}`, ...lines].flatMap((line) => wrap(visible(line), columns));
  printUntrusted(`${text.join('\n')}\n\n`);
}
