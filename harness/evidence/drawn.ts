import type { Ladder } from '../ladder/rows.ts';
import { ladderSvg } from '../ladder/svg.ts';
import { ladderText } from '../ladder/text.ts';
import type { CellResult } from '../model/results.ts';
import { visible } from './visible.ts';

/** A cell's ladder in the forms that are handed out. */
export function drawnLadder(
  ladder: Ladder,
  cell: CellResult,
): { readonly ladderSvg: string; readonly ladderText: string } {
  const verdict = visible(`${cell.verdict}${cell.why === null ? '' : `: ${cell.why}`}`);
  return {
    ladderSvg: ladderSvg(ladder, {
      title: visible(cell.id),
      description: verdict,
      ownTitle: visible(`${cell.policy}, ${cell.situation}, ${cell.variant}: ${cell.verdict}`),
      controlTitle: 'Its control: the same call without the headers',
    }),
    ladderText: ladderText(ladder, {
      title: `${visible(cell.id)}: ${verdict}`,
      controlTitle: `control: ${visible(cell.control?.id ?? '')}`,
    }),
  };
}
