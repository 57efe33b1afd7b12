import { type CellRow, isUnsteady, type RunRows } from '../../model/results.ts';
import type { Feature } from '../../model/scenario.ts';
import { OUTCOME_WORDS } from '../../model/words.ts';
import {
  type Block,
  blocksOf,
  countsText,
  type FeatureColumns,
  featureColumns,
  serverTitle,
  wayText,
} from '../grid.ts';
import { cellSymbol, OUTCOME_SYMBOLS, UNSTEADY_SYMBOL, VERDICT_SYMBOLS } from '../matrix/symbols.ts';
import { filterBar } from './filter-bar.ts';
import { shownReason } from './matrix-data.ts';
import { cellHref, shortSituation } from './names.ts';
import type { PageParts } from './parts.ts';
import { html, type Markup } from './template.ts';

/** One table per server and policy: a cell is a link to its details. */
export function matrixSection(results: RunRows, parts: PageParts): Markup {
  const features = featureColumns(results);
  const { engaged, suppressed, unknown } = OUTCOME_SYMBOLS;
  const { fail, inconclusive, unsupported, unspecified } = VERDICT_SYMBOLS;
  return html`<section id="matrix"${parts.large ? html` class="large"` : null} aria-labelledby="matrix-h">
<h2 id="matrix-h">Matrix</h2>
${filterBar(results)}
<p class="legend"><span><i class="k pass">${engaged}</i> not kept out</span>
<span><i class="k pass">${suppressed}</i> kept out</span>
<span><i class="k pass">${unknown}</i> not known</span>
<span><i class="k fail">${engaged}${fail}</i> fail</span>
<span><i class="k inconclusive">${engaged}${inconclusive}</i> inconclusive</span>
<span><i class="k unsupported">${engaged}${unsupported}</i> unsupported</span>
<span><i class="k unspecified">${engaged}${unspecified}</i> no source says</span>${
    results.cells.some(isUnsteady)
      ? html`
<span><i class="k unsteady">${engaged}${UNSTEADY_SYMBOL}</i> unsteady: calls of it went different ways</span>`
      : null
  }</p>
<p class="quiet" id="nothing" hidden>No cell is left. <a href="?#matrix">Show all</a></p>
${parts.large ? html`<noscript><p>A run of this size has its tables in data/, and they need a script: matrix.txt has them as text.</p></noscript><p class="paper">Here are the tables that were in sight: matrix.txt has all of them.</p>` : null}
${blocksOf(results).map((block, index) => blockSection(block, index, features, results, parts))}
</section>`;
}

function blockSection(
  block: Block,
  index: number,
  features: readonly FeatureColumns[],
  results: RunRows,
  parts: PageParts,
): Markup {
  const server = serverTitle(results, block.server);
  const where = `${server}, ${wayText(block)}`;
  const table = (): Markup => blockTable(block, `${block.policy} on ${where}`, features);
  return html`<section class="block">
<h3>${block.policy} <small>on ${where} <span class="counts">${countsText(block.cells, { all: false })}</span></small></h3>
${parts.large ? html`<div class="scroll" data-part="${parts.add(`matrix-${index}`, () => table().text)}"></div>` : html`<div class="scroll">${table()}</div>`}</section>`;
}

function blockTable(block: Block, place: string, features: readonly FeatureColumns[]): Markup {
  return html`<table class="matrix"><caption>${place}: header variants down, situations across</caption>
<thead><tr><td></td>${features.map(
    ({ feature, situations }) =>
      html`<th class="f" scope="colgroup" colspan="${situations.length}">${situations.length > 1 ? featureTitle(feature) : html`<span class="unseen">${featureTitle(feature)}</span>`}</th>`,
  )}</tr>
<tr><td></td>${features.map(({ feature, situations }) =>
    situations.map(
      ({ id, title }, index) =>
        html`<th scope="col" class="s${index === 0 ? ' first' : ''}" title="${id}: ${title}"><span>${situations.length > 1 ? shortSituation({ situation: id, feature }) : html`<b>${id}</b>`}</span></th>`,
    ),
  )}</tr></thead>
<tbody>${block.variants.map(
    (variant) => html`
<tr><th scope="row"><code>${variant.id}</code><span>${variant.title}</span></th>${features.map(({ situations }) =>
      situations.map(({ id }, index) => cellMarkup(block.cellAt(variant.id, id), index === 0)),
    )}</tr>`,
  )}
</tbody></table>`;
}

/** Above two columns or more; a column alone is named in full, feature and all. */
function featureTitle(feature: Feature): string {
  return feature === 'missed-call-notification' ? 'missed call' : feature.replaceAll('-', ' ');
}

function cellMarkup(cell: CellRow | undefined, first: boolean): Markup {
  const edge = first ? ' first' : '';
  if (cell === undefined) return html`<td class="none${edge}"></td>`;
  const { id, verdict, observed } = cell;
  const why = shownReason(cell);
  const unsteady = isUnsteady(cell) ? ' unsteady' : '';
  const title = why === null ? null : html` title="${why}"`;
  return html`<td class="${verdict}${edge}${unsteady}"><a href="${cellHref(id)}" aria-label="${OUTCOME_WORDS[observed.outcome]}, ${verdict}${unsteady === '' ? '' : ', unsteady'}"${title}>${cellSymbol(cell)}</a></td>`;
}
