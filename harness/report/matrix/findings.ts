import { DEVIATION_WORDS } from '../../ladder/deviation.ts';
import type { CellRow } from '../../model/results.ts';
import { type Cause, causesOf, type FindingKind, spread } from '../causes.ts';
import type { FirstDeviation } from '../deviation.ts';
import { number } from '../grid.ts';
import { visible } from '../visible.ts';
import { type Paint, wrap, wrapCommand } from './text.ts';

/** A terminal is no place for more; index.html has them all. */
const CAUSES_SHOWN = 12;
/** Of one reason, which may quote a message. */
const WHY_LENGTH = 400;
const START_LINE_LENGTH = 120;

/** Every `fail`, `unsteady` and `inconclusive`, by cause: the reason, the message that deviates, the command that shows it again. */
export function findings(
  cells: readonly CellRow[],
  deviations: ReadonlyMap<string, FirstDeviation>,
  columns: number,
  paint: Paint,
): string[] {
  const causes = causesOf(cells);
  const hidden = causes.slice(CAUSES_SHOWN);
  const lines = causes.slice(0, CAUSES_SHOWN).flatMap((cause, index) => {
    const own = finding(
      cause,
      cause.kind === 'unsteady' ? null : (deviations.get(cause.first.id) ?? null),
      columns,
      paint,
    );
    return index === 0 ? own : ['', ...own];
  });
  if (hidden.length === 0) return lines;
  const hiddenCells = hidden.reduce((sum, cause) => sum + cause.cells.length, 0);
  return [...lines, '', `and ${number(hidden.length)} more causes of ${number(hiddenCells)} cells: see index.html`];
}

function finding(
  { kind, why, first, cells }: Cause,
  deviation: FirstDeviation | null,
  columns: number,
  paint: Paint,
): string[] {
  const reason = why.length > WHY_LENGTH ? `${why.slice(0, WHY_LENGTH)}…` : why;
  const more = `and ${number(cells.length - 1)} more like it, altogether in ${spread(cells)}`;
  const [head = '', ...rest] = wrap(`${kind}: ${visible(reason)}`, columns);
  return [
    paint[kind](head),
    ...rest,
    ...(deviation === null ? [] : wrap(visible(deviationText(deviation, kind)), columns)),
    ...wrapCommand(visible(first.rerun), columns),
    ...(cells.length > 1 ? wrap(visible(more), columns).map(paint.dim) : []),
  ];
}

/** `first deviation: 612 ms, server → voicemail, INVITE sip:... (must not come)`; of an inconclusive cell it is a difference, no more. */
function deviationText({ kind, message }: FirstDeviation, of: FindingKind): string {
  const { atMs, from, to, startLine } = message;
  const name = of === 'fail' ? 'first deviation' : 'first difference from the control';
  const line = startLine.length > START_LINE_LENGTH ? `${startLine.slice(0, START_LINE_LENGTH)}…` : startLine;
  return `${name}: ${Math.round(atMs)} ms, ${from} → ${to}, ${line} (${DEVIATION_WORDS[kind]})`;
}
