import type { RunResults } from '../../model/results.ts';
import { POLICIES } from '../../model/scenario.ts';
import { visible } from '../visible.ts';
import { HELD_WORDS } from './symbols.ts';
import { ellipsis, type Paint } from './text.ts';

/** Wide enough for every word of {@link HELD_WORDS}. */
const MIN_WIDTH = 8;

/** Each claim that the matrix can settle, policy by policy. */
export function claimsTable({ claimResults }: RunResults, columns: number, paint: Paint): string[] {
  const policies = POLICIES.filter((policy) => claimResults.some((each) => each.policy === policy));
  if (policies.length === 0) return [];
  const widths = new Map(policies.map((policy) => [policy, Math.max(MIN_WIDTH, policy.length) + 1]));
  const right = [...widths.values()].reduce((sum, width) => sum + width, 0);
  const byClaim = Map.groupBy(claimResults, (each) => each.claim);
  const longest = Math.max(...[...byClaim.keys()].map((claim) => visible(claim).length));
  const labelWidth = Math.min(longest, Math.max(12, columns - right));
  const head = policies.map((policy) => ` ${policy}`.padEnd(widths.get(policy) ?? 0)).join('');
  const lines = [...byClaim].map(([claim, results]) => {
    const words = policies.map((policy) => {
      const held = results.find((each) => each.policy === policy)?.held;
      const word = held === undefined ? '' : HELD_WORDS[held];
      const colour = held === 'holds' ? paint.pass : held === 'does-not-hold' ? paint.bold : paint.dim;
      return ` ${colour(word)}${' '.repeat(Math.max(0, (widths.get(policy) ?? 0) - 1 - word.length))}`;
    });
    return `${ellipsis(visible(claim), labelWidth).padEnd(labelWidth)}${words.join('')}`.trimEnd();
  });
  return [
    paint.bold('Claims, by policy'),
    paint.dim(`${' '.repeat(labelWidth)}${head}`.trimEnd()),
    ...lines,
    paint.dim('does not: a cell speaks against it, as it should where the sources disagree   open: not settled'),
  ];
}
