import { cellPlace } from '../../model/cell-id.ts';
import type { Likeness, RunRows } from '../../model/results.ts';
import { number, serverTitle } from '../grid.ts';
import { likenessSentence, speaking } from '../likeness.ts';
import { cellHref } from './names.ts';
import { html, type Markup } from './template.ts';

/** Cells that are in sight at once. */
const IN_SIGHT = 8;

/** Which policy each live server behaves like; each cell that speaks against one leads to its call. null of other servers. */
export function likenessSection(results: Pick<RunRows, 'run'>): Markup | null {
  const { behavesLike } = results.run;
  if (behavesLike === undefined) return null;
  return html`<section id="likeness" aria-labelledby="likeness-h"><h2 id="likeness-h">Which policy it behaves like</h2>
${Object.entries(behavesLike).map(
  ([server, each]) => html`
<p><strong>${serverTitle(results, server)}</strong> ${likenessSentence(each)}.</p>
<ul>${each.map((one) => html`<li>${faring(one)}</li>`)}</ul>`,
)}
</section>`;
}

function faring(likeness: Likeness): Markup {
  const { policy, agrees, against } = likeness;
  const said = html`<b>${policy}</b>: ${agrees} of ${speaking(likeness)}`;
  if (against.length === 0) return said;
  const cells = html`${against.map((id) => html`<a href="${cellHref(id)}">${shortName(id)}</a> `)}`;
  if (against.length <= IN_SIGHT) return html`${said}, against it ${cells}`;
  return html`<details><summary>${said}, against it ${number(against.length)} cells</summary>${cells}</details>`;
}

function shortName(id: string): string {
  const { situation, variant } = cellPlace(id);
  return `${situation}/${variant}`;
}
