import type { SeenMessage } from '../model/observation.ts';
import type { CellResult, RunHeader, RunResults } from '../model/results.ts';
import { inMatrixOrder } from './matrix-order.ts';

/** The text of results.json: keys sorted, cells in matrix order, a newline at the end, so that two runs can be diffed. */
export function resultsText(results: RunResults): string {
  const [before, after] = textAround(results, results.cells.length);
  return before + inMatrixOrder(results).map(cellText).join(CELL_SEPARATOR) + after;
}

export const CELL_SEPARATOR = ',\n';

/** What comes before the cells in results.json, and what after them. */
export function textAround(header: RunHeader, cells: number): readonly [before: string, after: string] {
  const { schema, run, situations, variants, claims, claimResults } = header;
  // What a reader looks for first stays on top; below, keys are sorted.
  const top = { schema, run, situations, variants, claims, claimResults };
  const sorted = Object.fromEntries(Object.entries(top).map(([key, value]) => [key, sortKeys(value)]));
  const whole = JSON.stringify({ ...sorted, cells: [] }, null, 2);
  const before = whole.slice(0, whole.lastIndexOf('[') + 1);
  return cells === 0 ? [before, ']\n}\n'] : [`${before}\n`, '\n  ]\n}\n'];
}

/**
 * A cell as it stands in results.json: its checks, by far the most of it, on a line each, and every line hardly indented, or a
 * quarter of the file would be blanks.
 */
export function cellText({ checks, ...rest }: CellResult): string {
  const text = JSON.stringify(sortKeys(rest), null, 1);
  if (checks === undefined) return text;
  const lines = checks.map(({ holds, id, seen }) => `  ${JSON.stringify({ holds, id, seen })}`);
  // The first of the keys.
  return text.replace('{', () => `{\n "checks": [\n${lines.join(',\n')}\n ],`);
}

/** A call's messages, as one line. */
export function packLine(cell: string, messages: readonly SeenMessage[]): string {
  return `{"cell":${JSON.stringify(cell)},"messages":[${messages.map(messageText).join(',')}]}\n`;
}

/** Keys sorted, as everywhere: by hand, because there are millions of them. */
function messageText({ atMs, callId, cseq, from, raw, startLine, to }: SeenMessage): string {
  return JSON.stringify({ atMs, callId, cseq, from, raw, startLine, to });
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
