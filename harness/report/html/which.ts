/** "Which header do I send?": the form, and what the page's script answers it from. */
import type { RunRows } from '../../model/results.ts';
import { FEATURE_NAMES } from '../../model/words.ts';
import { type Across, acrossOf, blockNames, blocksIn, namingOf } from '../across.ts';
import type { Answer, HeaderAnswers } from '../answers.ts';
import { visible } from '../visible.ts';
import { ANSWER_STATES, type WhichAnswer, type WhichData } from './page-data.ts';
import { html, type Markup } from './template.ts';

/** Hidden until the script is there. null where nothing was sent that could be recommended. */
export function whichForm(across: Across, results: RunRows): Markup | null {
  const { features, columns, inhibitors, others } = across;
  if (features.length === 0 || inhibitors.length + others.length === 0) return null;
  const naming = namingOf(columns);
  return html`<form id="which" class="which" aria-labelledby="which-h" autocomplete="off" hidden>
<h3 id="which-h">Which header do I send?</h3>
<fieldset><legend>Keep the call out of</legend>${features.map((feature) => box('out', feature, FEATURE_NAMES[feature]))}</fieldset>
<fieldset><legend>On <span class="quiet">(none ticked: all of them)</span></legend>${columns.map((column) =>
    box('on', column.block.id, blockNames(blocksIn(column), naming, results)),
  )}</fieldset>
<div id="which-answer" aria-live="polite"></div></form>`;
}

function box(name: string, value: string, words: string): Markup {
  return html`<label class="tick"><input type="checkbox" name="${name}" value="${value}"> ${words}</label>`;
}

/** All text in it is visible. */
export function whichData(results: RunRows): WhichData {
  const { features, columns, inhibitors, others } = acrossOf(results);
  const naming = namingOf(columns);
  const situations = new Map(results.situations.map(({ id }, index) => [id, index]));
  const placeOf = (shownBy: Answer['shownBy']): number => situations.get(shownBy?.situation ?? '') ?? -1;
  const answer = ({ answers, phone }: HeaderAnswers): WhichAnswer => ({
    features: answers.map(({ state, shownBy, failed }) => [ANSWER_STATES.indexOf(state), placeOf(shownBy), failed]),
    phone: [phone.silenced, phone.asked, placeOf(phone.shownBy)],
    claims: answers.map(({ state, shownBy }) =>
      state === 'kept-out' ? (shownBy?.expected.claims ?? []).map(visible) : [],
    ),
  });
  return {
    features,
    columns: columns.map((column) => ({
      blocks: blocksIn(column).map(({ id }) => visible(id)),
      name: visible(blockNames(blocksIn(column), naming, results)),
    })),
    rows: [...inhibitors, ...others]
      .filter(({ variant }) => variant.headers.length > 0 && variant.kind !== 'malformed')
      // A folded line is none to copy.
      .filter(({ variant }) => variant.headers.every((line) => visible(line) === line))
      .map(({ variant, answers }) => ({
        variant: visible(variant.id),
        lines: variant.headers,
        isDescribed: variant.kind === 'inhibitor',
        answers: answers.map((each) => each && answer(each)),
      })),
  };
}
