/** The pages of those who watch: a frame with what they need to know, filled by a script as it is told. */
import { createHash } from 'node:crypto';
import { getCompileCacheDir } from 'node:module';
import { fileURLToPath } from 'node:url';
import { keptOrBundled } from '../report/html/page-script.ts';
import { pageStyle } from '../report/html/page-style.ts';
import { html, Markup, scriptJson } from '../report/html/template.ts';
import { OUTCOME_SYMBOLS, VERDICT_SYMBOLS } from '../report/matrix/symbols.ts';
import type { RunPlan } from './told.ts';
import type { Sight } from './watch-server.ts';

const RUN = fileURLToPath(new URL('../report/html/client/watch/run.ts', import.meta.url));
const LAB = fileURLToPath(new URL('../report/html/client/watch/lab.ts', import.meta.url));

export function runPage(plan: RunPlan): Promise<Sight['page']> {
  const main = html`<p class="lead">A run that goes on: cells fill as their windows close and they are judged. When it is over, this page becomes its report.</p>
<p id="doing" role="status">Waiting for the run.</p>
<progress id="judged" aria-label="Cells that are judged" value="0" max="1"></progress>
<dl id="figures" class="figures"></dl>
</header><main>
<section aria-labelledby="tables-h"><h2 id="tables-h">Matrix</h2>
<div id="tables" class="tables" role="group" aria-label="Tables"></div>
<p class="legend">${legend().map(([classes, sign, words]) => html`<span><i class="k ${classes}">${sign}</i> ${words}</span> `)}</p>
<h3 id="table-h"></h3><div class="scroll" id="table" tabindex="0" role="region" aria-labelledby="table-h"></div></section>
<section aria-labelledby="findings-h"><h2 id="findings-h">Findings so far</h2><div id="findings"></div></section>`;
  return page('a run', RUN, main, plan);
}

function legend(): [classes: string, sign: string, words: string][] {
  const { engaged, suppressed, unknown } = OUTCOME_SYMBOLS;
  const { fail, inconclusive, unspecified } = VERDICT_SYMBOLS;
  return [
    ['', '…', 'called, not judged yet'],
    ['pass', engaged, 'not kept out'],
    ['pass', suppressed, 'kept out'],
    ['pass', unknown, 'not known'],
    ['fail', engaged + fail, 'fail'],
    ['inconclusive', engaged + inconclusive, 'inconclusive'],
    ['unspecified', engaged + unspecified, 'no source says'],
  ];
}

/** In the place of a report that is too large to be handed over. @param file where it is */
export function overPage(file: string): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>Ringfence: the run is over</title>
<style>${new Markup(pageStyle('watch.css'))}</style></head>
<body class="watch"><header class="top"><h1>Ringfence</h1></header>
<main><p>The run is over. Its report is too large to become this page: open it where it is.</p><pre class="command">${file}</pre></main>
</body></html>
`.text;
}

/** @param headerNames that are marked in messages, in lower case */
export function labPage(facts: readonly string[], headerNames: readonly string[]): Promise<Sight['page']> {
  const main = html`<p class="lead">A lab that stays up: dial, and each call grows here, message by message, as the server has it.</p>
<pre class="command">${facts.map((fact) => html`${fact}\n`)}</pre>
<p id="doing" role="status">Waiting for a call.</p>
</header><main>
<section aria-labelledby="calls-h"><h2 id="calls-h">Calls</h2><div id="calls" class="tables" role="group" aria-label="Calls"></div></section>
<section aria-labelledby="call-h"><h2 id="call-h">The call</h2><div id="call"></div></section>`;
  return page('a lab', LAB, main, headerNames);
}

async function page(
  of: string,
  entry: string,
  main: Markup,
  data: RunPlan | readonly string[],
): Promise<Sight['page']> {
  const [script, style] = [await keptOrBundled(entry, getCompileCacheDir()), pageStyle('watch.css')];
  const text = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>Ringfence: ${of}</title>
<style>${new Markup(style)}</style></head>
<body class="watch">
<header class="top"><h1>Ringfence</h1>
<noscript><p class="early">This page is filled by a script: it needs JavaScript, and shows nothing without. The console tells how it goes; a report needs none.</p></noscript>
<p class="early" id="lost" role="alert" hidden></p>
${main}
</main>
<script type="application/json" id="data">${new Markup(scriptJson(data))}</script>
<script>${new Markup(script)}</script>
</body></html>
`.text;
  const policy = [
    "default-src 'none'",
    `script-src '${hash(script)}'`,
    // A ladder places its arrows by style attributes that a script sets, which no policy forbids.
    `style-src '${hash(style)}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { text, policy };
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
