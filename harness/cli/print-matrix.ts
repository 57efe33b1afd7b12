import { join, relative } from 'node:path';
import { styleText } from 'node:util';
import type { RunRows } from '../model/results.ts';
import { annotations, muted } from '../report/annotations.ts';
import type { FirstDeviation } from '../report/deviation.ts';
import { asBeforeText, type FoundEarlier } from '../report/earlier.ts';
import { renderAnswer, renderMatrix } from '../report/matrix.ts';
import { isOneFile } from '../report/page.ts';
import { visible } from '../report/visible.ts';

/** Wider lines are hard to read, and the matrix needs no more. */
const MAX_COLUMNS = 100;

/** The console's end of a report: the answer, what went wrong, and where the page is; GitHub's annotations with it. */
export function printMatrix(
  results: RunRows,
  dir: string,
  {
    deviations,
    matrix,
    singleFile,
    found: { earlier, notes },
  }: {
    readonly found: FoundEarlier;
    readonly deviations: ReadonlyMap<string, FirstDeviation>;
    /** Everything, instead of what fits on a screen. */
    readonly matrix: boolean;
    readonly singleFile: boolean | null;
  },
): void {
  const render = matrix ? renderMatrix : renderAnswer;
  printUntrusted(render(results, { ...consoleOptions(), deviations }));
  if (earlier !== null) {
    const { run, line, asBefore } = earlier.since;
    printUntrusted(`\n${asBefore ? asBeforeText(earlier) : `since run ${run.id}: ${line}`}\n`);
  }
  for (const note of notes) process.stderr.write(`warning: ${visible(note)}\n`);
  process.stdout.write(`\nreport: ${relative(process.cwd(), join(dir, 'index.html'))}\n`);
  const { length } = results.cells;
  if (singleFile === null && !isOneFile(null, length)) {
    process.stdout.write(
      `it needs the folder data/ beside it: ${length.toLocaleString('en-US')} cells are many for one file; --single-file makes one\n`,
    );
  }
  if (inGithubJob())
    process.stdout.write(
      annotations(results)
        .map((line) => `${line}\n`)
        .join(''),
    );
}

/** Colours only on a terminal that has them, and not in CI; NO_COLOR, FORCE_COLOR and TERM=dumb are honoured. */
export function consoleOptions(): { colour: boolean; columns: number } {
  const { CI = '', FORCE_COLOR } = process.env;
  const colour = styleText('bold', ' ') !== ' ' && (CI === '' || FORCE_COLOR !== undefined);
  return { colour, columns: Math.min(process.stdout.columns || MAX_COLUMNS, MAX_COLUMNS) };
}

/** Prints what quotes the wire: it must not be able to speak to the CI system that reads the log. */
export function printUntrusted(text: string): void {
  process.stdout.write(inGithubJob() ? muted(text, crypto.randomUUID()) : text);
}

function inGithubJob(): boolean {
  return process.env.GITHUB_ACTIONS === 'true';
}
