import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pruneRuns } from '../../harness/cli/keep.ts';
import { openReportDir } from '../../harness/cli/report-dir.ts';
import { scratch } from '../setup/scratch.ts';

const RUNS = ['2026-01-09T120000-aaaa', '2026-01-10T090000-zzzz', '2026-01-10T100000-bbbb', '2026-02-01T000000-cccc'];

async function reports(dir: string): Promise<void> {
  for (const name of [...RUNS, 'merged', 'sample']) {
    await mkdir(join(dir, name, 'traces'), { recursive: true });
    await writeFile(join(dir, name, 'results.json'), '{}');
  }
  await mkdir(join(dir, '2025-01-01T000000-dddd')); // no results: a run that has only begun
  await symlink(RUNS[0] ?? '', join(dir, '2024-01-01T000000-eeee'));
  await writeFile(join(dir, 'README.md'), '');
}

it('keeps the newest runs, and whatever is no run', async () => {
  await using place = await scratch();
  await reports(place.dir);
  const before = await readdir(place.dir);
  expect(await pruneRuns(place.dir, 2)).toEqual(RUNS.slice(0, 2));
  expect(await readdir(place.dir)).toEqual(before.filter((name) => !RUNS.slice(0, 2).includes(name)));
  expect(await pruneRuns(place.dir, 2)).toEqual([]);
});

it('leaves a run alone to which somebody writes', async () => {
  await using place = await scratch();
  await reports(place.dir);
  await using writer = await openReportDir(join(place.dir, RUNS[0] ?? ''), '.');
  expect(await pruneRuns(place.dir, 1)).toEqual(RUNS.slice(1, 3));
  expect(await readdir(writer.dir)).toContain('results.json');
});
