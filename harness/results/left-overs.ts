/** What an earlier report has left in a folder that is written into again. Only what is ours by its name, and by what stands in it, is taken away. */
import { readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CellRow } from '../model/results.ts';
import { traceLine } from '../model/trace-place.ts';
import { otherTraces } from './store.ts';
import { PARTIAL_RESULTS } from './stored-run.ts';

const TRACE_FILE = /^calls-\d+\.jsonl\.gz$/;
const CALLER_DIR = /^caller-\d+-[a-z-]+$/;
const DATA_FILE = /^[A-Za-z0-9-]+\.js$/;
/** `report/html/parts.ts` begins each with it. */
const DATA_HEAD = 'ringfenceData(';

/** Before calls are placed: scripts and logs of other calls would lie among theirs. */
export async function removeOlderCallers(labDir: string): Promise<void> {
  for (const name of await namesIn(labDir, CALLER_DIR)) await rm(join(labDir, name), { recursive: true });
}

/**
 * When what this lab left is packed: a packed file beside one that it wrote and that is not is of another lab, whose log was
 * longer, and would be read as this one's.
 */
export async function removeOlderLogs(labDir: string, sinceEpochMs: number): Promise<void> {
  const names = new Set(await namesIn(labDir, /./));
  for (const name of names) {
    if (!names.has(`${name}.gz`) || (await stat(join(labDir, name))).mtimeMs < sinceEpochMs) continue;
    await rm(join(labDir, `${name}.gz`), { recursive: true });
  }
}

/**
 * When the report is whole: messages that no cell of its results names. Those of a run that never came to its end stay with what is
 * left of it.
 */
export async function removeOlderTraces(dir: string, cells: readonly CellRow[]): Promise<void> {
  if ((await readdir(dir)).some((name) => name.startsWith(PARTIAL_RESULTS))) return;
  const traces = cells.flatMap((cell) => [cell.trace, ...otherTraces(cell)]);
  const named = new Set(traces.map((trace) => traceLine(trace)?.file));
  for (const name of await namesIn(join(dir, 'traces'), TRACE_FILE)) {
    if (!named.has(`traces/${name}`)) await rm(join(dir, 'traces', name));
  }
}

/** @param written what the page of this report loads, relative to `dir` */
export async function removeOlderData(dir: string, written: ReadonlySet<string>): Promise<void> {
  const data = join(dir, 'data');
  for (const name of await namesIn(data, DATA_FILE)) {
    if (written.has(`data/${name}`)) continue;
    const text = await readFile(join(data, name), 'utf8');
    if (text.startsWith(DATA_HEAD)) await rm(join(data, name));
  }
  await rmdir(data).catch(() => {}); // there is something in it, or it is not there
}

/** Of a run that made none: an Allure report beside its results is another run's. */
export async function removeOlderAllure(dir: string): Promise<void> {
  for (const name of ['allure.html', 'allure-results']) await rm(join(dir, name), { recursive: true, force: true });
}

async function namesIn(dir: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return names.filter((name) => pattern.test(name));
}
