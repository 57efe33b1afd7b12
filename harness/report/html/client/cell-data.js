import { loadData, page } from './load-data.js';

const files = new Map(page.files);
/** Cell id -> `{ cell, messages, left }`, as far as loaded. */
const loaded = new Map();

export function isCell(id) {
  return files.has(groupOf(id));
}

/** The details and messages of a cell. Rejects, in words for the reader, when they are not there. */
export async function cellData(id) {
  const file = files.get(groupOf(id));
  if (file !== undefined && !loaded.has(id)) {
    for (const entry of await loadData(file, { keep: true })) loaded.set(entry.cell.id, entry);
  }
  const found = loaded.get(id);
  if (found === undefined) throw new Error(`This report has no cell ${id}.`);
  return found;
}

/** All of a cell's id but the variant, the fourth part. */
function groupOf(id) {
  return id
    .split('/')
    .filter((_, index) => index !== 3)
    .join('/');
}
