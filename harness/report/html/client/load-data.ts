import type { PageData } from '../page-data.ts';
import { byId, element } from './element.ts';

declare global {
  /** The files of `data/` call this. */
  var ringfenceData: (file: string, packed: string) => void;
}

/** What the page knows from the start: claims, situations, variants, every cell in a few bytes, and the file of each group. */
export const page = JSON.parse(byId('data', HTMLScriptElement).text) as PageData;

const loading = new Map<string, Promise<unknown>>();
/** What came and was not taken yet. */
const arrived = new Map<string, string>();

globalThis.ringfenceData = (file, packed) => arrived.set(file, packed);

/**
 * What is in a file of `data/`, or in its place within a single file. Rejects, in words for the reader, when it is not
 * there. Loaded once as long as the promise is asked for by `keep`; else again each time. The report wrote the file: what
 * is in it is what `page-data.ts` says.
 */
export function loadData<Data>(file: string, { keep }: { readonly keep: boolean }): Promise<Data> {
  const known = loading.get(file) as Promise<Data> | undefined;
  if (known !== undefined) return known;
  const inside = document.querySelector<HTMLScriptElement>(`script[data-file="${CSS.escape(file)}"]`);
  const promise = (inside === null ? loadScript(file) : Promise.resolve(inside.text)).then(unpack) as Promise<Data>;
  loading.set(file, promise);
  const forget = (): void => void loading.delete(file);
  promise.then(keep ? null : forget, forget);
  return promise;
}

function loadScript(file: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const script = element('script', { src: file });
    script.addEventListener('load', () => {
      script.remove();
      resolve(arrived.get(file) ?? '');
      arrived.delete(file);
    });
    script.addEventListener('error', () => {
      script.remove();
      reject(new Error(`${file} cannot be read. It belongs beside index.html: copy the folder data/ too.`));
    });
    document.head.append(script);
  });
}

async function unpack(packed: string): Promise<unknown> {
  const bytes = Uint8Array.from(atob(packed), (unit) => unit.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}

let waits = 0;

/** Says of the matrix that it is not what it will be in a moment. */
export async function whileBusy<Done>(work: Promise<Done>): Promise<Done> {
  const matrix = byId('matrix', HTMLElement);
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
 * Puts the markup of the file that a place names into it. The report's own template made it and escaped what is in it, as
 * it did with the page itself; a script in it would not run.
 */
export async function fillWith(place: HTMLElement): Promise<void> {
  const template = document.createElement('template');
  template.innerHTML = await loadData<string>(place.dataset.part ?? '', { keep: false });
  place.replaceChildren(template.content);
}
