import { type CellPlace, cellId } from '../model/cell-id.ts';
import { headerArrives } from '../model/path.ts';
import { type CellRow, type ClaimResult, isUnsteady } from '../model/results.ts';
import type { Claim, ClaimPart, PolicyId } from '../model/scenario.ts';

/** What is asked of a cell. */
export type ClaimCell = CellPlace &
  Pick<CellRow, 'policy' | 'transport' | 'path' | 'verdict' | 'repeats'> & {
    readonly observed: Pick<CellRow['observed'], 'outcome' | 'status' | 'otherTraps'> & {
      /** null: not known. */
      readonly calleeRang: boolean | null;
    };
  };

/**
 * Whether each claim that has a test held, policy by policy, for the policies of which there are cells. Pure.
 *
 * One cell that speaks against a claim settles it. To hold, every cell that the claim names must be there and speak:
 * a cell that is inconclusive, unsupported or unsteady, or whose outcome is unknown, settles nothing.
 */
export function evaluateClaims(claims: readonly Claim[], cells: readonly ClaimCell[]): ClaimResult[] {
  const policies = [...new Set(cells.map((cell) => cell.policy))];
  const lookup = new CellLookup(cells);
  return claims.flatMap(({ id, test }) =>
    test === undefined ? [] : policies.map((policy) => ({ claim: id, policy, ...settle(test, policy, lookup) })),
  );
}

/** How one cell, or one that is missing, bears on a claim. */
interface Bearing {
  readonly cell: string;
  readonly says: 'for' | 'against' | 'nothing';
}

function settle(test: readonly ClaimPart[], policy: PolicyId, lookup: CellLookup): Pick<ClaimResult, 'held' | 'cells'> {
  const bearings = lookup
    .lanes(policy)
    .flatMap((lane) => test.filter(speaksOf(lane)).flatMap((part) => bearingsOf(part, lane, lookup)));
  const against = cellsThatSay(bearings, 'against');
  if (against.length > 0) return { held: 'does-not-hold', cells: against };
  const silent = cellsThatSay(bearings, 'nothing');
  return silent.length > 0 || bearings.length === 0
    ? { held: 'not-settled', cells: silent }
    : { held: 'holds', cells: [] };
}

function speaksOf({ path }: Lane): (part: ClaimPart) => boolean {
  return ({ paths }) => paths?.includes(path) ?? true;
}

function bearingsOf(part: ClaimPart, lane: Lane, lookup: CellLookup): Bearing[] {
  return part.variants.flatMap((variant) => {
    const idOf = (situation: string): string => cellId({ ...lane, situation, variant });
    if (part.says === 'all-or-nothing') return allOrNothing(part.situations.map(idOf), lookup);
    return part.situations.map((situation): Bearing => {
      const id = idOf(situation);
      const cell = lookup.settled(id);
      if (cell === null) return { cell: id, says: 'nothing' };
      if (part.says !== 'same-as') return { cell: id, says: bears(part, cell) };
      const otherId = cellId({ ...lane, situation, variant: part.variant });
      const other = lookup.settled(otherId);
      if (other === null) return { cell: otherId, says: 'nothing' };
      return { cell: id, says: cell.observed.outcome === other.observed.outcome ? 'for' : 'against' };
    });
  });
}

function bears(
  part: Exclude<ClaimPart, { says: 'same-as' | 'all-or-nothing' }>,
  { verdict, observed: { outcome, status, calleeRang, otherTraps } }: ClaimCell,
): Bearing['says'] {
  const agrees = ((): boolean | null => {
    switch (part.says) {
      case 'outcome':
        return outcome === part.outcome;
      case 'status':
        return status === null ? null : part.status.includes(status);
      case 'as-meant':
        return verdict !== 'fail';
      case 'together':
        return otherTraps?.every(({ reached }) => reached === (outcome === 'engaged')) ?? null;
      case 'callee-rings':
        return calleeRang;
      case 'callee-silent':
        return calleeRang === null ? null : !calleeRang;
    }
  })();
  if (agrees === null) return 'nothing';
  return agrees ? 'for' : 'against';
}

/** The cells of the smaller side speak against it. */
function allOrNothing(ids: readonly string[], lookup: CellLookup): Bearing[] {
  const engaged = ids.filter((id) => lookup.settled(id)?.observed.outcome === 'engaged');
  const suppressed = ids.filter((id) => lookup.settled(id)?.observed.outcome === 'suppressed');
  const odd = engaged.length <= suppressed.length ? engaged : suppressed;
  return ids.map((cell) => {
    if (lookup.settled(cell) === null) return { cell, says: 'nothing' };
    return { cell, says: odd.includes(cell) ? 'against' : 'for' };
  });
}

/** The part of a cell's id that a claim does not name. */
type Lane = Pick<ClaimCell, 'server' | 'policy' | 'transport' | 'path'>;

class CellLookup {
  readonly #cells = new Map<string, ClaimCell>();
  /** By policy, then by what names the lane. */
  readonly #lanes = new Map<PolicyId, Map<string, Lane>>();

  constructor(cells: readonly ClaimCell[]) {
    for (const cell of cells) {
      const { server, policy, transport, path } = cell;
      // A header that is lost on the way says nothing of what a server does with it.
      if (!headerArrives(path)) continue;
      this.#cells.set(cellId(cell), cell);
      const lanes = this.#lanes.get(policy) ?? new Map<string, Lane>();
      this.#lanes.set(policy, lanes.set(`${server}/${transport}/${path}`, { server, policy, transport, path }));
    }
  }

  /** Every server, transport and path that a policy was run on. */
  lanes(policy: PolicyId): Lane[] {
    return [...(this.#lanes.get(policy)?.values() ?? [])];
  }

  /** The cell, if it may bear on anything. */
  settled(id: string): ClaimCell | null {
    const cell = this.#cells.get(id);
    if (cell === undefined || cell.verdict === 'inconclusive' || cell.verdict === 'unsupported') return null;
    return cell.observed.outcome === 'unknown' || isUnsteady(cell) ? null : cell;
  }
}

function cellsThatSay(bearings: readonly Bearing[], says: Bearing['says']): string[] {
  return [...new Set(bearings.filter((bearing) => bearing.says === says).map((bearing) => bearing.cell))];
}
