/**
 * Where a call's messages are, beside results.json: `traces/calls-1.jsonl.gz#bytes=1024-2047`, a gzip member of that file (RFC 1952
 * 2.2) that holds one line, first and last byte as in RFC 9110 14.1.2. In older results: a line that is not packed,
 * `traces/calls-1.jsonl#bytes=1024-2047`; of version 0.1.0 a file of its own, `traces/....json`.
 */

/** A plain name, so that results from elsewhere cannot point out of their folder. */
const FILE = String.raw`traces/[A-Za-z0-9][A-Za-z0-9._@+-]{0,240}\.json`;
const LINE = String.raw`(${FILE}l(?:\.gz)?)#bytes=(\d{1,15})-(\d{1,15})`;
const IN_LINE = new RegExp(`^${LINE}$`);

export const TRACE_PLACE = new RegExp(`^(${LINE}|${FILE})$`);

/** A line of a file: its bytes, from `first` to `last`. */
export interface TraceLine {
  readonly file: string;
  readonly first: number;
  readonly last: number;
}

export function traceLineText({ file, first, last }: TraceLine): string {
  return `${file}#bytes=${first}-${last}`;
}

/** @param place As {@link TRACE_PLACE} has it. @returns null where it names a file of its own */
export function traceLine(place: string): TraceLine | null {
  const [, file, first, last] = IN_LINE.exec(place) ?? [];
  return file === undefined ? null : { file, first: Number(first), last: Number(last) };
}
