import { counted } from '../../counted.ts';
import type { Verdict } from '../../model/results.ts';
import { spread } from '../causes.ts';
import { asBeforeText, type ChangedCells, type Earlier } from '../earlier.ts';
import { number } from '../grid.ts';
import { cutText } from './long-text.ts';
import { cellHref } from './names.ts';
import { VERDICT_MARKS } from './page-data.ts';
import { html, type Markup } from './template.ts';

/** Enough to see what kind of change it is; `./ringfence compare` has them all. */
const GROUPS_SHOWN = 6;
const CELLS_SHOWN = 60;

/** What changed since the run before, on top of the page; nothing where there is none, or where nothing did. */
export function sinceSection(earlier: Earlier | null, alone: boolean): Markup | null {
  if (earlier === null || earlier.since.asBefore) return null;
  const { run, line, groups } = earlier.since;
  const more = groups.length - GROUPS_SHOWN;
  const name = alone ? html`${run.id}` : html`<a href="${`${run.href}index.html`}">${run.id}</a>`;
  return html`<section id="since" aria-labelledby="since-h"><h2 id="since-h">Since the run before</h2>
<p>${line}. <span class="quiet">Compared with ${name}, started ${run.startedAt}.</span></p>
${groups.slice(0, GROUPS_SHOWN).map((group) => changedArticle(group, earlier))}${more > 0 ? html`<p class="quiet">and ${number(more)} more kinds of change: ./ringfence compare has them all</p>` : null}</section>`;
}

/** Where nothing changed since the run before, that, in a few words. */
export function asBefore(earlier: Earlier | null, alone: boolean): Markup | null {
  if (earlier === null || !earlier.since.asBefore) return null;
  const text = asBeforeText(earlier);
  return html`, ${alone ? html`${text}` : html`<a href="${`${earlier.since.run.href}index.html`}">${text}</a>`}`;
}

function changedArticle({ tone, kind, transition, why, telling, cells }: ChangedCells, earlier: Earlier): Markup {
  const more = cells.length - CELLS_SHOWN;
  return html`<article class="finding ${tone}"><h3><span class="badge ${tone}">${kind}</span> ${transition}</h3>
${why === '' ? null : html`<p>${cutText(why)}</p>`}${telling === null ? null : html`<p>Told apart by: ${cutText(telling)}</p>`}
<p class="quiet">${counted(cells.length, 'cell')}: ${spread(cells)}</p>
<details><summary>Cells, each with its call now and before</summary><ul class="cells">${cells.slice(0, CELLS_SHOWN).map((cell) => html`<li><a href="${cellHref(cell.id)}">${cell.id}</a> ${verdicts([...earlier.verdictsOf(cell.id), cell.verdict])}</li>`)}</ul>
${more > 0 ? html`<p class="quiet">and ${number(more)} more</p>` : null}</details></article>`;
}

/** In each run, this one last. */
function verdicts(all: readonly (Verdict | null)[]): Markup {
  const words = all.map((verdict) => verdict ?? 'not called').join(', ');
  return html`<span class="past" role="img" aria-label="${words}" title="${words}">${all.map((verdict) => html`<span class="dot ${verdict ?? 'absent'}">${verdict === null ? '·' : VERDICT_MARKS[verdict]}</span>`)}</span>`;
}
