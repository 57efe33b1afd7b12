import { type CellRow, isUnsteady, type RunRows } from '../../model/results.ts';
import { VERDICTS } from '../../model/words.ts';
import { unsteadyReason } from '../causes.ts';
import { type Block, blocksOf, featureColumns } from '../grid.ts';
import { visible } from '../visible.ts';
import type { MatrixData, MatrixReasons } from './page-data.ts';
import type { PageParts } from './parts.ts';

/** Of a reason, as the tables show it: enough to find a cell by. */
const REASON_LENGTH = 300;

/** Where a place of a table has no cell. */
const NO_CELL = '.';

const FIRST_INDEX = '0'.charCodeAt(0);

/** For the page's filters. Reasons come with the page, or later when it is large. */
export function matrixData(results: RunRows, parts: PageParts): MatrixData {
  const columns = featureColumns(results).flatMap(({ feature, situations }) =>
    situations.map(({ id }) => ({ feature, situation: id })),
  );
  const indexes = new Map(results.variants.map(({ id }, index) => [id, index]));
  const blocks = blocksOf(results);
  const placesOf = (block: Block): (CellRow | undefined)[] =>
    block.variants.flatMap(({ id }) => columns.map(({ situation }) => block.cellAt(id, situation)));
  const reasons = (): MatrixReasons => reasonsOf(blocks.map(placesOf));
  return {
    verdicts: VERDICTS,
    columns: columns.map(({ feature, situation }) => ({ feature, situation: visible(situation) })),
    blocks: blocks.map((block) => ({
      policy: block.policy,
      server: visible(block.server),
      transport: block.transport,
      path: block.cells[0]?.path ?? '',
      variants: block.variants.flatMap(({ id }) => indexes.get(id) ?? []),
      cells: placesOf(block)
        .map((cell) =>
          cell === undefined ? NO_CELL : VERDICTS.indexOf(cell.verdict) + (isUnsteady(cell) ? VERDICTS.length : 0),
        )
        .join(''),
    })),
    reasons: parts.large ? parts.add('reasons', reasons) : reasons(),
  };
}

function reasonsOf(tables: readonly (readonly (CellRow | undefined)[])[]): MatrixReasons {
  const texts = new Map<string, number>();
  const at = tables.map((places) =>
    places.flatMap((cell, place) => {
      const text = cell === undefined ? null : shownReason(cell);
      if (text === null) return [];
      const index = texts.get(text) ?? texts.size;
      texts.set(text, index);
      return [place, index];
    }),
  );
  const statuses = [...new Set(tables.flat().flatMap((cell) => cell?.observed.status ?? []))].toSorted((a, b) => a - b);
  const statusAt = tables.map((places) =>
    places
      .map((cell) => {
        const status = cell?.observed.status ?? null;
        return status === null ? NO_CELL : String.fromCodePoint(FIRST_INDEX + statuses.indexOf(status));
      })
      .join(''),
  );
  return { texts: [...texts.keys()], at, statuses, statusAt };
}

/** Why a cell is what it is, in a line; null where nothing is to be said. */
export function shownReason(cell: CellRow): string | null {
  const reasons = [...(isUnsteady(cell) ? [unsteadyReason(cell)] : []), ...(cell.why === null ? [] : [cell.why])];
  return reasons.length === 0 ? null : visible(reasons.join('; ').slice(0, REASON_LENGTH));
}
