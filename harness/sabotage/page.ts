import { createHash } from 'node:crypto';
import type { Verdict } from '../model/results.ts';
import { pageStyle } from '../report/html/page-style.ts';
import { html, Markup } from '../report/html/template.ts';
import type { Campaign, CellFinding, CellFlow, SabotageFinding } from './findings.ts';
import {
  changeOf,
  firstAffected,
  flowTitle,
  headline,
  LIMITS,
  outcomeLine,
  type Standing,
  shortId,
  standingOf,
} from './words.ts';

/** The tone of a standing, from the verdicts' palette. */
const TONES: Readonly<Record<Standing, Verdict>> = {
  noticed: 'pass',
  'stayed green': 'fail',
  harmless: 'pass',
  'false alarm': 'fail',
  'no effect': 'inconclusive',
  'not tried': 'unspecified',
};

const GROUPS = [
  ['server', 'Servers', 'The bundled Kamailio with an edited configuration.'],
  ['path', 'Paths', 'A relay between the server and everybody else, which any server can stand behind.'],
  ['lab', 'Labs', 'Callers, traps and recorders of our own.'],
] as const;

/** `index.html` of a campaign: one file without a script; its policy lets it load nothing. */
export function renderSabotagePage(campaign: Campaign): string {
  const style = `${pageStyle()}
.meant { outline: 2px solid var(--rule); outline-offset: -4px; }
.sabotages :is(td, thead th) { font-size: 0.8rem; white-space: nowrap; }
.sabotages tbody th { min-width: 12rem; }
.scroll { overflow: auto; }
`;
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`;
  const said = headline(campaign);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">
<title>Ringfence, sabotage: ${said}</title>
<style>${new Markup(style)}</style></head>
<body>
<header class="top"><h1>Ringfence</h1>
<p class="lead">What the harness notices when it is attacked: <strong>${said}</strong>.</p>
<p class="quiet">A cell that says a call was kept out must not say so of a server, a path or a lab that is broken in just that place. Policy ${campaign.policy} on ${campaign.server.name} ${campaign.server.version}; each sabotage tried ${campaign.repeat === 1 ? 'once' : `${campaign.repeat} times`}.</p></header>
<main>
${GROUPS.map(([breaks, title, what]) => {
  const findings = campaign.findings.filter((finding) => finding.breaks === breaks);
  return findings.length === 0 ? null : groupSection({ breaks, title, what }, findings, campaign);
})}
<section id="limits" aria-labelledby="limits-h"><h2 id="limits-h">What this does not show</h2>
<ul>${LIMITS.map((limit) => html`<li>${limit}</li>`)}</ul></section>
</main>
</body></html>
`.text;
}

function groupSection(
  { breaks, title, what }: { readonly breaks: string; readonly title: string; readonly what: string },
  findings: readonly SabotageFinding[],
  { baseline }: Campaign,
): Markup {
  return html`<section id="${breaks}" aria-labelledby="${breaks}-h"><h2 id="${breaks}-h">${title}</h2>
<p class="quiet">${what} An outlined cell is one that the sabotage is meant for.</p>
<div class="scroll" role="region" aria-label="${title}: sabotages and cells" tabindex="0"><table class="plain sabotages"><thead><tr><th scope="col">Sabotage</th>${baseline.map(({ situation, variant }) => html`<th scope="col">${situation}<br>${variant}</th>`)}</tr></thead>
<tbody><tr><th scope="row">nothing (baseline)</th>${baseline.map(({ verdict }) => html`<td>${badge(verdict, verdict)}</td>`)}</tr>
${findings.map((finding) =>
  tableRow(
    finding,
    baseline.map(({ id }) => id),
  ),
)}</tbody></table></div>
${findings.map(article)}</section>`;
}

function tableRow(finding: SabotageFinding, ids: readonly string[]): Markup {
  const byId = new Map(finding.cells.map((each) => [each.cell, each]));
  return html`
<tr><th scope="row"><a href="#${finding.id}">${finding.id}</a></th>${ids.map((cell) => tableCell(finding, byId.get(cell)))}</tr>`;
}

/** Loud is what should not be: a cell that turned red did as it ought to. */
function tableCell({ stayedGreen }: SabotageFinding, cell: CellFinding | undefined): Markup {
  if (cell === undefined) return html`<td class="quiet">not called</td>`;
  const changed = cell.verdicts.some((verdict) => verdict !== cell.baseline);
  if (!cell.meant) return html`<td>${changed ? changeOf(cell) : cell.baseline}</td>`;
  const shown = stayedGreen.includes(cell.cell)
    ? badge('fail', 'stayed pass')
    : changed
      ? badge('pass', changeOf(cell))
      : badge('unspecified', 'left alone');
  return html`<td class="meant">${shown}</td>`;
}

function article(finding: SabotageFinding): Markup {
  const standing = standingOf(finding);
  const first = firstAffected(finding);
  const meant = finding.cells.filter((each) => each.meant);
  return html`<article class="finding ${TONES[standing]}" id="${finding.id}"><h3><span class="badge ${TONES[standing]}">${standing}</span> ${finding.id}</h3>
<p>${finding.title}</p>
<p>${outcomeLine(finding)}</p>
${first === null ? null : html`<p><code>${shortId(first.cell)}</code> ${changeOf(first)}: ${first.why ?? ''}</p>`}
${finding.cells.map(({ cell, flow }) => (flow === null ? null : flowMarkup(cell, flow)))}
<p class="quiet">${meant.length === 0 ? (finding.lawful === null ? 'Meant for no cell of this policy.' : 'A lawful difference: meant for no cell.') : html`Meant for ${meant.map(({ cell }) => shortId(cell)).join(', ')}.`}</p></article>`;
}

function flowMarkup(cell: string, flow: CellFlow): Markup {
  return html`<details><summary>${flowTitle(cell, flow)}</summary>
${linesOf(flow.call)}
${flow.control === null ? null : html`<p>Its control:</p>${linesOf(flow.control)}`}</details>
`;
}

/** Each by itself: a line feed from the wire is shown as what it is. */
function linesOf(text: string): Markup {
  return html`<pre class="scroll" tabindex="0">${text.split('\n').map((line) => html`${line}\n`)}</pre>`;
}

function badge(tone: Verdict, text: string): Markup {
  return html`<span class="badge ${tone}">${text}</span>`;
}
