import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { html, Markup, scriptJson } from './template.ts';

/** What the page loads when somebody looks at it. */
export interface PagePart {
  /** Relative to index.html. */
  readonly file: string;
  /** Anything that JSON can say; markup as its text. */
  readonly value: () => unknown;
}

/** Beyond this many cells the page leaves out what is not in sight at once: tables of the matrix, of answers, reasons. */
export const CELLS_IN_PAGE = 3_000;

/** The parts of one page. A small page is whole, and has none: it is read without a script, too. */
export class PageParts {
  readonly large: boolean;
  readonly #parts: PagePart[] = [];

  constructor(cells: number) {
    this.large = cells > CELLS_IN_PAGE;
  }

  get all(): readonly PagePart[] {
    return this.#parts;
  }

  /** @returns the file's name */
  add(name: string, value: PagePart['value']): string {
    const file = `data/${name}.js`;
    this.#parts.push({ file, value });
    return file;
  }
}

/** A script that hands data to the page, packed; a script, because pages of file:// may load nothing else. */
export async function dataScript({ file, value }: PagePart): Promise<string> {
  return `ringfenceData(${scriptJson(file)}, ${scriptJson(await packed(value()))});\n`;
}

/** The same within the page itself: compressed, and an element that no browser runs. @param data what {@link packed} made */
export function inlineData(file: string, data: string): string {
  return html`<script type="application/x-gzip-base64" data-file="${file}">${new Markup(data)}</script>\n`.text;
}

const gzipped = promisify(gzip);

/** A call's messages repeat each other: a tenth is left of them. */
export async function packed(value: unknown): Promise<string> {
  return (await gzipped(JSON.stringify(value))).toString('base64');
}
