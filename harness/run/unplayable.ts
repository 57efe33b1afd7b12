import { calleePhone, PLAY_NAMES, playOf } from '../callee.ts';
import type { Cell } from '../plan.ts';
import type { StartedUa } from '../ua/index.ts';

/** Cells that are not placed, because the user agent under test cannot do what their callee does; and why, by cell id. */
export function unplayableCells(cells: readonly Cell[], ua: StartedUa | null): Map<string, string> {
  if (ua === null) return new Map();
  return new Map(
    cells.flatMap((cell) => {
      const play = playOf(calleePhone(cell.scenario));
      if (play === null || ua.plays.has(play)) return [];
      return [[cell.id, `${ua.name} ${ua.version} cannot ${PLAY_NAMES[play]}`] as const];
    }),
  );
}
