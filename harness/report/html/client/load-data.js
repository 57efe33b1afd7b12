import { element } from './element.js';

/** What the page knows from the start: claims, situations, variants, every cell in a few bytes, and the file of each group. */
export const page = JSON.parse(document.getElementById('data').textContent);

const loading = new Map();
/** What came and was not taken yet. */
const arrived = new Map();

/** The files of `data/` call this. */
globalThis.ringfenceData = (file, value) => arrived.set(file, value);

/**
 * What is in a file of `data/`, or in its place within a single file. Rejects, in words for the reader, when it is not
 * there. Loaded once as long as the promise is asked for by `keep`; else again each time.
 */
export function loadData(file, { keep }) {
  const known = loading.get(file);
  if (known !== undefined) return known;
  const inside = document.querySelector(`script[data-file="${CSS.escape(file)}"]`);
  const promise = inside === null ? loadScript(file) : unpack(inside);
  loading.set(file, promise);
  const forget = () => loading.delete(file);
  promise.then(keep ? null : forget, forget);
  return promise;
}

function loadScript(file) {
  return new Promise((resolve, reject) => {
    const script = element('script', { src: file });
    script.addEventListener('load', () => {
      script.remove();
      resolve(arrived.get(file));
      arrived.delete(file);
    });
    script.addEventListener('error', () => {
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
  return JSON.parse(await new Response(stream).text());
}

let waits = 0;

/** Says of the matrix that it is not what it will be in a moment. */
export async function whileBusy(work) {
  const matrix = document.getElementById('matrix');
  waits += 1;
  matrix.setAttribute('aria-busy', 'true');
  try {
    return await work;
  } finally {
    waits -= 1;
    if (waits === 0) matrix.removeAttribute('aria-busy');
  }
}

/**
 * Puts markup of a file into its place. The report's own template made it and escaped what is in it, as it did with the
 * page itself; a script in it would not run.
 */
export function putMarkup(place, markup) {
  const template = document.createElement('template');
  template.innerHTML = markup;
  place.replaceChildren(template.content);
}
