/** Accounts for canaries, from a server that lends them. */
import type { Cell } from '../plan/plan.ts';
import type { AskedServer } from '../servers/server.ts';
import type { Canary } from './canary.ts';
import { canaryNeed, type Lodging } from './lodging.ts';
import { trapsNeeded } from './needed-canaries.ts';
import type { Flock } from './witness.ts';

export interface LentFlock {
  readonly flock: Flock;
  /** Why cells have no canary that they need, one clause each, by policy and trap: see {@link canaryLack}. */
  readonly lacking: ReadonlyMap<string, string>;
}

/**
 * Canaries for the traps that these cells ask for, as far as there are accounts for them. Each keeps its own to the end. What the
 * server cannot be asked needs none; every other cell needs the one to the phone, which therefore comes first.
 */
export function lentFlock(
  { rounds, withHeaders, hasTimers, timed }: Flock,
  cells: readonly Cell[],
  { server, lodging }: { readonly server: Pick<AskedServer, 'lacks'>; readonly lodging: Lodging },
): LentFlock {
  const asked = cells.filter((cell) => server.lacks(cell.scenario) === null && lodging.lacks(cell) === null);
  const needed = new Set(
    asked.flatMap((cell) => [...trapsNeeded(cell), 'phone'].map((trap) => `${cell.policy} ${trap}`)),
  );
  const lacking = new Map<string, string>();
  const phoneFirst = rounds.toSorted((a, b) => Number(b.trap === 'phone') - Number(a.trap === 'phone'));
  const own = phoneFirst.flatMap((canary) => {
    const place = placeOf(canary);
    if (!needed.has(place)) return [];
    const lodged = lodge(canary, lodging);
    if (lodged !== null) return [lodged];
    const { trap, settings } = canary;
    const rules = [...settings.flags, ...settings.lists].join(', ') || 'no rules';
    lacking.set(place, `it has no account left for a canary to ${trap}, with ${rules}`);
    return [];
  });
  return {
    flock: {
      rounds: own,
      withHeaders: withHeaders.flatMap((canary) => {
        const shared = own.find((each) => placeOf(each) === placeOf(canary));
        return shared === undefined ? [] : [{ ...canary, settings: shared.settings, lent: shared.lent }];
      }),
      hasTimers,
      timed: timed === null ? null : lodge(timed, lodging),
    },
    lacking,
  };
}

/** Why this cell cannot have its canaries; null: it can. */
export function canaryLack(cell: Cell, lacking: LentFlock['lacking']): string | null {
  const places = [...trapsNeeded(cell), 'phone'].map((trap) => `${cell.policy} ${trap}`);
  return places.map((place) => lacking.get(place)).find((why) => why !== undefined) ?? null;
}

function lodge<C extends Canary>(canary: C, lodging: Lodging): C | null {
  const lent = lodging.keep(canaryNeed(canary.policy, canary.settings));
  return lent === null ? null : { ...canary, lent, settings: { ...canary.settings, waits: lent.waits } };
}

function placeOf({ policy, trap }: Canary): string {
  return `${policy} ${trap}`;
}
