/** What follows from the cells of merged runs alone. */
import type { CellRow, ClaimResult, Likeness } from '../model/results.ts';
import type { Claim, HeaderVariant, Scenario } from '../model/scenario.ts';
import { evaluateClaims } from './claims.ts';
import { likeness } from './likeness.ts';

/** What is known of claims, rows and situations when runs are merged; a user's own files are not among them. */
export function settleWith(catalogue: {
  readonly claims: readonly Claim[];
  readonly scenarios: readonly Scenario[];
  readonly variants: readonly HeaderVariant[];
}): {
  claims(cells: readonly CellRow[]): ClaimResult[];
  likeness(cells: readonly CellRow[]): Likeness[];
} {
  return {
    claims: (cells) => evaluateClaims(catalogue.claims, cells),
    likeness: (cells) => likeness(cells, catalogue),
  };
}
