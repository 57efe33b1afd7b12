import type { PageCell, PageMessages } from '../page-data.ts';
import { loadData, page } from './load-data.ts';

/** What is found in a cell's messages alone, by the name of a word's field; values are in lower case, a byte per character. */
const FIELDS: Readonly<Record<string, (entry: PageCell, value: string) => boolean>> = {
  'call-id': (entry, value) => someMessage(entry, ({ callId }) => callId.toLowerCase().includes(value)),
  callee: (entry, value) =>
    entry.cell.observed.legs.some(({ user }) => user.toLowerCase().includes(value)) ||
    someMessage(entry, ({ startLine }) => calledUser(startLine).includes(value)),
  text: (entry, value) => someMessage(entry, ({ raw }) => raw.toLowerCase().includes(value)),
};

/** Ids of the cells that a word was found in, of all cells or as far as the search has come. */
const found = new Map<string, Set<string>>();
const complete = new Set<string>();

interface SearchProgress {
  readonly parts: number;
  readonly of: number;
}

export interface SearchEnd {
  /** Messages of long calls that the page does not have; they were not searched. */
  readonly left: number;
}

export function isMessageWord(word: string): boolean {
  return fieldOf(word) !== null;
}

/** Whether a word was found in the messages of that cell, as far as they were searched. */
export function isFoundIn(word: string, id: string | null): boolean {
  return id !== null && found.get(word)?.has(id) === true;
}

export function isSearched(words: readonly string[]): boolean {
  return words.every((word) => !isMessageWord(word) || complete.has(word));
}

/**
 * Looks for words in the messages of all cells, one part of the page's data after the other, and keeps none of them. Rejects, in
 * words for the reader, when a part is not there.
 *
 * @param onPart After each part. @returns null when it was told to end before
 */
export async function searchMessages(
  words: readonly string[],
  { signal, onPart }: { readonly signal: AbortSignal; readonly onPart: (progress: SearchProgress) => void },
): Promise<SearchEnd | null> {
  const missing = words.filter((word) => isMessageWord(word) && !complete.has(word));
  for (const word of missing) found.set(word, new Set());
  let left = 0;
  for (const [index, [, file]] of page.files.entries()) {
    const entries = await loadData<readonly PageCell[]>(file, { keep: false });
    if (signal.aborted) return null;
    for (const word of missing) take(word, entries);
    for (const entry of entries) for (const each of callsOf(entry)) left += each.left;
    onPart({ parts: index + 1, of: page.files.length });
  }
  for (const word of missing) complete.add(word);
  return { left };
}

function take(word: string, entries: readonly PageCell[]): void {
  const field = fieldOf(word);
  if (field === null) return;
  for (const entry of entries) if (field.isIn(entry, field.value)) found.get(word)?.add(entry.cell.id);
}

function fieldOf(word: string): { readonly isIn: (typeof FIELDS)[string]; readonly value: string } | null {
  const [, name = '', value = ''] = /^([a-z-]+):(.+)$/s.exec(word) ?? [];
  const isIn = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (isIn === undefined) return null;
  // Messages have a character per byte.
  return {
    isIn,
    value: name === 'text' ? String.fromCharCode(...new TextEncoder().encode(value)).toLowerCase() : value,
  };
}

/** Of every call of a cell. */
function callsOf(entry: PageCell): readonly PageMessages[] {
  return [entry, ...(entry.others ?? [])];
}

function someMessage(entry: PageCell, test: (message: PageMessages['messages'][number]) => boolean): boolean {
  return callsOf(entry).some(({ messages }) => messages.some(test));
}

/** `INVITE sip:alice@plain.test SIP/2.0` -> `alice`; nobody where it is no request for a user. */
function calledUser(startLine: string): string {
  return /^INVITE sips?:([^@\s]*)@/i.exec(startLine)?.[1]?.toLowerCase() ?? '';
}
