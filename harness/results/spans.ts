import type { FileHandle } from 'node:fs/promises';

/** Bytes of a file, from `start` up to but not including `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Read at once when spans lie side by side. */
const WINDOW_BYTES = 4_000_000;
/** Bytes between two spans that are cheaper to read than a second read is. */
const GAP_BYTES = 64_000;

/**
 * The bytes of each span, in the order given; some at a time, as many as lie side by side. What is handed out holds
 * until the next is asked for.
 *
 * @throws {RangeError} when the file ends before a span does
 */
export async function* readSpans(file: FileHandle, spans: readonly Span[]): AsyncGenerator<Buffer[]> {
  let buffer = Buffer.allocUnsafe(0);
  for (let at = 0; at < spans.length; ) {
    const { start, end, next } = windowFrom(spans, at);
    if (buffer.length < end - start) buffer = Buffer.allocUnsafe(end - start);
    await fill(file, buffer, start, end - start);
    const own = spans.slice(at, next);
    yield own.map((span) => buffer.subarray(span.start - start, span.end - start));
    at = next;
  }
}

function windowFrom(spans: readonly Span[], first: number): Span & { readonly next: number } {
  const { start = 0, end: firstEnd = 0 } = spans[first] ?? {};
  let end = firstEnd;
  let next = first + 1;
  for (; next < spans.length; next += 1) {
    const span = spans[next];
    if (span === undefined || span.start < end || span.start > end + GAP_BYTES) break;
    if (span.end - start > WINDOW_BYTES) break;
    end = span.end;
  }
  return { start, end, next };
}

async function fill(file: FileHandle, buffer: Buffer, start: number, length: number): Promise<void> {
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(buffer, done, length - done, start + done);
    if (bytesRead === 0) throw new RangeError(`the file ends at byte ${start + done}`);
    done += bytesRead;
  }
}
