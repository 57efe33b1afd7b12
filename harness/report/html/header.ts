import { isUnsteady, type RunRows } from '../../model/results.ts';
import { callsText, countVerdicts, number, serverTitle, uaTitle, VERDICTS_BY_WEIGHT } from '../grid.ts';
import { filterHref } from './links.ts';
import { longText } from './long-text.ts';
import { html, type Markup } from './template.ts';

/** What the page is about, what must be known before any of it is believed, and the five counts. */
export function pageHeader(results: RunRows, since: Markup | null, withPolicies: boolean): Markup {
  const { run } = results;
  const servers = Object.keys(run.servers)
    .map((id) => serverTitle(results, id))
    .join(' and ');
  const ua = uaTitle(results);
  return html`<header class="top"><h1>Ringfence</h1>
<p class="lead">Which header fields keep a call out of voice mail, forwarding, ringing elsewhere and missed-call notifications: ${callsText(results)} to ${servers}${ua === null ? '' : `, with ${ua}`}, <strong>${headline(results)}</strong>${since}.</p>
${early(results)}${(run.warnings ?? []).map((warning) => html`<div class="early">${longText(warning)}</div>`)}
${tally(results)}</header>
<nav class="sections" aria-label="Sections"><a href="#answer">Answer</a><a href="#findings">Findings</a><a href="#matrix">Matrix</a>${withPolicies ? html`<a href="#policies">Policies</a>` : null}<a href="#claims">Claims</a><a href="#asked">What was asked</a><a href="#run">The run</a><button type="button" class="keys">Keys <kbd>?</kbd></button></nav>`;
}

/** `2 failed, 3 inconclusive`, or that there is nothing to look at. */
export function headline({ cells }: RunRows): string {
  const { fail, inconclusive } = countVerdicts(cells);
  const unsteady = cells.filter(isUnsteady).length;
  const wrong = [
    fail > 0 ? `${number(fail)} failed` : '',
    unsteady > 0 ? `${number(unsteady)} unsteady` : '',
    inconclusive > 0 ? `${number(inconclusive)} inconclusive` : '',
  ].filter((text) => text !== '');
  if (cells.length === 0) return 'no cell was run';
  return wrong.length === 0 ? 'all as expected' : wrong.join(', ');
}

function early({ run: { ended, trouble, shards } }: RunRows): Markup {
  const parts = [
    ended === 'complete'
      ? ''
      : `The run ${ended === 'failed' ? 'failed' : 'was cancelled'}${trouble === null ? '' : `: ${trouble}`}`,
    shards === undefined
      ? ''
      : `Only ${shards.length === 1 ? 'shard' : 'shards'} ${shards.join(', ')} of the selection`,
  ].filter((text) => text !== '');
  return html`${parts.map((text) => html`<div class="early" role="status">${longText(text)}</div>`)}`;
}

/** Each count leads to its cells in the matrix. */
function tally({ cells }: RunRows): Markup {
  const counts = countVerdicts(cells);
  const unsteady = cells.filter(isUnsteady).length;
  return html`<ul class="tally" aria-label="Verdicts">${VERDICTS_BY_WEIGHT.map((verdict) => {
    const text = html`<b>${number(counts[verdict])}</b> ${verdict}`;
    return html`<li class="${verdict}${counts[verdict] === 0 ? ' zero' : ''}">${counts[verdict] === 0 ? html`<span>${text}</span>` : html`<a href="${filterHref({ verdict })}">${text}</a>`}</li>`;
  })}${unsteady === 0 ? null : html`<li class="unsteady"><a href="${filterHref({ verdict: 'unsteady' })}"><b>${number(unsteady)}</b> of them unsteady</a></li>`}</ul>`;
}
