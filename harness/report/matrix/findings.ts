import type { CellResult } from '../../model/results.ts';
import { type Cause, causesOf, spread } from '../causes.ts';
import { number } from '../grid.ts';
import { visible } from '../visible.ts';
import { type Paint, wrap, wrapCommand } from './text.ts';

/** A terminal is no place for more; index.html has them all. */
const CAUSES_SHOWN = 12;
/** Of one reason, which may quote a message. */
const WHY_LENGTH = 400;

/** Every `fail` and `inconclusive`, by cause, each with the command that shows it again. */
export function findings(cells: readonly CellResult[], columns: number, paint: Paint): string[] {
  const causes = causesOf(cells);
  const hidden = causes.slice(CAUSES_SHOWN);
  const lines = causes.slice(0, CAUSES_SHOWN).flatMap((cause, index) => {
    const own = finding(cause, columns, paint);
    return index === 0 ? own : ['', ...own];
  });
  if (hidden.length === 0) return lines;
  const hiddenCells = hidden.reduce((sum, cause) => sum + cause.cells.length, 0);
  return [...lines, '', `and ${number(hidden.length)} more causes of ${number(hiddenCells)} cells: see index.html`];
}

function finding({ verdict, why, first, cells }: Cause, columns: number, paint: Paint): string[] {
  const reason = why.length > WHY_LENGTH ? `${why.slice(0, WHY_LENGTH)}…` : why;
  const more = `and ${number(cells.length - 1)} more like it, in all ${spread(cells)}`;
  const [head = '', ...rest] = wrap(`${verdict}: ${visible(reason)}`, columns);
  return [
    paint[verdict](head),
    ...rest,
    ...wrapCommand(visible(first.rerun), columns),
    ...(cells.length > 1 ? wrap(visible(more), columns).map(paint.dim) : []),
  ];
}
