import { counted } from '../counted.ts';
import { UsageError } from '../errors.ts';
import { commonId } from '../model/cell-id.ts';
import type { Cell } from './plan.ts';

/** One of `count` parts of a plan; counted from 1, as CI systems do. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** @param text `2/4`. @throws {UsageError} */
export function parseShard(text: string): Shard {
  const [, index, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (index === undefined || shard.index < 1 || shard.index > shard.count) {
    throw new UsageError(`--shard takes I/N with I from 1 to N, e.g. 2/4, not "${text}"`);
  }
  return shard;
}

/**
 * The cells of one shard, in the order given. All variants of a situation stay together with their control, so no
 * control is called twice and none is missing; which shard they fall to hangs on their ids alone, not on their order.
 *
 * @throws {UsageError} when there are more shards than situations: an empty shard would prove nothing and look green.
 */
export function shardOf(cells: readonly Cell[], { index, count }: Shard): Cell[] {
  const groups = [...Map.groupBy(cells, groupOf)];
  if (count > groups.length) {
    throw new UsageError(
      `--shard ${index}/${count}: the selection has ${counted(groups.length, 'situation')}, ` +
        `policy by policy, and none is divided; take at most ${counted(groups.length, 'shard')}, or select more`,
    );
  }
  const loads = Array.from({ length: count }, () => 0);
  const shardOfGroup = new Map<string, number>();
  for (const [group, own] of groups.toSorted(largestFirst)) {
    const lightest = loads.indexOf(Math.min(...loads));
    loads[lightest] = (loads[lightest] ?? 0) + own.length;
    shardOfGroup.set(group, lightest + 1);
  }
  return cells.filter((cell) => shardOfGroup.get(groupOf(cell)) === index);
}

function groupOf({ scenario, variant, ...cell }: Cell): string {
  return commonId({ ...cell, situation: scenario.id, variant: variant.id }, ['variant']);
}

/** Of the same size by code unit, so that the order does not hang on anybody's locale. */
function largestFirst([a, ownA]: [string, readonly Cell[]], [b, ownB]: [string, readonly Cell[]]): number {
  return ownB.length - ownA.length || (a < b ? -1 : 1);
}
