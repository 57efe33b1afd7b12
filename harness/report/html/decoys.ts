import { number } from '../grid.ts';
import { html, type Markup } from './template.ts';

const OPEN = html` open`;

/** Headers that no source recommends, folded unless nothing else was tried. Nothing where there are none. */
export function decoySheet(count: number, isAlone: boolean, table: () => Markup): Markup | null {
  if (count === 0) return null;
  return html`<details class="decoys"${isAlone ? OPEN : null}><summary>${number(count)} that no source recommends: decoys and malformed headers</summary>
${table()}</details>`;
}
