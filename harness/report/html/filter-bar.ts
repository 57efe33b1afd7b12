import { counted } from '../../counted.ts';
import { isUnsteady, type RunRows } from '../../model/results.ts';
import { CELL_POLICIES, FEATURE_NAMES } from '../../model/words.ts';
import { countVerdicts, featureColumns, number, serverTitle, VERDICTS_BY_WEIGHT } from '../grid.ts';
import { html, type Markup } from './template.ts';

/** What the matrix can be narrowed to; a choice of one is none, and is left out. */
export function filterBar(results: RunRows): Markup {
  const { cells } = results;
  const counts = countVerdicts(cells);
  const unsteady = cells.filter(isUnsteady).length;
  const present = (name: 'server' | 'transport' | 'variant'): string[] => [...new Set(cells.map((cell) => cell[name]))];
  const variants = new Set(present('variant'));
  return html`<form class="bar" id="filters" role="search" aria-label="Filter the matrix" autocomplete="off">
${select(
  'policy',
  CELL_POLICIES.filter((policy) => cells.some((cell) => cell.policy === policy)).map((policy) => [policy, policy]),
)}
${several(
  'server',
  present('server').map((id) => [id, serverTitle(results, id)]),
)}
${several(
  'transport',
  present('transport').map((id) => [id, id]),
)}
${several(
  'feature',
  featureColumns(results).map(({ feature }) => [feature, FEATURE_NAMES[feature]]),
)}
${several(
  'variant',
  results.variants.filter(({ id }) => variants.has(id)).map(({ id }) => [id, id]),
)}
<fieldset><legend>Verdict</legend>${VERDICTS_BY_WEIGHT.map(
    (verdict) =>
      html`<label class="chip ${verdict}"><input type="checkbox" name="verdict" value="${verdict}"><span>${verdict} <b>${number(counts[verdict])}</b></span></label>`,
  )}${unsteady === 0 ? null : html`<label class="chip unsteady"><input type="checkbox" name="verdict" value="unsteady"><span>unsteady <b>${number(unsteady)}</b></span></label>`}</fieldset>
<label class="field grow"><span>Text</span><input type="search" name="text" placeholder="header, reason, call-id:…, text:…  ( / )" spellcheck="false"></label>
<button type="reset">Clear</button>
<output name="shown" aria-live="polite">${counted(cells.length, 'cell')}</output></form>`;
}

type Choice = readonly [value: string, words: string];

function several(name: string, choices: readonly Choice[]): Markup | null {
  return choices.length < 2 ? null : select(name, choices);
}

function select(name: string, choices: readonly Choice[]): Markup {
  return html`<label class="field"><span>${name[0]?.toUpperCase() ?? ''}${name.slice(1)}</span><select name="${name}"><option value="">all</option>${choices.map(([value, words]) => html`<option value="${value}">${words}</option>`)}</select></label>`;
}
