import type { RunRows } from '../model/results.ts';
import { FINDING_KINDS, isFinding } from './causes.ts';
import type { FirstDeviation } from './deviation.ts';
import { blocksOf, countsText, number, seconds, serverTitle, uaTitle } from './grid.ts';
import { answerParts, closingSentences, serverLines } from './matrix/answer.ts';
import { claimsTable } from './matrix/claims.ts';
import { findings } from './matrix/findings.ts';
import { hangUpLines } from './matrix/hang-ups.ts';
import { likenessLines } from './matrix/likeness.ts';
import { matrixTables } from './matrix/tables.ts';
import { type Paint, painter, wrap } from './matrix/text.ts';
import { visible } from './visible.ts';

export interface MatrixOptions {
  /** SGR colours, for a terminal. */
  readonly colour: boolean;
  /** No line is longer, as far as words can be broken. At least 60. */
  readonly columns: number;
  /** Where the calls of the findings went astray, by cell id. @default none is shown */
  readonly deviations?: ReadonlyMap<string, FirstDeviation>;
}

/** What a console can hold before its beginning is out of sight. */
const SCREEN_LINES = 60;

/**
 * A run as text for a terminal: the answer, what went wrong, the counts. The matrix of a single server and policy is among it,
 * and so is whatever else fits on a screen; for the rest it names the file that has all.
 */
export function renderAnswer(results: RunRows, options: MatrixOptions): string {
  const all = partsOf(results, options);
  const parts = new Set<PartName>(['title', 'answer', 'hang-ups', 'likeness', 'findings', 'summary']);
  const lines = (): number => textOf(all, parts).split('\n').length;
  if (blocksOf(results).length === 1) parts.add('matrix');
  for (const more of ['matrix', 'claims'] as const) {
    if (parts.has(more)) continue;
    parts.add(more);
    if (lines() > SCREEN_LINES) parts.delete(more);
  }
  const left = (['matrix', 'claims'] as const).filter((part) => !parts.has(part) && all[part].length > 0);
  return `${textOf(all, parts)}${left.length === 0 ? '' : `the ${left.join(' and the ')}: matrix.txt, beside the report\n`}`;
}

/**
 * The same with the whole matrix, for a file or a CI log: the answer, tables, claims, what went wrong with the command that shows it again,
 * and the count of verdicts as the last line, where a reader of a log looks. Ends with a newline.
 */
export function renderMatrix(results: RunRows, options: MatrixOptions): string {
  return textOf(partsOf(results, options), new Set(PART_NAMES));
}

const PART_NAMES = ['title', 'answer', 'hang-ups', 'matrix', 'claims', 'likeness', 'findings', 'summary'] as const;
type PartName = (typeof PART_NAMES)[number];
/** Lines that belong together, several times. */
type Parts = Readonly<Record<PartName, readonly (readonly string[])[]>>;

function partsOf(results: RunRows, options: MatrixOptions): Parts {
  const columns = Math.max(60, options.columns);
  const paint = painter(options.colour);
  return {
    title: [[...title(results, columns, paint), ...serverLines(results, columns)]],
    answer: answerParts(results, columns, paint),
    matrix: matrixTables(results, columns, paint),
    claims: [claimsTable(results, columns, paint)].filter((lines) => lines.length > 0),
    'hang-ups': [hangUpLines(results, columns, paint)],
    likeness: [likenessLines(results, columns, paint)],
    findings: [findings(results.cells, options.deviations ?? new Map(), columns, paint)],
    summary: [summary(results, columns, paint)],
  };
}

function textOf(parts: Parts, wanted: ReadonlySet<PartName>): string {
  const shown = PART_NAMES.filter((name) => wanted.has(name)).flatMap((name) => parts[name]);
  return `${shown
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function title(results: RunRows, columns: number, paint: Paint): string[] {
  const { run } = results;
  const servers = Object.keys(run.servers).map((id) => serverTitle(results, id));
  const ua = uaTitle(results);
  const facts = [
    `Ringfence ${run.ringfence}`,
    ...servers,
    ...(ua === null ? [] : [ua]),
    `${run.caller.name} ${run.caller.version}`,
    `run ${run.id}`,
    ...(run.shards === undefined
      ? []
      : [`only ${run.shards.length === 1 ? 'shard' : 'shards'} ${run.shards.join(', ')}`]),
    run.startedAt,
    seconds(run.durationMs),
  ];
  return wrap(facts.map(visible).join(' · '), columns).map(paint.bold);
}

function summary(results: RunRows, columns: number, paint: Paint): string[] {
  const { run, cells } = results;
  const early =
    run.ended === 'complete'
      ? []
      : wrap(
          `The run ${run.ended === 'failed' ? 'failed' : 'was cancelled'}${run.trouble === null ? '' : `: ${visible(run.trouble)}`}`,
          columns,
        );
  const wrong = cells.filter((cell) => FINDING_KINDS.some((kind) => isFinding(cell, kind))).length;
  const ending = wrong === 0 ? 'nothing to look at' : `${number(wrong)} to look at`;
  const warnings = (run.warnings ?? []).flatMap((warning) => wrap(`To know: ${visible(warning)}`, columns));
  return [
    ...warnings,
    ...early.map(paint.inconclusive),
    ...closingSentences(results).flatMap((sentence) => wrap(sentence, columns)),
    ...wrap(`${countsText(cells, { all: true })}; ${ending}`, columns).map(paint.bold),
  ];
}
