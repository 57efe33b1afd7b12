import { groupKey, type PageCell } from '../page-data.ts';
import { loadData, page } from './load-data.ts';

const files = new Map(page.files);
/** By cell id, as far as loaded. */
const loaded = new Map<string, PageCell>();

export function isCell(id: string): boolean {
  return files.has(groupKey(id));
}

/** The details and messages of a cell. Rejects, in words for the reader, when they are not there. */
export async function cellData(id: string): Promise<PageCell> {
  const file = files.get(groupKey(id));
  if (file !== undefined && !loaded.has(id)) {
    for (const entry of await loadData<readonly PageCell[]>(file, { keep: true })) loaded.set(entry.cell.id, entry);
  }
  const found = loaded.get(id);
  if (found === undefined) throw new Error(`This report has no cell ${id}.`);
  return found;
}
