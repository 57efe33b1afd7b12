import { counted } from '../../counted.ts';
import { cellPlace } from '../../model/cell-id.ts';
import type { CellRow, ClaimResult, RunRows } from '../../model/results.ts';
import type { PolicyId } from '../../model/scenario.ts';
import { CELL_POLICIES } from '../../model/words.ts';
import { type Cause, causesOf, spread } from '../causes.ts';
import { number, programsOf, seconds, serverTitle } from '../grid.ts';
import { touchedClaims } from '../matrix/claims.ts';
import { cutText, longText, wholeText } from './long-text.ts';
import { cellHref } from './names.ts';
import { isWebAddress } from './page-data.ts';
import { html, type Markup } from './template.ts';

/** Enough to see what cells have in common; the matrix has them all. */
const LINKS_SHOWN = 60;
const CLAIM_CELLS_SHOWN = 12;

/** Every fail, unsteady and inconclusive, by cause. */
export function findingsSection(cells: readonly CellRow[]): Markup {
  const causes = causesOf(cells);
  return html`<section id="findings" aria-labelledby="findings-h"><h2 id="findings-h">Findings</h2>
${causes.length === 0 ? html`<p class="quiet">No cell failed, and none was inconclusive.</p>` : causes.map(finding)}</section>`;
}

function finding({ kind, why, first, cells }: Cause): Markup {
  const shown = cells.slice(0, LINKS_SHOWN);
  return html`<article class="finding ${kind}"><h3><span class="badge ${kind}">${kind}</span> ${cutText(why)}</h3>${wholeText(why)}
<p class="quiet">${counted(cells.length, 'cell')}: ${spread(cells)}</p>
<details><summary>Cells</summary><ul class="cells">${shown.map((cell) => html`<li>${cellLink(cell.id)}</li>`)}</ul>
${cells.length > shown.length ? html`<p class="quiet">and ${number(cells.length - shown.length)} more; filter the matrix for them</p>` : null}</details>
<pre class="command">${first.rerun}</pre></article>`;
}

function cellLink(id: string): Markup {
  return html`<a href="${cellHref(id)}">${id}</a>`;
}

/** Each claim with its source, and whether it held, policy by policy; those that no cell of the run bears on are folded. */
export function claimsSection(results: RunRows): Markup {
  const { claims } = results;
  const touched = touchedClaims(results);
  const [own, others] = [true, false].map((wanted) => claims.filter(({ id }) => touched.has(id) === wanted));
  return html`<section id="claims" aria-labelledby="claims-h"><h2 id="claims-h">Claims</h2>
<p class="quiet">Who says what, and whether the calls bore it out. Sources disagree: a claim that does not hold on the policy of another source is no failure.</p>
<p class="legend"><span class="held holds"><span class="mark">✓</span> holds</span> <span class="held does-not-hold"><span class="mark">✕</span> does not hold, with the number of cells against it</span> <span class="held not-settled"><span class="mark">?</span> not settled: cells are missing or inconclusive</span> <span class="held">– nothing in the matrix settles it</span></p>
${own === undefined || own.length === 0 ? null : claimsTable(own, results)}${
  others === undefined || others.length === 0
    ? null
    : html`<details class="others"><summary>${number(others.length)} more that no cell of this run bears on</summary>${claimsTable(others, results)}</details>`
}</section>`;
}

function claimsTable(claims: RunRows['claims'], results: RunRows): Markup {
  const { claimResults, cells } = results;
  const policies = CELL_POLICIES.filter((policy) => cells.some((cell) => cell.policy === policy));
  const byClaim = Map.groupBy(claimResults, (each) => each.claim);
  const present = new Set(cells.map((cell) => cell.id));
  return html`<div class="scroll"><table class="claims"><caption>Claims down, policies across</caption><thead><tr><th scope="col">Claim</th>${policies.map((policy) => html`<th scope="col" class="p">${policy}</th>`)}</tr></thead>
<tbody>${claims.map(
    (claim) => html`
<tr id="claim-${claim.id}"><th scope="row"><span class="say">${claim.statement}</span>
<span class="src"><code>${claim.id}</code> · ${isWebAddress(claim.url) ? html`<a href="${claim.url}" rel="noopener noreferrer" target="_blank">${claim.source}</a>` : claim.source} · ${claim.evidence}</span></th>
${policies.map((policy) => heldCell(byClaim.get(claim.id) ?? [], policy, present, results))}</tr>`,
  )}
</tbody></table></div>`;
}

