import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UsageError } from '../errors.ts';
import type { SeenMessage } from '../model/observation.ts';
import type { RunResults } from '../model/results.ts';
import { inMatrixOrder } from './matrix-order.ts';
import { TRACE_NAME } from './results-shape.ts';

/** How many trace files are open at once. */
const FILES_AT_ONCE = 32;

/**
 * Writes `results.json` and `traces/` into `dir`. `results.json` comes last and all at once, so whoever finds one finds
 * it whole, with its traces.
 *
 * @param traces Messages by cell id; a cell without any gets an empty trace.
 * @throws {UsageError} when a cell's trace would not be a plain file of `traces/`.
 */
export async function writeResults(
  dir: string,
  results: RunResults,
  traces: ReadonlyMap<string, readonly SeenMessage[]>,
): Promise<void> {
  for (const cell of results.cells) {
    if (!TRACE_NAME.test(cell.trace)) {
      throw new UsageError(
        `cell ${cell.id}: "${cell.trace}" is no plain file name of traces/; use letters, digits, . _ -`,
      );
    }
  }
  await mkdir(join(dir, 'traces'), { recursive: true });
  const waiting = results.cells.values();
  const writeTraces = async (): Promise<void> => {
    for (const cell of waiting) await writeFile(join(dir, cell.trace), traceText(traces.get(cell.id) ?? []));
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, writeTraces));
  await writeResultsFile(dir, results);
}

/** `results.json` alone, of cells whose traces lie in `dir` already. */
export async function writeResultsFile(dir: string, results: RunResults): Promise<void> {
  await writeWhole(join(dir, 'results.json'), resultsText(results));
}

/** The text of results.json: keys sorted, cells in matrix order, a newline at the end, so that two runs can be diffed. */
export function resultsText(results: RunResults): string {
  const { schema, run, situations, variants, claims, claimResults } = results;
  const whole = { schema, run, situations, variants, claims, claimResults, cells: inMatrixOrder(results) };
  // What a reader looks for first stays on top; below, keys are sorted.
  return `${JSON.stringify(mapValues(whole, sortKeys), null, 2)}\n`;
}

/** One message per line. */
export function traceText(messages: readonly SeenMessage[]): string {
  if (messages.length === 0) return '[]\n';
  return `[\n${messages.map((message) => JSON.stringify(sortKeys(message))).join(',\n')}\n]\n`;
}

/** Replaces `file` all at once: a reader sees the old text or the new one, a crash leaves no half. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sortKeys((value as Record<string, unknown>)[key])]),
  );
}

function mapValues(value: object, change: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]));
}
