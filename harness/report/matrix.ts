import type { RunRows } from '../model/results.ts';
import { FINDING_KINDS, isFinding } from './causes.ts';
import type { FirstDeviation } from './deviation.ts';
import { countsText, number, seconds, serverTitle, uaTitle } from './grid.ts';
import { claimsTable } from './matrix/claims.ts';
import { findings } from './matrix/findings.ts';
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

/**
 * The matrix as text for a terminal or a CI log: tables, claims, what went wrong with the command that shows it again,
 * and the count of verdicts as the last line, where a reader of a log looks. Ends with a newline.
 */
export function renderMatrix(results: RunRows, options: MatrixOptions): string {
  const columns = Math.max(60, options.columns);
  const paint = painter(options.colour);
  const parts = [
    title(results, columns, paint),
    ...matrixTables(results, columns, paint),
    claimsTable(results, columns, paint),
    likenessLines(results, columns, paint),
    findings(results.cells, options.deviations ?? new Map(), columns, paint),
    summary(results, columns, paint),
  ];
  return `${parts
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

function summary({ run, cells }: RunRows, columns: number, paint: Paint): string[] {
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
    ...wrap(`${countsText(cells, { all: true })}; ${ending}`, columns).map(paint.bold),
  ];
}
