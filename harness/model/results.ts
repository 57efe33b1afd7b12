/** What is in `results.json`, as types: fields and what they mean are in `results-schema.ts` and `cell-schema.ts`. */

import type * as cell from './cell-schema.ts';
import type { Leg } from './observation.ts';
import type * as results from './results-schema.ts';
import type { DataOf } from './shapes.ts';

export type { Verdict } from './words.ts';

/** What the oracle demands of a cell. Empty `statuses` means: no source says. */
export type Expectation = DataOf<typeof cell.expectation>;

/** Why the record may be believed. */
export type Proof = DataOf<typeof cell.proof>;

/** Its messages have a line of their own in `traces/`, found by the cell. */
export type EarlierCall = DataOf<typeof cell.earlierCall>;

/** A call of a cell that went otherwise than the one that its result is of. */
export type OtherResult = DataOf<typeof cell.otherResult>;

/** One call: server x policy x situation x variant x transport x path. */
export type CellResult = DataOf<typeof cell.cell>;

/**
 * What reports on a whole run need of each cell: small enough for a hundred thousand of them in memory. Every
 * {@link CellResult} is one; the rest of it is read when somebody looks at the cell.
 */
export interface CellRow
  extends Pick<
    CellResult,
    | 'id'
    | 'server'
    | 'policy'
    | 'situation'
    | 'feature'
    | 'trap'
    | 'variant'
    | 'transport'
    | 'path'
    | 'verdict'
    | 'expected'
    | 'control'
    | 'why'
    | 'late'
    | 'repeats'
    | 'durationMs'
    | 'rerun'
    | 'trace'
  > {
  readonly observed: Pick<CellResult['observed'], 'outcome' | 'status' | 'calleeRang' | 'otherTraps' | 'hangUp'> & {
    readonly legs: readonly Pick<Leg, 'role'>[];
  };
  /** How many earlier calls; absent when there are none. */
  readonly earlier?: { readonly length: number };
}

/** Whether a claim held on a policy, from the cells that it speaks of. */
export type ClaimResult = DataOf<typeof results.claimResult>;

/** How a policy fares with a server of which nobody says what it does. */
export type Likeness = DataOf<typeof results.likeness>;

/** All of `results.json`. */
export type RunResults = DataOf<typeof results.runResults>;

/** Everything of a run but its cells. */
export type RunHeader = DataOf<typeof results.runHeader>;

/** A run with as much of its cells as fits into memory at any size. Every {@link RunResults} is one. */
export interface RunRows extends RunHeader {
  readonly cells: readonly CellRow[];
}

/** Not as the sources demand, or nothing proven: somebody has to look at it. */
export function isWrong({ verdict }: Pick<CellRow, 'verdict'>): boolean {
  return verdict === 'fail' || verdict === 'inconclusive';
}

/** Whether calls of a cell went different ways: whatever its verdict, that is a finding. */
export function isUnsteady({ repeats }: Pick<CellRow, 'repeats'>): boolean {
  return repeats?.agreed === false;
}
