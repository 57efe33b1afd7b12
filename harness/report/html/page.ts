import { createHash } from 'node:crypto';
import { type RunResults, VERDICTS } from '../../model/results.ts';
import { POLICIES } from '../../model/scenario.ts';
import { countVerdicts, number, serverTitle } from '../grid.ts';
import { visible } from '../visible.ts';
import { pageScript, pageStyle } from './assets.ts';
import type { CellGroup } from './data.ts';
import { matrixSection } from './matrix.ts';
import { askedSection, claimsSection, findingsSection, runSection } from './sections.ts';
import { html, Markup, scriptJson } from './template.ts';

/**
 * `index.html`: one file with everything but the messages, which come from `data/` when a cell is opened. It needs no
 * server and asks nobody: its content security policy lets it load scripts from its own place only.
 *
 * @param files Other files of the report to link to, relative to the page.
 */
export function renderPage(results: RunResults, groups: readonly CellGroup[], files: readonly string[]): string {
  const script = pageScript();
  const style = pageStyle();
  const policy = [
    "default-src 'none'",
    // 'self' where a web server hands out the report, file: where it is opened from a disk.
    `script-src 'self' file: '${hash(script)}'`,
    `style-src '${hash(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const data = {
    claims: results.claims.map(({ id, statement, source, url, evidence }) => ({
      id: visible(id),
      statement: visible(statement),
      source: visible(source),
      url: visible(url),
      evidence: visible(evidence),
    })),
    situations: results.situations.map(({ id, title }) => ({ id: visible(id), title: visible(title) })),
    variants: results.variants.map(({ id, title, headers }) => ({
      id: visible(id),
      title: visible(title),
      headerNames: headers.map((line) =>
        visible(line.split(':')[0] ?? '')
          .trim()
          .toLowerCase(),
      ),
    })),
    files: groups.map(({ key, file }) => [visible(key), file]),
  };
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">
<title>Ringfence: ${headline(results)}</title>
<style>${new Markup(style)}</style></head>
<body>
<a class="skip" href="#matrix">Skip to the matrix</a>
${pageHeader(results)}
${filterBar(results)}
<main>
${matrixSection(results)}
${findingsSection(results.cells)}
${claimsSection(results)}
${askedSection(results)}
${runSection(results, files)}
</main>
<dialog id="detail" aria-labelledby="detail-h"></dialog>
<script type="application/json" id="data">${new Markup(scriptJson(data))}</script>
<script>${new Markup(script)}</script>
</body></html>
`.text;
}

function headline(results: RunResults): string {
  const counts = countVerdicts(results.cells);
  const wrong = [
    counts.fail > 0 ? `${number(counts.fail)} failed` : '',
    counts.inconclusive > 0 ? `${number(counts.inconclusive)} inconclusive` : '',
  ].filter((text) => text !== '');
  return wrong.length === 0 ? 'all as expected' : wrong.join(', ');
}

function pageHeader(results: RunResults): Markup {
  const { run } = results;
  const servers = Object.keys(run.servers)
    .map((id) => serverTitle(results, id))
    .join(' and ');
  const early =
    run.ended === 'complete'
      ? null
      : html`<p class="early" role="status">The run ${run.ended === 'failed' ? 'failed' : 'was cancelled'}${run.trouble === null ? '' : `: ${run.trouble}`}</p>`;
  return html`<header class="top"><h1>Ringfence</h1>
<p class="lead">Which header fields keep a call out of voice mail, forwarding, ringing elsewhere and missed-call notifications: ${number(results.cells.length)} calls to ${servers}, <strong>${headline(results)}</strong>.</p>${early}
<nav aria-label="Sections"><a href="#matrix">Matrix</a><a href="#findings">Findings</a><a href="#claims">Claims</a><a href="#asked">What was asked</a><a href="#run">The run</a></nav></header>`;
}

function filterBar({ cells }: RunResults): Markup {
  const counts = countVerdicts(cells);
  const policies = POLICIES.filter((policy) => cells.some((cell) => cell.policy === policy));
  return html`<form class="bar" id="filters" role="search" aria-label="Filter the matrix">
<label class="field"><span>Policy</span><select name="policy"><option value="">all</option>${policies.map((policy) => html`<option>${policy}</option>`)}</select></label>
<fieldset><legend>Verdict</legend>${VERDICTS.map(
    (verdict) =>
      html`<label class="chip ${verdict}"><input type="checkbox" name="verdict" value="${verdict}"><span>${verdict} <b>${number(counts[verdict])}</b></span></label>`,
  )}</fieldset>
<label class="field grow"><span>Text</span><input type="search" name="text" placeholder="header, situation, reason" autocomplete="off" spellcheck="false"></label>
<output name="shown" aria-live="polite">${number(cells.length)} cells</output></form>`;
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
