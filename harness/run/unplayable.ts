import { calleePhone, PLAY_NAMES, playOf } from '../callee.ts';
import type { Cell } from '../plan.ts';
import type { Server } from '../servers/server.ts';
import type { StartedUa } from '../ua/index.ts';

/**
 * Cells that are not placed, because the server under test has not what they are about, or the user agent under test cannot do
 * what their callee does; and why, by cell id.
 */
export function unplayableCells(cells: readonly Cell[], server: Server, ua: StartedUa | null): Map<string, string> {
  return new Map(
    cells.flatMap((cell) => {
      const why = lackOf(cell, server) ?? unplayedBy(cell, ua);
      return why === null ? [] : [[cell.id, why] as const];
    }),
  );
}

function lackOf({ policy, scenario }: Cell, server: Server): string | null {
  const lack = server.policies.includes(policy)
    ? server.lacks(scenario)
    : `it does not play the policy ${policy}, only ${server.policies.join(', ')}`;
  return lack === null ? null : `${server.name} cannot be asked: ${lack}`;
}

function unplayedBy({ scenario }: Cell, ua: StartedUa | null): string | null {
  const play = playOf(calleePhone(scenario));
  if (ua === null || play === null || ua.plays.has(play)) return null;
  return `${ua.name} ${ua.version} cannot ${PLAY_NAMES[play]}`;
}
