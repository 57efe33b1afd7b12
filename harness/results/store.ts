import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../counted.ts';
import { LabError, systemTrouble } from '../errors.ts';
import type { SeenMessage } from '../model/observation.ts';
import type { CellResult, CellRow, RunHeader } from '../model/results.ts';
import { rowMaker } from './cell-row.ts';
import { inMatrixOrder } from './matrix-order.ts';
import { beyond } from './parts.ts';
import { detailsIn, tracesIn } from './read.ts';
import { readSpans, type Span } from './spans.ts';
import { PARTIAL_RESULTS, type StoredRun } from './stored-run.ts';
import { CELL_SEPARATOR, cellText, textAround } from './text.ts';
import { TracePacks } from './trace-packs.ts';

/**
 * Takes the cells of a run as they are judged, in any order, and writes them at once: `traces/` where they stay, results
 * to `results.partial.json`, one JSON value after the other, of which a later one of the same id counts. Only
 * {@link CellRow}s are kept in memory. Should the process end before {@link finish}, that file is left.
 */
export class ResultsStore implements AsyncDisposable {
  readonly #dir: string;
  readonly #spool: FileHandle;
  readonly #packs: TracePacks;
  readonly #kept = new Map<string, { readonly row: CellRow; readonly span: Span }>();
  readonly #toRow = rowMaker();
  #end = 0;
  /** Writes go one after the other, also when calls do not wait for each other. */
  #writing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(dir: string, spool: FileHandle) {
    this.#dir = dir;
    this.#spool = spool;
    this.#packs = new TracePacks(dir);
  }

  /** The cells so far; of several with one id the latest. */
  get rows(): CellRow[] {
    return [...this.#kept.values()].map(({ row }) => row);
  }

  /** Of {@link rows}, and of the results in the partial file. */
  get kept(): { readonly cells: number; readonly bytes: number } {
    return { cells: this.#kept.size, bytes: this.#end };
  }

  /**
   * @param traces Messages by cell id, of other calls of a repeated cell by their `trace`: they are written, and the results'
   * traces say where. Without any, there are none. null: they lie in `traces/` already, where the results say.
   * @param rows Of these cells, in the same order, where the caller has them already.
   */
  async add(
    results: readonly CellResult[],
    traces: ReadonlyMap<string, readonly SeenMessage[]> | null,
    rows: readonly CellRow[] = results.map(this.#toRow),
  ): Promise<void> {
    try {
      const placed = traces === null ? { results, rows } : this.#writeTraces(results, rows, traces);
      const own = this.#writing.then(() => this.#append(placed.results, placed.rows));
      this.#writing = own.catch(() => {});
      await own;
    } catch (error) {
      throw this.#told(error, 'results');
    }
  }

  /** A cell as it was added last. @throws {Error} when it was not */
  async read(id: string): Promise<CellResult> {
    await this.#writing;
    const span = this.#kept.get(id)?.span;
    if (span === undefined) throw new Error(`${id} is not among the results`);
    const text = Buffer.alloc(span.end - span.start);
    await this.#spool.read(text, 0, text.length, span.start);
    return JSON.parse(text.toString('utf8')) as CellResult;
  }

  /** Writes `results.json`, whole and at once, and takes the partial file away. The store is closed then. */
  async finish(header: RunHeader): Promise<StoredRun> {
    await this.#writing;
    const cells = inMatrixOrder({ ...header, cells: this.rows });
    const file = join(this.#dir, 'results.json');
    const temporary = `${file}.${randomUUID()}.tmp`;
    try {
      const index = await this.#writeCells(temporary, header, cells);
      await rename(temporary, file);
      await this.discard();
      return { results: { ...header, cells }, detailsOf: detailsIn(file, index), traceOf: tracesIn(this.#dir) };
    } catch (error) {
      await rm(temporary, { force: true });
      throw this.#told(error, file);
    }
  }

  /** Takes the partial file away: nobody wants the run. */
  async discard(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await rm(join(this.#dir, PARTIAL_RESULTS), { force: true });
  }

  /** Leaves the partial file where it is, unless {@link finish} has done its work, or there is nothing in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writing;
    await this.#spool.close();
    try {
      this.#packs.close();
    } catch {
      // Messages of results that could not be kept either, which was told.
    }
    if (this.#end === 0) await rm(join(this.#dir, PARTIAL_RESULTS), { force: true });
  }

  /** What the machine refused, with where the cells are that were judged before. */
  #told(error: unknown, what: string): unknown {
    const why = systemTrouble(error);
    if (why === null) return error;
    const cells = this.#kept.size;
    const partial = join(this.#dir, PARTIAL_RESULTS);
    const kept =
      cells === 0
        ? ''
        : `; the ${counted(cells, 'cell that was judged before is', 'cells that were judged before are')} in ${partial}, one JSON value after the other`;
    return new LabError(`${what} could not be written: ${why}${kept}`, { cause: error });
  }

  #writeTraces(
    results: readonly CellResult[],
    rows: readonly CellRow[],
    traces: ReadonlyMap<string, readonly SeenMessage[]>,
  ): { results: CellResult[]; rows: CellRow[] } {
    const places = results.map(({ id, repeats }) => ({
      trace: this.#packs.add(id, traces.get(id) ?? []),
      ...(repeats !== undefined && {
        repeats: {
          ...repeats,
          others: repeats.others.map((other) => ({
            ...other,
            trace: this.#packs.add(id, traces.get(other.trace) ?? []),
          })),
        },
      }),
    }));
    this.#packs.flush();
    return {
      results: results.map((result, at) => ({ ...result, ...places[at] })),
      rows: rows.map((row, at) => ({ ...row, ...places[at] })),
    };
  }

  async #append(results: readonly CellResult[], rows: readonly CellRow[]): Promise<void> {
    const texts = results.map((cell) => Buffer.from(`${cellText(cell)}\n`));
    try {
      await writeAll(this.#spool, texts, this.#end);
    } catch (error) {
      await this.#spool.truncate(this.#end); // half a value would be read with the next
      throw error;
    }
    for (const [index, cell] of results.entries()) {
      const { length } = texts[index] ?? '';
      this.#kept.set(cell.id, {
        row: rows[index] ?? this.#toRow(cell),
        span: { start: this.#end, end: this.#end + length - 1 },
      });
      this.#end += length;
    }
  }

  /** @returns where each cell is */
  async #writeCells(file: string, header: RunHeader, cells: readonly CellRow[]): Promise<Map<string, Span>> {
    const [before, after] = textAround(header, cells.length).map((text) => Buffer.from(text));
    const separator = Buffer.from(CELL_SEPARATOR);
    const spans = cells.map(({ id }) => this.#kept.get(id)?.span ?? { start: 0, end: 0 });
    const index = new Map<string, Span>();
    let at = before?.length ?? 0;
    await using handle = await open(file, 'w');
    await writeAll(handle, before === undefined ? [] : [before]);
    for await (const texts of readSpans(this.#spool, spans)) {
      const parts: Buffer[] = [];
      for (const text of texts) {
        if (index.size > 0) {
          parts.push(separator);
          at += separator.length;
        }
        parts.push(text);
        index.set(cells[index.size]?.id ?? '', { start: at, end: at + text.length });
        at += text.length;
      }
      await writeAll(handle, parts);
    }
    await writeAll(handle, after === undefined ? [] : [after]);
    return index;
  }
}

/**
 * Opens a folder for the results of a run.
 *
 * @throws by the file system, when nothing can be written there
 */
export async function openResults(dir: string): Promise<ResultsStore> {
  await mkdir(join(dir, 'traces'), { recursive: true });
  const partial = join(dir, PARTIAL_RESULTS);
  // Of a run that never came to its end: it is all that is left of it.
  await rename(partial, join(dir, `${PARTIAL_RESULTS}.${randomUUID()}`)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  return new ResultsStore(dir, await open(partial, 'wx+'));
}

/** Of a repeated cell: the files of the calls that went otherwise. */
export function otherTraces({ repeats }: CellRow): string[] {
  return repeats?.others.map(({ trace }) => trace) ?? [];
}

/** @param from Where in the file. @default where the last write ended */
async function writeAll(handle: FileHandle, parts: readonly Buffer[], from?: number): Promise<void> {
  let left = parts;
  let at = from;
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left, at);
    left = beyond(left, bytesWritten);
    if (at !== undefined) at += bytesWritten;
  }
}
