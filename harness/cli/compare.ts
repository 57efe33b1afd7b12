import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ACROSS, type Across, compareRuns } from '../compare/compare.ts';
import { groupChanges } from '../compare/groups.ts';
import { laddersOf } from '../compare/ladders.ts';
import { renderComparePage } from '../compare/page.ts';
import { tellingsOf } from '../compare/telling.ts';
import { countOf, renderComparison } from '../compare/text.ts';
import { UsageError } from '../errors.ts';
import { rowMaker } from '../results/cell-row.ts';
import { readRun } from '../results/read.ts';
import { writeWhole } from '../results/write.ts';
import { beFrugalWith } from './frugal.ts';
import { consoleOptions, printUntrusted } from './print-matrix.ts';

export const COMPARE_HELP = `Usage: ./ringfence compare A B [OPTIONS]

What changed from the run in folder A to the run in folder B, cell by cell and claim by claim.

  --across PART  match cells that differ in this part of their id: server, policy or transport (may be repeated);
                 for two servers: --across server
  --allow-gone   a cell that B does not have is no loss: B was meant to be smaller
  --out DIR      write the comparison as a page too, DIR/compare.html, with calls drawn before and after, and links into both

Worse is: anything that became fail; a cell that passed, or of which no source speaks, and is now inconclusive or
unsupported; unsupported that became inconclusive; a cell that became unsteady, or is gone. A fail that is now inconclusive is neither
worse nor better: it is not proven any more, and not fixed. Cells that only B has are shown and make nothing worse.

Exit status: 0 nothing got worse; 1 something did; 2 usage error, or a results.json that cannot be read.
`;

/** `./ringfence compare`. @returns the exit status. @throws {UsageError} */
export async function compareCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      across: { type: 'string', multiple: true, default: [] },
      'allow-gone': { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  });
  if (values.help === true) {
    process.stdout.write(COMPARE_HELP);
    return 0;
  }
  const [dirA, dirB, ...others] = positionals.map((dir) => resolve(dir));
  if (dirA === undefined || dirB === undefined || others.length > 0) {
    throw new UsageError(`which two runs? ./ringfence compare A B takes two folders, not ${positionals.length}`);
  }
  beFrugalWith([dirA, dirB]);
  const toRow = rowMaker();
  const runA = await readRun(dirA, toRow);
  const runB = await readRun(dirB, toRow);
  const [a, b] = [runA.results, runB.results];
  const comparison = compareRuns(a, b, { across: values.across.map(partOfId), allowGone: values['allow-gone'] });
  const groups = groupChanges(comparison.changes);
  const tellings = await tellingsOf(groups, runA.detailsOf, runB.detailsOf);
  const compared = { a, b, comparison, tellings };
  printUntrusted(renderComparison(compared, consoleOptions()));
  if (values.out !== undefined) {
    const out = resolve(values.out);
    const file = join(out, 'compare.html');
    const ladders = await laddersOf(groups, runA, runB);
    await writeWhole(
      file,
      renderComparePage({ ...compared, ladders, hrefs: [reportHref(out, dirA), reportHref(out, dirB)] }),
    );
    process.stdout.write(`\npage: ${relative(process.cwd(), file)}\n`);
  }
  return countOf(comparison, 'worse') > 0 ? 1 : 0;
}

function partOfId(text: string): Across {
  const part = ACROSS.find((each) => each === text);
  if (part === undefined) throw new UsageError(`--across takes ${ACROSS.join(', ')}, not "${text}"`);
  return part;
}

/** Null for a folder with results alone: there is no page to link to. */
function reportHref(from: string, dir: string): string | null {
  if (!existsSync(join(dir, 'index.html'))) return null;
  const path = relative(from, dir).split('/').map(encodeURIComponent).join('/');
  return path === '' ? './' : `${path}/`;
}