const HELD: Readonly<Record<ClaimResult['held'], { readonly mark: string; readonly words: string }>> = {
  holds: { mark: '✓', words: 'holds' },
  'does-not-hold': { mark: '✕', words: 'does not hold' },
  'not-settled': { mark: '?', words: 'not settled' },
};

function heldCell(
  claimResults: readonly ClaimResult[],
  policy: PolicyId,
  present: ReadonlySet<string>,
  results: RunRows,
): Markup {
  const result = claimResults.find((each) => each.policy === policy);
  if (result === undefined)
    return html`<td class="held"><span class="quiet" title="nothing in the matrix settles it">–</span></td>`;
  const { mark, words } = HELD[result.held];
  const label = html`<span class="mark">${mark}</span> <span class="unseen">${words}</span>`;
  if (result.cells.length === 0) return html`<td class="held ${result.held}">${label}</td>`;
  const links = result.cells
    .slice(0, CLAIM_CELLS_SHOWN)
    .map((id) => html`<li>${present.has(id) ? cellLink(id) : html`${id} (not run)`}</li>`);
  const more = result.cells.length - links.length;
  return html`<td class="held ${result.held}"><details><summary>${label} <span class="quiet">${number(result.cells.length)}${onServers(result, results)}</span></summary>
<ul class="cells">${links}${more > 0 ? html`<li>and ${more} more</li>` : null}</ul></details></td>`;
}

/** Of several servers, those whose cells decided it: ` on Kamailio 5.6.3`. On the others the claim stands. */
function onServers({ cells }: ClaimResult, results: RunRows): string {
  if (Object.keys(results.run.servers).length < 2) return '';
  const servers = [...new Set(cells.map((id) => cellPlace(id).server))];
  return ` on ${servers.map((id) => serverTitle(results, id)).join(', ')}`;
}

/** What the rows and columns stand for. */
export function askedSection({ variants, situations }: RunRows): Markup {
  return html`<section id="asked" aria-labelledby="asked-h"><h2 id="asked-h">What was asked</h2>
<details><summary>${variants.length} header variants</summary><div class="scroll" tabindex="0" role="group" aria-label="Header variants"><table class="plain"><thead><tr><th scope="col">Variant</th><th scope="col">Kind</th><th scope="col">Header lines in the INVITE</th></tr></thead>
<tbody>${variants.map(
    (row) => html`
<tr><th scope="row"><code>${row.id}</code><span class="quiet">${row.title}</span></th><td>${row.kind}</td><td>${row.headers.length === 0 ? html`<span class="quiet">none</span>` : row.headers.map((line) => html`<code class="line">${cutText(line)}</code>${wholeText(line)}`)}</td></tr>`,
  )}
</tbody></table></div></details>
<details><summary>${situations.length} situations</summary><div class="scroll" tabindex="0" role="group" aria-label="Situations"><table class="plain"><thead><tr><th scope="col">Situation</th><th scope="col">Feature</th><th scope="col">Kind</th></tr></thead>
<tbody>${situations.map(
    (row) => html`
<tr><th scope="row"><code>${row.id}</code><span class="quiet">${row.title}</span></th><td>${row.feature}</td><td>${row.kind}</td></tr>`,
  )}
</tbody></table></div></details></section>`;
}

/** The run's facts, and the other files of the report. */
export function runSection(results: RunRows, files: readonly string[]): Markup {
  const { run } = results;
  const facts: readonly (readonly [string, string])[] = [
    ['Run', run.id],
    ['Started', run.startedAt],
    ['Took', seconds(run.durationMs)],
    [
      'Servers',
      Object.keys(run.servers)
        .map((id) => serverTitle(results, id))
        .join(', '),
    ],
    ['With', programsOf(results)],
    ['Ended', run.trouble === null ? run.ended : `${run.ended}: ${run.trouble}`],
    ...(run.warnings ?? []).map((warning) => ['To know', warning] as const),
  ];
  return html`<section id="run" aria-labelledby="run-h"><h2 id="run-h">The run</h2>
<dl>${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${longText(value)}</dd></div>`)}
${files.length === 0 ? null : html`<div><dt>Files</dt><dd>${files.map((file) => html`<a href="${file}">${file}</a> `)}</dd></div>`}</dl></section>`;
}
