import type { SeenMessage } from '../../model/observation.ts';
import type { CellResult, CellRow, Verdict } from '../../model/results.ts';
import { VERDICTS } from '../../model/words.ts';
import { visible } from '../visible.ts';
import { dataFile } from './names.ts';
import { groupKey, type PageCell, type PageMessages } from './page-data.ts';

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
  /** In each run before this one; absent when there are none. */
  readonly past?: readonly (Verdict | null)[];
  /** In the last of them, where it went another way. */
  readonly before?: RecordedCell | null;
}

export function cellGroups(cells: readonly CellRow[]): CellGroup[] {
  return [...Map.groupBy(cells, (cell) => groupKey(cell.id))].map(([key, own], index) => ({
    key,
    file: dataFile(key, index),
    cells: own,
  }));
}

/** Details and messages as the page takes them, all of it visible. */
export function entriesOf(cells: readonly RecordedCell[]): PageCell[] {
  return cells.map(({ cell, messages, others, past, before = null }) => ({
    cell: allVisible(cell),
    ...shownMessages(messages),
    ...(others.length > 0 && { others: others.map(shownMessages) }),
    ...(past !== undefined && { past: past.map((each) => (each === null ? '.' : VERDICTS.indexOf(each))).join('') }),
    ...(before !== null && { before: { cell: allVisible(before.cell), ...shownMessages(before.messages) } }),
  }));
}

function shownMessages(messages: readonly SeenMessage[]): PageMessages {
  return {
    messages: messages.slice(0, MESSAGES_SHOWN).map(messageData),
    left: Math.max(0, messages.length - MESSAGES_SHOWN),
  };
}

function messageData({ atMs, from, to, startLine, cseq, callId, raw }: SeenMessage): PageMessages['messages'][number] {
  return { atMs, from, to, startLine: visible(startLine), cseq: visible(cseq), callId: visible(callId), raw };
}

/** JSON of the same shape. */
function allVisible<T>(value: T): T;
function allVisible(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (Array.isArray(value)) return value.map((item: unknown) => allVisible(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]: [string, unknown]) => [key, allVisible(item)]));
}
