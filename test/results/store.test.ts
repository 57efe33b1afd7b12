import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import type { CellResult } from '../../harness/model/results.ts';
import { readRun } from '../../harness/results/read.ts';
import { openResults } from '../../harness/results/store.ts';
import { wholeRun } from '../../harness/results/stored-run.ts';
import { resultsText } from '../../harness/results/write.ts';
import { sample } from './sample.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-store-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const { cells, ...header } = sample();
const [first, second] = cells as [CellResult, CellResult];
const none = new Map<string, never[]>();

describe('openResults', () => {
  it('writes the same file whatever the order and the batches in which cells came', async () => {
    await using store = await openResults(dir);
    const mixed = cells.toReversed();
    await Promise.all([store.add(mixed.slice(0, 7), none), store.add(mixed.slice(7), none)]);
    await store.finish(header);
    expect(await readFile(join(dir, 'results.json'), 'utf8')).toBe(resultsText(sample()));
    expect((await readdir(dir)).toSorted()).toEqual(['results.json', 'traces']);
  });

  it('has rows of what came so far, and lets a later cell take the place of an earlier one', async () => {
    await using store = await openResults(dir);
    await store.add([first, second], none);
    await store.add([{ ...first, verdict: 'fail', why: 'called again' }], none);
    expect(store.rows.map(({ id, why }) => [id, why])).toEqual([
      [first.id, 'called again'],
      [second.id, second.why],
    ]);
    const run = await store.finish(header);
    expect(run.results.cells).toHaveLength(2);
    expect(await run.detailsOf(run.results.cells)).toEqual((await wholeRun(await readRun(dir))).cells);
    expect(await run.detailsOf(run.results.cells.slice(1))).toEqual([second]);
  });

  it('leaves what was judged when the run dies, and says where it is', async () => {
    {
      await using store = await openResults(dir);
      await store.add([first], none);
    }
    const left = await readFile(join(dir, 'results.partial.json'), 'utf8');
    expect(JSON.parse(left)).toEqual(first);
    await expect(readRun(dir)).rejects.toThrow(/the cells that were judged are in results\.partial\.json/);
  });

  it('does not write over what a run before it left', async () => {
    await writeFile(join(dir, 'results.partial.json'), 'of an earlier run');
    await using store = await openResults(dir);
    await store.add(cells, none);
    await store.finish(header);
    const [left = ''] = (await readdir(dir)).filter((name) => name.startsWith('results.partial.json'));
    expect(await readFile(join(dir, left), 'utf8')).toBe('of an earlier run');
  });

  it('refuses a trace outside of its folder, and writes none of that batch', async () => {
    await using store = await openResults(dir);
    await expect(store.add([first, { ...second, trace: 'traces/../x.json' }], none)).rejects.toThrow(UsageError);
    expect(store.rows).toEqual([]);
    expect(await readdir(join(dir, 'traces'))).toEqual([]);
  });

  it('writes a run without a cell as JSON writes it', async () => {
    await using store = await openResults(dir);
    await store.finish(header);
    const text = await readFile(join(dir, 'results.json'), 'utf8');
    expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
    expect((await readRun(dir)).results.cells).toEqual([]);
  });
});
