import { cellPlace } from '../../model/cell-id.ts';
import type { RunRows } from '../../model/results.ts';
import { likenessSentence, speaking } from '../likeness.ts';
import { cellHref } from './names.ts';
import { html, type Markup } from './template.ts';

/** Which policy a live server behaves like; each cell that speaks against one leads to its call. null of other servers. */
export function likenessSection({ run }: Pick<RunRows, 'run'>): Markup | null {
  const { behavesLike } = run;
  if (behavesLike === undefined) return null;
  return html`<section id="likeness" aria-labelledby="likeness-h"><h2 id="likeness-h">Which policy it behaves like</h2>
<p>${likenessSentence(behavesLike)}.</p>
<ul>${behavesLike.map(
    (each) => html`
<li><b>${each.policy}</b>: ${each.agrees} of ${speaking(each)}${each.against.length === 0 ? null : html`, against it ${each.against.map((id) => html`<a href="${cellHref(id)}">${shortName(id)}</a> `)}`}</li>`,
  )}
</ul></section>`;
}

function shortName(id: string): string {
  const { situation, variant } = cellPlace(id);
  return `${situation}/${variant}`;
}
