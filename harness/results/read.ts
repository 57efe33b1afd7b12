import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import type { SeenMessage } from '../model/observation.ts';
import { type CellResult, RESULTS_VERSION, type RunResults } from '../model/results.ts';
import { runResults, trace } from './results-shape.ts';
import { type Shape, ShapeError } from './shape.ts';

/** The messages of a cell, in order of time. */
export type TraceOf = (cell: CellResult) => Promise<readonly SeenMessage[]>;

/** A run as it lies in a folder: what came out, and where the messages are. */
export interface StoredRun {
  readonly results: RunResults;
  readonly traceOf: TraceOf;
}

/**
 * Reads `results.json` of a report's folder; the messages are read when they are asked for.
 *
 * @throws {UsageError} when the file is missing, of another version or not as its schema says; names file and place.
 */
export async function readRun(dir: string): Promise<StoredRun> {
  const file = join(dir, 'results.json');
  return {
    results: parseResults(await readText(file, 'a report is a folder with a results.json'), file),
    traceOf: tracesIn(dir),
  };
}

/** The messages of cells whose results lie in `dir`. */
export function tracesIn(dir: string): TraceOf {
  return async (cell) => {
    const file = join(dir, cell.trace);
    const messages = parse(await readText(file, 'traces/ belongs to results.json, copy both'), file);
    check(trace, messages, file);
    return messages as readonly SeenMessage[];
  };
}

/** @param file Named in errors. @throws {UsageError} as {@link readRun}. */
export function parseResults(json: string, file: string): RunResults {
  const value = parse(json, file);
  const version = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (version !== RESULTS_VERSION) {
    throw new UsageError(
      `${file}: this Ringfence reads version "${RESULTS_VERSION}", the file says ${JSON.stringify(version) ?? 'none'}; ` +
        'render it with the Ringfence that wrote it, or run the matrix again',
    );
  }
  check(runResults, value, file);
  const results = value as RunResults;
  const seen = new Set<string>();
  for (const [index, { id }] of results.cells.entries()) {
    if (seen.has(id)) throw new UsageError(`${file}: cells[${index}].id "${id}" is there twice; keep one of the two`);
    seen.add(id);
  }
  return results;
}

async function readText(file: string, advice: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code}): ${advice}`, { cause });
  }
}

function parse(json: string, file: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (cause) {
    throw new UsageError(`${file} is not JSON (${(cause as Error).message}); was it cut short?`, { cause });
  }
}

function check(shape: Shape, value: unknown, file: string): void {
  try {
    shape(value, '');
  } catch (error) {
    if (error instanceof ShapeError) throw new UsageError(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
}
