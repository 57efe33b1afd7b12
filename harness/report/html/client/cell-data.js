import { element } from './element.js';

/** What the page knows before a cell is opened: claims, situations, variants, and the file of each group of cells. */
export const page = JSON.parse(document.getElementById('data').textContent);

const files = new Map(page.files);
/** Cell id -> `{ cell, messages, left }`, as far as loaded. */
const loaded = new Map();
const loading = new Map();

/** The files of `data/` call this. */
globalThis.ringfenceCells = (entries) => {
  for (const entry of entries) loaded.set(entry.cell.id, entry);
};

export function isCell(id) {
  return files.has(groupOf(id));
}

/** The details and messages of a cell. Rejects, in words for the reader, when they are not there. */
export async function cellData(id) {
  const file = files.get(groupOf(id));
  if (file === undefined) throw new Error(`This report has no cell ${id}.`);
  if (!loaded.has(id)) await load(file);
  const found = loaded.get(id);
  if (found === undefined) throw new Error(`This report has no cell ${id}.`);
  return found;
}

function load(file) {
  const known = loading.get(file);
  if (known !== undefined) return known;
  const inside = document.querySelector(`script[data-file="${CSS.escape(file)}"]`);
  const promise = inside === null ? loadScript(file) : unpack(inside);
  loading.set(file, promise);
  return promise;
}

function loadScript(file) {
  return new Promise((resolve, reject) => {
    const script = element('script', { src: file });
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', () => {
      loading.delete(file);
      script.remove();
      reject(new Error(`${file} cannot be read. It belongs beside index.html: copy the folder data/ too.`));
    });
    document.head.append(script);
  });
}

/** Of a single file: the data are in the page, packed. */
async function unpack(inside) {
  const packed = Uint8Array.from(atob(inside.textContent), (unit) => unit.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  globalThis.ringfenceCells(JSON.parse(await new Response(stream).text()));
}

/** All of a cell's id but the variant, the fourth part. */
function groupOf(id) {
  return id
    .split('/')
    .filter((_, index) => index !== 3)
    .join('/');
}
