import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunId } from '../compare/earlier.ts';
import { UsageError } from '../errors.ts';
import { openReportDir } from './report-dir.ts';

/**
 * Removes all runs of a folder but the newest. Only what a run has left behind: a folder named as a run, with its results in it, to
 * which nobody writes now. Links are left alone, and whatever else lies there.
 *
 * @param keep at least 1
 * @returns the names of those that were removed, oldest first
 */
export async function pruneRuns(dir: string, keep: number): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const runs = entries
    .filter((entry) => entry.isDirectory() && isRunId(entry.name) && existsSync(join(dir, entry.name, 'results.json')))
    .map(({ name }) => name)
    .toSorted();
  const removed: string[] = [];
  for (const name of runs.slice(0, -keep)) {
    if (await removedUnused(join(dir, name))) removed.push(name);
  }
  return removed;
}

async function removedUnused(dir: string): Promise<boolean> {
  try {
    await using own = await openReportDir(dir, '.');
    await rm(own.dir, { recursive: true });
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false; // somebody renders it again
    throw error;
  }
}
