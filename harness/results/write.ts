import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SeenMessage } from '../model/observation.ts';
import type { RunResults } from '../model/results.ts';
import { openResults, otherTraces } from './store.ts';
import type { StoredRun } from './stored-run.ts';

export { resultsText } from './text.ts';

/** Cells handed to the store at once: few, so that their messages are gone before memory is tidied. */
const BATCH = 20;
/** Characters that are gathered before they are written. */
const CHUNK = 1_000_000;

/**
 * Writes `results.json` and `traces/` of a run that is in memory. `results.json` comes last and all at once, so whoever
 * finds one finds it whole, with its traces.
 *
 * @param traces Messages by cell id, of other calls of a repeated cell by their `trace`; without any, there are none.
 */
export async function writeResults(
  dir: string,
  results: RunResults,
  traces: ReadonlyMap<string, readonly SeenMessage[]>,
): Promise<void> {
  const { cells, ...header } = results;
  await using store = await openResults(dir);
  try {
    for (let at = 0; at < cells.length; at += BATCH) await store.add(cells.slice(at, at + BATCH), traces);
    await store.finish(header);
  } catch (error) {
    await store.discard();
    throw error;
  }
}

/** Writes `results.json` and `traces/` of a run that lies elsewhere, a part at a time. */
export async function copyRun(dir: string, { results, detailsOf, traceOf }: StoredRun): Promise<StoredRun> {
  const { cells, ...header } = results;
  await using store = await openResults(dir);
  try {
    for (let at = 0; at < cells.length; at += BATCH) {
      const rows = cells.slice(at, at + BATCH);
      const details = await detailsOf(rows);
      const traces = details.flatMap((cell) => [
        traceOf(cell).then((messages) => [cell.id, messages] as const),
        ...otherTraces(cell).map(async (trace) => [trace, await traceOf({ ...cell, trace })] as const),
      ]);
      await store.add(details, new Map(await Promise.all(traces)), rows);
    }
    return await store.finish(header);
  } catch (error) {
    await store.discard();
    throw error;
  }
}

/**
 * Replaces `file` all at once: a reader sees the old text or the new one, a crash leaves no half.
 *
 * @param text Parts are written as they come, so that a text of any size need not be in memory.
 */
export async function writeWhole(file: string, text: string | Iterable<string> | AsyncIterable<string>): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeParts(temporary, typeof text === 'string' ? [text] : text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    // What is written to an open file fails without its name.
    if (error instanceof Error && 'syscall' in error) Object.assign(error, { path: file });
    throw error;
  }
}

async function writeParts(file: string, parts: Iterable<string> | AsyncIterable<string>): Promise<void> {
  await using handle = await open(file, 'w');
  let waiting: string[] = [];
  let length = 0;
  for await (const part of parts) {
    waiting.push(part);
    length += part.length;
    if (length < CHUNK) continue;
    await handle.appendFile(waiting.join(''));
    waiting = [];
    length = 0;
  }
  await handle.appendFile(waiting.join(''));
}
