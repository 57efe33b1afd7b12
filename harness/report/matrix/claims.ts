import type { ClaimResult, RunRows } from '../../model/results.ts';
import type { PolicyId } from '../../model/scenario.ts';
import { CELL_POLICIES } from '../../model/words.ts';
import { visible } from '../visible.ts';
import { HELD_WORDS } from './symbols.ts';
import { ellipsis, type Paint, wrap } from './text.ts';

/** Wide enough for every word of {@link HELD_WORDS}. */
const MIN_WIDTH = 8;

/** Each claim that a cell of the run bears on, policy by policy; one table, or several where the line is short. */
export function claimsTable(results: RunRows, columns: number, paint: Paint): string[] {
  const touched = touchedClaims(results);
  const claimResults = results.claimResults.filter(({ claim }) => touched.has(claim));
  const policies = CELL_POLICIES.filter((policy) => claimResults.some((each) => each.policy === policy));
  if (policies.length === 0) return [];
  const byClaim = Map.groupBy(claimResults, (each) => each.claim);
  const others = new Set(results.claimResults.map(({ claim }) => claim)).size - byClaim.size;
  const left = others === 0 ? '' : `; ${others} more that no cell of this run bears on`;
  const longest = Math.max(...[...byClaim.keys()].map((claim) => visible(claim).length));
  const labelWidth = Math.min(longest, columns - 20);
  return [
    paint.bold('Claims, by policy'),
    ...inRows(policies, columns - labelWidth).flatMap((row) => table(row, byClaim, labelWidth, paint)),
    ...wrap(
      `does not: a cell speaks against it, as it should where the sources disagree; open: not settled${left}`,
      columns,
    ).map(paint.dim),
  ];
}

/** Ids of claims that a cell of the run cites, or settles, or could. */
export function touchedClaims({ claimResults, cells }: RunRows): Set<string> {
  const ids = new Set(cells.map(({ id }) => id));
  const cited = cells.flatMap(({ expected: { claims, elsewhere = {} } }) => [
    ...claims,
    ...Object.values(elsewhere).flatMap((demand) => demand.claims),
  ]);
  const settled = claimResults.filter(
    ({ held, cells: own }) => held !== 'not-settled' || own.some((id) => ids.has(id)),
  );
  return new Set([...cited, ...settled.map(({ claim }) => claim)]);
}

function table(
  policies: readonly PolicyId[],
  byClaim: ReadonlyMap<string, readonly ClaimResult[]>,
  labelWidth: number,
  paint: Paint,
): string[] {
  const head = policies.map((policy) => ` ${policy}`.padEnd(widthOf(policy))).join('');
  const lines = [...byClaim].map(([claim, results]) => {
    const words = policies.map((policy) => {
      const held = results.find((each) => each.policy === policy)?.held;
      const word = held === undefined ? '' : HELD_WORDS[held];
      const colour = held === 'holds' ? paint.pass : held === 'does-not-hold' ? paint.bold : paint.dim;
      return ` ${colour(word)}${' '.repeat(widthOf(policy) - 1 - word.length)}`;
    });
    return `${ellipsis(visible(claim), labelWidth).padEnd(labelWidth)}${words.join('')}`.trimEnd();
  });
  return [paint.dim(`${' '.repeat(labelWidth)}${head}`.trimEnd()), ...lines];
}

function inRows(policies: readonly PolicyId[], width: number): PolicyId[][] {
  const rows: PolicyId[][] = [];
  let free = 0;
  for (const policy of policies) {
    if (widthOf(policy) > free) {
      rows.push([]);
      free = width;
    }
    rows.at(-1)?.push(policy);
    free -= widthOf(policy);
  }
  return rows;
}

/** Blank before, and the longer of head and words. */
function widthOf(policy: PolicyId): number {
  return Math.max(MIN_WIDTH, policy.length) + 1;
}
