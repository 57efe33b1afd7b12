import type { SeenMessage } from '../../model/observation.ts';
import type { CellResult, CellRow } from '../../model/results.ts';
import { visible } from '../visible.ts';
import { dataFile, groupKey } from './names.ts';

/** A broken endpoint may send without end; a ladder shows this many, says how many are left, and where they are. */
const MESSAGES_SHOWN = 1000;

/** Cells whose details and messages share a file. */
export interface CellGroup {
  readonly key: string;
  /** Relative to index.html. */
  readonly file: string;
  readonly cells: readonly CellRow[];
}

/** Cells of a group with all that is on record of them. */
export interface RecordedCell {
  readonly cell: CellResult;
  readonly messages: readonly SeenMessage[];
  /** Of the calls in `repeats.others`, in the same order. */
  readonly others: readonly (readonly SeenMessage[])[];
}

export function cellGroups(cells: readonly CellRow[]): CellGroup[] {
  return [...Map.groupBy(cells, (cell) => groupKey(cell.id))].map(([key, own], index) => ({
    key,
    file: dataFile(key, index),
    cells: own,
  }));
}

/** Details and messages as the page takes them, all of it visible. */
export function entriesOf(cells: readonly RecordedCell[]): object[] {
  return cells.map(({ cell, messages, others }) => ({
    cell: allVisible(cell),
    ...shownMessages(messages),
    ...(others.length > 0 && { others: others.map(shownMessages) }),
  }));
}

function shownMessages(messages: readonly SeenMessage[]): { messages: object[]; left: number } {
  return {
    messages: messages.slice(0, MESSAGES_SHOWN).map(messageData),
    left: Math.max(0, messages.length - MESSAGES_SHOWN),
  };
}

/** `raw` is handed on as it was on the wire, a character per byte: the page makes it visible, and exports it whole. */
function messageData({ atMs, from, to, startLine, cseq, callId, raw }: SeenMessage): object {
  return { atMs, from, to, startLine: visible(startLine), cseq: visible(cseq), callId: visible(callId), raw };
}

function allVisible(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (Array.isArray(value)) return value.map(allVisible);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, allVisible(item)]));
}
