import type { SeenMessage } from '../../model/observation.ts';
import type { CellResult } from '../../model/results.ts';
import { visible, visibleLines } from '../visible.ts';
import { dataFile, groupKey } from './names.ts';
import { scriptJson } from './template.ts';

/** A broken endpoint may send without end; nobody reads more than this in a ladder. */
const MESSAGES_SHOWN = 400;
const RAW_LENGTH = 20_000;

/** Cells whose details and messages share a file. */
export interface CellGroup {
  readonly key: string;
  /** Relative to index.html. */
  readonly file: string;
  readonly cells: readonly CellResult[];
}

export function cellGroups(cells: readonly CellResult[]): CellGroup[] {
  return [...Map.groupBy(cells, (cell) => groupKey(cell.id))].map(([key, own], index) => ({
    key,
    file: dataFile(key, index),
    cells: own,
  }));
}

/** A script that hands details and messages of a group to the page; a script, because pages of file:// may load nothing else. */
export function dataScript(group: CellGroup, messagesOf: (cell: CellResult) => readonly SeenMessage[]): string {
  const entries = group.cells.map((cell) => {
    const messages = messagesOf(cell);
    return {
      cell: allVisible(cell),
      messages: messages.slice(0, MESSAGES_SHOWN).map(messageData),
      left: Math.max(0, messages.length - MESSAGES_SHOWN),
    };
  });
  return `ringfenceCells(${scriptJson(entries)});\n`;
}

function messageData({ atMs, from, to, startLine, cseq, raw }: SeenMessage): object {
  return { atMs, from, to, startLine: visible(startLine), cseq: visible(cseq), raw: rawText(raw) };
}

const PLAIN = /^[\r\n -~]*$/;

/** Wire bytes as text: UTF-8 where they are, else each odd byte as `\xNN`. SIP is UTF-8 (RFC 3261 7), endpoints are not always. */
export function rawText(raw: string): string {
  const cut = raw.length > RAW_LENGTH ? `${raw.slice(0, RAW_LENGTH)}\r\n[${raw.length - RAW_LENGTH} bytes more]` : raw;
  if (PLAIN.test(cut)) return visibleLines(cut);
  try {
    return visibleLines(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(cut, 'latin1')));
  } catch {
    return visibleLines(cut).replaceAll(
      /[\u0080-\u00ff]/g,
      (byte) => `\\x${byte.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  }
}

function allVisible(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (Array.isArray(value)) return value.map(allVisible);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, allVisible(item)]));
}
