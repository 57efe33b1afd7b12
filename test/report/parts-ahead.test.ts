/** The page, made of what was packed while the last windows were waited for. */
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CellResult } from '../../harness/model/results.ts';
import type { EarlierVerdicts } from '../../harness/report/earlier.ts';
import { cellGroups } from '../../harness/report/html/data.ts';
import { Reports } from '../../harness/report/index.ts';
import { page } from '../../harness/report/page.ts';
import { PartsAhead } from '../../harness/report/parts-ahead.ts';
import { readRun } from '../../harness/results/read.ts';
import { SAMPLE_DIR, sample } from '../results/sample.ts';
import { type Scratch, scratch } from '../setup/scratch.ts';

const CELLS = sample().cells;
const IDS = CELLS.map(({ id }) => id);
const GROUPS = cellGroups(CELLS);

async function folder(): Promise<Scratch> {
  const place = await scratch();
  await cp(SAMPLE_DIR, place.dir, { recursive: true });
  return place;
}

/** Everything packed, and nothing left to read it from. */
async function packedAhead(cells: readonly CellResult[], verdicts: EarlierVerdicts | null = null): Promise<PartsAhead> {
  await using place = await folder();
  const ahead = new PartsAhead(place.dir, IDS, async () => verdicts);
  ahead.add(cells, 'windows');
  await expect.poll(() => ahead.isAtRest).toBe(true);
  return ahead;
}

describe('what the page has of cells', () => {
  it('is there before the run is over, and the page is what it would be without', async () => {
    await using place = await folder();
    const made = async (early: boolean): Promise<string> => {
      const run = await readRun(place.dir);
      await using reports = new Reports([page(null)], place.dir);
      reports.begin(run.results);
      if (early) reports.add(CELLS, 'windows');
      await reports.render({ ...run });
      return readFile(join(place.dir, 'index.html'), 'utf8');
    };
    expect(await made(true)).toBe(await made(false));
    const ahead = await packedAhead(CELLS);
    for (const group of GROUPS) expect(await ahead.dataOf(group, null), group.key).toMatch(/^H4sI/);
  });

  it('is packed again where a cell has come to something else, and where one was not known', async () => {
    const [changed, ...others] = CELLS as [CellResult, ...CellResult[]];
    const unknown = await packedAhead(others);
    const before = await packedAhead([{ ...changed, why: 'another' }, ...others]);
    for (const group of GROUPS) {
      const isConcerned = group.cells.some(({ id }) => id === changed.id);
      for (const each of [unknown, before]) expect((await each.dataOf(group, null)) === null).toBe(isConcerned);
    }
  });

  it('says what cells were in runs before', async () => {
    const ahead = await packedAhead(CELLS, () => ['pass', null]);
    const without = await packedAhead(CELLS);
    const [group] = GROUPS as [(typeof GROUPS)[0]];
    expect(await ahead.dataOf(group, null)).not.toBe(await without.dataOf(group, null));
  });
});
