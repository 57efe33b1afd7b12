/** `node bench/write-run.ts DIR CELLS SHIFT`: writes a made-up run as a run writes its own, some cells at a time. */

import { evaluateClaims } from '../harness/judge/claims.ts';
import type { CellResult } from '../harness/model/results.ts';
import { openResults } from '../harness/results/store.ts';
import { claims } from '../scenarios/index.ts';
import { syntheticCells, syntheticHeader, syntheticMessages } from '../test/report/synthetic-run.ts';

const AT_ONCE = 20;

const [dir = '', size = '', shift = ''] = process.argv.slice(2);
const count = Number(size);
await using store = await openResults(dir);
let batch: CellResult[] = [];
let index = 0;

async function flush(): Promise<void> {
  const first = index - batch.length;
  await store.add(batch, new Map(batch.map((cell, at) => [cell.id, syntheticMessages(cell, first + at)])));
  batch = [];
}

for (const cell of syntheticCells(count, Number(shift))) {
  batch.push(cell);
  index += 1;
  if (batch.length === AT_ONCE) await flush();
}
await flush();
await store.finish({ ...syntheticHeader(count), claimResults: evaluateClaims(claims, store.rows) });
