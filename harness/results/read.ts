import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { complaintAbout } from '../complaint.ts';
import { UsageError } from '../errors.ts';
import { cell } from '../model/cell-schema.ts';
import type { CellResult, CellRow, RunHeader, RunResults } from '../model/results.ts';
import { runHeader, trace } from '../model/results-schema.ts';
import { listOf, object } from '../model/shapes.ts';
import { RESULTS_VERSION } from '../model/words.ts';
import { rowMaker } from './cell-row.ts';
import { findMembers, type Members, parseSpans } from './members.ts';
import type { Span } from './spans.ts';
import { type DetailsOf, PARTIAL_RESULTS, type StoredRun, type TraceOf } from './stored-run.ts';
import { type ReadTrace, readTrace } from './trace-packs.ts';

/**
 * Reads `results.json` of a report's folder, cell by cell: all of it is checked, rows are kept. Details and messages are
 * read when they are asked for.
 *
 * @param toRow Runs of the same cells that are read with the same one keep what they share once.
 * @throws {UsageError} when the file is missing, of another version or not as its schema says; names file and place.
 */
export async function readRun(dir: string, toRow = rowMaker()): Promise<StoredRun> {
  const file = join(dir, 'results.json');
  await using handle = await opened(file, dir);
  const { header, spans } = await readHeader(handle, file);
  const index = new Map<string, Span>();
  const cells: CellRow[] = [];
  for await (const value of parsedCells(handle, spans, file)) {
    const row = toRow(checkedCell(value, cells.length, index, file));
    index.set(row.id, spans[cells.length] ?? { start: 0, end: 0 });
    cells.push(row);
  }
  return { results: { ...header, cells }, detailsOf: detailsIn(file, index), traceOf: tracesIn(dir) };
}

/** The messages of cells whose results lie in `dir`. Read without promises: thousands of them take a quarter of the time. */
export function tracesIn(dir: string): TraceOf {
  return async ({ id, trace: place }) => {
    const file = join(dir, place);
    const { cell: whose, messages } = readOrTell(dir, { id, place });
    if (whose !== null && whose !== id) {
      throw new UsageError(`the messages at ${file} are those of ${JSON.stringify(whose)}, not of ${id}: ${TOGETHER}`);
    }
    return checked(trace, messages, '', `the messages of ${id}, ${file}`);
  };
}

const TOGETHER = 'traces/ belongs to results.json, copy both';

function readOrTell(dir: string, { id, place }: { readonly id: string; readonly place: string }): ReadTrace {
  const file = join(dir, place);
  try {
    return readTrace(dir, place);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw unreadable(file, `it has the messages of ${id}; ${TOGETHER}`, cause);
    const seen = `${cause.message}: was it cut short, or written again?`;
    throw new UsageError(`the messages of ${id} are not at ${file} (${seen}); ${TOGETHER}`, { cause });
  }
}

/** @param index Where in results.json each cell is. */
export function detailsIn(file: string, index: ReadonlyMap<string, Span>): DetailsOf {
  return async (cells) => {
    const spans = cells.map(({ id }) => {
      const span = index.get(id);
      if (span === undefined) throw new UsageError(`${file} has no cell ${id}`);
      return span;
    });
    await using handle = await open(file);
    const found: CellResult[] = [];
    for await (const value of parsedCells(handle, spans, file)) found.push(value as CellResult);
    const other = found.findIndex(({ id }, at) => id !== cells[at]?.id);
    if (other === -1) return found;
    throw new UsageError(`${file} changed while it was read: ${cells[other]?.id} is not where it was; begin again`);
  };
}

/** All of a run from the text of its results.json. @param file Named in errors. @throws {UsageError} as {@link readRun}. */
export function parseResults(json: string, file: string): RunResults {
  const value = parse(json, file);
  const { cells, ...rest } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const header = checkedHeader(rest, file);
  if (!Array.isArray(cells)) throw notAList(cells, file);
  const seen = new Map<string, unknown>();
  for (const [index, each] of cells.entries()) seen.set(checkedCell(each, index, seen, file).id, each);
  return { ...header, cells: cells as CellResult[] };
}

