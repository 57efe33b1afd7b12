import { calleePhone, PLAY_NAMES, playOf } from '../model/callee.ts';
import { headerNames } from '../model/header-lines.ts';
import type { Cell } from '../plan/plan.ts';
import type { AskedServer } from '../servers/server.ts';
import type { StartedUa } from '../ua/index.ts';
import { canaryLack, type LentFlock } from './lent-flock.ts';
import type { Lodging } from './lodging.ts';
import { callerOf, type LabSite } from './site.ts';

/** Who plays in a lab. */
export interface Players {
  readonly server: AskedServer;
  readonly site: Pick<LabSite, 'caller' | 'application'>;
  /** null: the callees' phones are ours, and can do all. */
  readonly ua: StartedUa | null;
  /** The server asks callers for a password, and they have one. */
  readonly isChallenged: boolean;
  /** Where the server lends its accounts; null: it makes them. */
  readonly lent: { readonly lodging: Lodging; readonly lacking: LentFlock['lacking'] } | null;
}

/** Cells that are not placed, because somebody in the lab cannot do their part; and why, by cell id. */
export function unplayableCells(
  cells: readonly Cell[],
  { server, site, ua, lent, isChallenged }: Players,
): Map<string, string> {
  return new Map(
    cells.flatMap((cell) => {
      const why =
        lackOf(cell, server, lent) ??
        unplacedBy(cell, site, isChallenged) ??
        notHandedOn(cell, isChallenged) ??
        unplayedBy(cell, ua);
      return why === null ? [] : [[cell.id, why] as const];
    }),
  );
}

function lackOf(cell: Cell, server: AskedServer, lent: Players['lent']): string | null {
  const { policy, scenario } = cell;
  const lack = server.policies.includes(policy)
    ? (server.lacks(scenario) ?? (lent && (lent.lodging.lacks(cell) ?? canaryLack(cell, lent.lacking))))
    : `it does not play the policy ${policy}, only ${server.policies.join(', ')}`;
  return lack === null ? null : `${server.name} cannot be asked: ${lack}`;
}

function unplacedBy(
  { scenario, transport, variant }: Cell,
  site: Players['site'],
  isChallenged: boolean,
): string | null {
  const { name, version, can } = callerOf(variant.kind === 'control', site);
  const lack = ((): string | null => {
    if (!can.behaviours.has(scenario.caller)) return `play a caller who is ${scenario.caller}`;
    if (!can.transports.has(transport)) return `call over ${transport.toUpperCase()}`;
    if (!can.credentials && isChallenged) return 'answer a server that asks for a password (401, 407)';
    if (!can.headers && variant.headers.length > 0) return 'add header lines to its INVITE';
    return !can.uriParameters && scenario.dials !== undefined && scenario.dials !== 'aor'
      ? `dial ${scenario.dials}`
      : null;
  })();
  return lack === null ? null : `${name} ${version} cannot ${lack}`;
}

/** The library that the B2BUA is made of keeps one value for each header field, and gives no password of its own. */
function notHandedOn({ path, variant }: Cell, isChallenged: boolean): string | null {
  if (path === 'direct') return null;
  if (isChallenged) return 'the B2BUA cannot answer a server that asks for a password (401, 407)';
  const repeated = headerNames([variant]).size < variant.headers.length;
  return repeated && path !== 'b2bua-drop' ? 'the B2BUA joins a header field that is repeated into one' : null;
}

function unplayedBy({ scenario }: Cell, ua: StartedUa | null): string | null {
  const play = playOf(calleePhone(scenario));
  if (ua === null || play === null || ua.plays.has(play)) return null;
  return `${ua.name} ${ua.version} cannot ${PLAY_NAMES[play]}`;
}
