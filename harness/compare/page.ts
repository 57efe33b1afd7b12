import { createHash } from 'node:crypto';
import { counted } from '../counted.ts';
import type { CellRow, RunRows } from '../model/results.ts';
import { spread } from '../report/causes.ts';
import { number } from '../report/grid.ts';
import { cellHref } from '../report/html/names.ts';
import { pageStyle } from '../report/html/page-style.ts';
import { html, Markup } from '../report/html/template.ts';
import type { Change } from './compare.ts';
import { type ChangeGroup, groupChanges, reason, transition } from './groups.ts';
import type { ChangeLadders } from './ladders.ts';
import { type ComparedRuns, countOf, countsLine, KIND_WORDS, runTitle, TONES } from './text.ts';

/** A page of all cells of a large change would open slowly; the counts are whole. */
const CELLS_SHOWN = 200;

export interface ComparePageInput extends ComparedRuns {
  /** Folders of the two reports, relative to the page, ending in a slash; null where there is no page to link to. */
  readonly hrefs: readonly [a: string | null, b: string | null];
  /** @default none is drawn */
  readonly ladders?: ChangeLadders;
}

/** `compare.html`: one file without a script; its policy lets it load nothing; drawings are in it. */
export function renderComparePage({ a, b, comparison, tellings, hrefs, ladders }: ComparePageInput): string {
  const style = pageStyle();
  const policy = `default-src 'none'; img-src data:; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;
  const groups = groupChanges(comparison.changes);
  const worse = countOf(comparison, 'worse');
  const headline = worse === 0 ? 'nothing got worse' : `${number(worse)} worse`;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">
<title>Ringfence, two runs: ${headline}</title>
<style>${new Markup(style)}</style></head>
<body>
<header class="top"><h1>Ringfence</h1>
<p class="lead">What changed between two runs: <strong>${headline}</strong>.</p>
<p class="quiet">${countsLine(comparison)}</p>
<dl><div><dt>From</dt><dd>${runLink(a, hrefs[0])}</dd></div><div><dt>To</dt><dd>${runLink(b, hrefs[1])}</dd></div></dl></header>
<main>
<section id="changes" aria-labelledby="changes-h"><h2 id="changes-h">Cells</h2>
${groups.length === 0 ? html`<p class="quiet">Every cell that both runs have was judged and observed alike.</p>` : groups.map((group) => changeArticle(group, tellings?.get(group.first) ?? null, hrefs, ladders?.get(group.first)))}</section>
${claimsSection(comparison.claims)}
</main>
</body></html>
`.text;
}

function runLink(results: RunRows, href: string | null): Markup {
  return href === null ? html`${runTitle(results)}` : html`<a href="${href}index.html">${runTitle(results)}</a>`;
}

function changeArticle(
  group: ChangeGroup,
  telling: string | null,
  hrefs: ComparePageInput['hrefs'],
  drawn: ReturnType<ChangeLadders['get']>,
): Markup {
  const { kind, first, changes } = group;
  const cells = changes.map(({ before, after }) => after ?? before).filter((cell) => cell !== null);
  const why = reason(first);
  const more = changes.length - CELLS_SHOWN;
  return html`<article class="finding ${TONES[kind]}"><h3><span class="badge ${TONES[kind]}">${KIND_WORDS[kind]}</span> ${transition(first)}</h3>
${why === '' ? null : html`<p>${why}</p>`}
${telling === null ? null : html`<p>Told apart by: ${telling}</p>`}
<p class="quiet">${counted(changes.length, 'cell')}: ${spread(cells)}</p>
<details${kind === 'worse' ? new Markup(' open') : null}><summary>Cells</summary><ul class="cells">${changes
    .slice(0, CELLS_SHOWN)
    .map((change) => html`<li>${changeLinks(change, hrefs)}</li>`)}</ul>
${more > 0 ? html`<p class="quiet">and ${number(more)} more</p>` : null}</details>
${drawn === undefined ? null : drawnCall(drawn, (first.after ?? first.before)?.id ?? '')}
<pre class="command">${(first.after ?? first.before)?.rerun ?? ''}</pre></article>`;
}

function drawnCall(drawn: NonNullable<ReturnType<ChangeLadders['get']>>, id: string): Markup {
  if ('missing' in drawn) return html`<p class="quiet">Its call cannot be drawn: ${drawn.missing}</p>`;
  return html`<details><summary>The call after and before: ${id}</summary><div class="drawn" tabindex="0" role="group" aria-label="The call after and before"><img alt="${`${id}, after and before`}" src="${`data:image/svg+xml;base64,${Buffer.from(drawn.svg).toString('base64')}`}"></div></details>`;
}

/** The cell's id, and the way to it in both reports. */
function changeLinks({ before, after }: Change, [a, b]: ComparePageInput['hrefs']): Markup {
  const name =
    before !== null && after !== null && before.id !== after.id ? `${before.id} → ${after.id}` : (after ?? before)?.id;
  return html`${name ?? ''} ${cellLink('before', before, a)} ${cellLink('after', after, b)}`;
}

function cellLink(word: string, cell: CellRow | null, href: string | null): Markup | null {
  if (cell === null || href === null) return null;
  return html`<a href="${`${href}index.html${cellHref(cell.id)}`}">${word}: ${cell.verdict}</a>`;
}

function claimsSection(claims: ComparedRuns['comparison']['claims']): Markup | null {
  if (claims.length === 0) return null;
  return html`<section id="claims" aria-labelledby="claims-h"><h2 id="claims-h">Claims</h2>
<div class="scroll"><table class="plain"><thead><tr><th scope="col">Claim</th><th scope="col">Policy</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>${claims.map(
    ({ claim, policy, before, after }) => html`
<tr><th scope="row"><code>${claim}</code></th><td>${policy}</td><td>${before.replaceAll('-', ' ')}</td><td>${after.replaceAll('-', ' ')}</td></tr>`,
  )}
</tbody></table></div></section>`;
}
