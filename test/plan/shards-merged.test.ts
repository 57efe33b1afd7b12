/** A run in shards, merged, is the run without shards: but for ids, times and the order in which the shards are named. */
import { describe, expect, it } from 'vitest';
import { evaluateClaims } from '../../harness/judge/claims.ts';
import type { RunResults, RunRows } from '../../harness/model/results.ts';
import { POLICIES } from '../../harness/model/words.ts';
import { plan } from '../../harness/plan/plan.ts';
import { shardOf } from '../../harness/plan/shard.ts';
import { mergeRuns, type Settle } from '../../harness/results/merge.ts';
import { missingShards } from '../../harness/results/shards.ts';
import { runInMemory, type StoredRun, wholeRun } from '../../harness/results/stored-run.ts';
import { resultsText } from '../../harness/results/write.ts';
import { claims, scenarios, variants } from '../../scenarios/index.ts';
import { syntheticResults } from '../report/synthetic-run.ts';

const COUNT = 4;
const cells = plan({ server: 'kamailio', transport: 'udp', policies: POLICIES, scenarios, variants });
const settle = (results: RunRows['cells']) => evaluateClaims(claims, results);
const SETTLE: Settle = { claims: settle, likeness: () => [] };
const unsharded: RunResults = { ...syntheticResults(), claimResults: settle(syntheticResults().cells) };

function shard(index: number): StoredRun {
  const own = new Set(shardOf(cells, { index, count: COUNT }).map(({ id }) => id));
  const ownCells = unsharded.cells.filter(({ id }) => own.has(id));
  const run = { ...unsharded.run, shards: [`${index}/${COUNT}`] };
  const results = { ...unsharded, run, cells: ownCells, claimResults: settle(ownCells) };
  return runInMemory(results, async () => []);
}

function merged(first: number, ...others: number[]): Promise<RunResults> {
  return wholeRun(mergeRuns([shard(first), ...others.map(shard)], SETTLE));
}

const timeless = (results: RunResults): string => resultsText({ ...results, run: { ...results.run, durationMs: 0 } });

describe('merged shards', () => {
  it.for([
    [1, 2, 3, 4],
    [4, 2, 1, 3],
  ])('of %o are the whole run', async ([first = 0, ...others]) => {
    expect(timeless(await merged(first, ...others))).toBe(timeless(unsharded));
  });

  it('say which parts they are while one is missing', async () => {
    const { run } = await merged(4, 1, 2);
    expect(run.shards).toEqual(['1/4', '2/4', '4/4']);
    expect(missingShards(run.shards ?? [])).toEqual(['3/4']);
  });

  it('are whole together with a run that is', () => {
    const whole = runInMemory(unsharded, async () => []);
    expect(mergeRuns([whole, shard(2)], SETTLE).results.run.shards).toBeUndefined();
  });
});
