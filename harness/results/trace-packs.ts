/**
 * Where messages are kept: `traces/calls-1.jsonl.gz` and so on, a line for each call, `{"cell":"...","messages":[...]}`. A file for
 * each would take a quarter of a millisecond to be made, thousands of times. Each line is packed by itself, to an eighth: it is read
 * without the others, and tools read the file as one. A cell's `trace` says where its line is.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { SeenMessage } from '../model/observation.ts';
import { traceLine, traceLineText } from '../model/trace-place.ts';
import { beyond } from './parts.ts';
import { packLine } from './text.ts';

/** A file that is larger is left, and another one begun. */
const FILE_BYTES = 64_000_000;

/** IOV_MAX, writev(2). */
const BUFFERS_AT_ONCE = 1024;

/** Writes packs, one after the other, into files of its own. */
export class TracePacks {
  readonly #dir: string;
  #open: { readonly name: string; readonly fd: number; end: number } | null = null;
  #waiting: Buffer[] = [];

  /** @param dir The report's folder. */
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Settles nothing: {@link flush} writes. @returns what the cell's `trace` is to be. @throws by the file system */
  add(cell: string, messages: readonly SeenMessage[]): string {
    const line = gzipSync(packLine(cell, messages));
    const file = this.#fileFor(line.length);
    const from = file.end;
    file.end += line.length;
    this.#waiting.push(line);
    return traceLineText({ file: file.name, first: from, last: file.end - 1 });
  }

  /** What was added can be read afterwards, whatever becomes of this process. @throws by the file system */
  flush(): void {
    if (this.#open === null || this.#waiting.length === 0) return;
    // What was written is taken out at once: if the rest cannot be, the next attempt goes on where this one ended.
    while (this.#waiting.length > 0) {
      this.#waiting = beyond(this.#waiting, writevSync(this.#open.fd, this.#waiting.slice(0, BUFFERS_AT_ONCE)));
    }
  }

  /** Idempotent. */
  close(): void {
    this.flush();
    if (this.#open !== null) closeSync(this.#open.fd);
    this.#open = null;
  }

  #fileFor(bytes: number): { readonly name: string; end: number } {
    if (this.#open !== null && this.#open.end > 0 && this.#open.end + bytes > FILE_BYTES) this.close();
    this.#open ??= this.#begin();
    return this.#open;
  }

  /** The first name that nobody has: a folder that is written into again keeps what earlier results speak of. */
  #begin(): { readonly name: string; readonly fd: number; end: number } {
    mkdirSync(join(this.#dir, 'traces'), { recursive: true });
    for (let nth = 1; ; nth++) {
      const name = `traces/calls-${nth}.jsonl.gz`;
      try {
        return { name, fd: openSync(join(this.#dir, name), 'wx'), end: 0 };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }
}

/** What a `trace` speaks of, as JSON text has it: not checked. `cell` is null where the file does not say. */
export interface ReadTrace {
  readonly cell: unknown;
  readonly messages: unknown;
}

/**
 * @throws {SyntaxError} when no such line is there
 * @throws by the file system, when there is no such file
 */
export function readTrace(dir: string, trace: string): ReadTrace {
  const place = traceLine(trace);
  // Results of version 0.1.0 have a file for each call.
  if (place === null) return { cell: null, messages: JSON.parse(readFileSync(join(dir, trace), 'utf8')) };
  const { file, first, last } = place;
  const fd = openSync(join(dir, file), 'r');
  try {
    const { size } = fstatSync(fd);
    if (last >= size) throw new SyntaxError(`the file has ${size} bytes`);
    const line = Buffer.alloc(Math.max(0, last - first + 1));
    readSync(fd, line, 0, line.length, first);
    const { cell = null, messages = null } = Object(JSON.parse(textOf(file, line)));
    return { cell, messages };
  } finally {
    closeSync(fd);
  }
}

/** Far more than any call says. Results may come from elsewhere, and a few kilobytes can be packed of very much. */
const MOST_BYTES = 128 * 1024 * 1024;

/** @throws {SyntaxError} for what was not packed here */
function textOf(file: string, line: Buffer): string {
  if (!file.endsWith('.gz')) return line.toString('utf8');
  try {
    return gunzipSync(line, { maxOutputLength: MOST_BYTES }).toString('utf8');
  } catch (cause) {
    throw new SyntaxError((cause as Error).message, { cause });
  }
}