/** @param json results.json without its cells. @param file Named in errors. @throws {UsageError} as {@link readRun} */
export function parseHeader(json: string, file: string): RunHeader {
  const { cells: _none, ...rest } = Object(parse(json, file)) as Record<string, unknown>;
  return checkedHeader(rest, file);
}

async function readHeader(handle: FileHandle, file: string): Promise<{ header: RunHeader; spans: readonly Span[] }> {
  const { values, items } = await findMembers(handle, 'cells').catch((cause: Error): Members => {
    throw notJson(file, cause);
  });
  const names = [...values.keys()];
  const parsed: unknown[] = [];
  try {
    for await (const value of parseSpans(handle, [...values.values()], (at) => names[at] ?? '')) parsed.push(value);
  } catch (cause) {
    throw notJson(file, cause as Error);
  }
  const { cells, ...rest } = Object.fromEntries(names.map((name, at) => [name, parsed[at]]));
  const header = checkedHeader(rest, file);
  if (items === null) throw notAList(cells, file);
  return { header, spans: items };
}

async function* parsedCells(handle: FileHandle, spans: readonly Span[], file: string): AsyncGenerator<unknown> {
  try {
    yield* parseSpans(handle, spans, (index) => `cells[${index}]`);
  } catch (cause) {
    throw cause instanceof SyntaxError || cause instanceof RangeError ? notJson(file, cause) : cause;
  }
}

function checkedHeader(value: Record<string, unknown>, file: string): RunHeader {
  const version = value.schema;
  if (version === FIRST_VERSION) return checkedHeader(sinceFirst(value), file);
  if (version !== RESULTS_VERSION) {
    throw new UsageError(
      `${file}: this Ringfence reads "${RESULTS_VERSION}" and "${FIRST_VERSION}", the file says ${JSON.stringify(version) ?? 'none'}; ` +
        'render it with the Ringfence that wrote it, or run the matrix again',
    );
  }
  return checked(runHeader, value, '', file);
}

const FIRST_VERSION = 'ringfence-results/1';

/** Its only caller was SIPp. */
function sinceFirst(value: Record<string, unknown>): Record<string, unknown> {
  const { sipp, ...run } = Object(value.run) as Record<string, unknown>;
  return { ...value, schema: RESULTS_VERSION, run: { ...run, caller: { id: 'sipp', name: 'SIPp', version: sipp } } };
}

function checkedCell(value: unknown, index: number, seen: ReadonlyMap<string, unknown>, file: string): CellResult {
  const result = checked(cell, value, `cells[${index}]`, file);
  if (!seen.has(result.id)) return result;
  throw new UsageError(`${file}: cells[${index}].id "${result.id}" is there twice; keep one of the two`);
}

const withCells = object({ cells: listOf(v.unknown()) });

function notAList(found: unknown, file: string): UsageError {
  return wrong(withCells, found === undefined ? {} : { cells: found }, '', file);
}

async function opened(file: string, dir: string): Promise<FileHandle> {
  try {
    return await open(file);
  } catch (cause) {
    const partial = (await readdir(dir).catch(() => [])).find((name) => name.startsWith(PARTIAL_RESULTS));
    throw unreadable(
      file,
      partial === undefined
        ? 'a report is a folder with a results.json'
        : `its run ended before it was written; the cells that were judged are in ${partial}, one JSON value after the other`,
      cause,
    );
  }
}

function unreadable(file: string, advice: string, cause: unknown): UsageError {
  return new UsageError(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code}): ${advice}`, { cause });
}

function parse(json: string, file: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (cause) {
    throw notJson(file, cause as Error);
  }
}

function notJson(file: string, cause: Error): UsageError {
  return new UsageError(`${file} is not JSON (${cause.message}); was it cut short?`, { cause });
}

/** @param place Where the value is in the file. @returns the value itself */
function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  place: string,
  file: string,
): v.InferInput<Schema> {
  if (v.is(schema, value)) return value;
  throw wrong(schema, value, place, file);
}

function wrong(schema: v.GenericSchema, value: unknown, outer: string, file: string): UsageError {
  const { place, kind, expected, found } = complaintAbout(schema, value, outer);
  const due = { missing: 'there', surplus: 'left out', value: expected }[kind];
  return new UsageError(`${file}: ${place || 'the file'} must be ${due}, found ${found}`);
}
