import type { RunRows } from '../../model/results.ts';
import { FEATURE_NAMES } from '../../model/words.ts';
import {
  type Across,
  type AcrossColumn,
  type AcrossRow,
  alikeText,
  blockName,
  blockNames,
  blockPlace,
  byState,
  type Naming,
  namingOf,
} from '../across.ts';
import { headerText } from '../answer-sentence.ts';
import type { Answer, AnswerState, HeaderAnswers } from '../answers.ts';
import { number } from '../grid.ts';
import { SHORT_NAMES, WORDS } from './answer-words.ts';
import { decoySheet } from './decoys.ts';
import { cellHref } from './names.ts';
import { ANSWER_STATES } from './page-data.ts';
import type { PageParts } from './parts.ts';
import { html, type Markup } from './template.ts';

/** More beside each other nobody reads; the others come in tables of as many. */
const COLUMNS = 8;

/** One table of all servers and policies: what is the same in all cells is one column. Nothing where there is but one to show. */
export function acrossTable(across: Across, results: RunRows, parts: PageParts): Markup | null {
  const { columns, control, inhibitors, others } = across;
  if (columns.length + (columns[0]?.alike.length ?? 0) < 2) return null;
  const rows = [...(control === null ? [] : [control]), ...inhibitors];
  const naming = namingOf(columns);
  const tables = chunks(columns.length).map(([from, to]): Markup => {
    const table = (of: readonly AcrossRow[], caption: string): Markup => html`<div class="scroll">
<table class="across"><caption>${caption}: headers down, servers and policies across</caption>
<thead><tr><th scope="col">Header</th>${columns.slice(from, to).map((column) => columnHead(column, naming, results))}</tr></thead>
<tbody>${of.map((row) => acrossRow(row, from, to))}</tbody></table></div>`;
    return html`${table(rows, 'What each server does with each header')}
${decoySheet(others.length, inhibitors.length === 0, () => table(others, 'Headers that no source recommends'))}`;
  });
  const [first = null, ...later] = tables;
  const headers = [...inhibitors, ...others];
  const hideable = headers.filter(({ differs }) => !differs).length;
  return html`<div class="sheet">
${columns.length < 2 || hideable === 0 ? null : html`<label class="differ"><input type="checkbox" name="differ"> only where they differ <span class="quiet">(hides ${number(hideable)} of ${number(headers.length)} headers)</span></label>`}
${sameLines(columns, naming, results)}${first}${later.map((markup, index) => {
  const summary = html`<summary>${number(Math.min(COLUMNS, columns.length - (index + 1) * COLUMNS))} more columns, from ${columnName(columns[(index + 1) * COLUMNS], naming, results)} on</summary>`;
  return parts.large
    ? html`<details class="more">${summary}<div data-part="${parts.add(`across-${index}`, () => markup.text)}"><p class="quiet later">Its table is loaded when this is opened.</p></div></details>`
    : html`<details class="more">${summary}${markup}</details>`;
})}</div>`;
}

function chunks(length: number): [from: number, to: number][] {
  return Array.from({ length: Math.ceil(length / COLUMNS) }, (_, index) => [index * COLUMNS, (index + 1) * COLUMNS]);
}

function columnName(column: AcrossColumn | undefined, naming: Naming, results: RunRows): string {
  return column === undefined ? '' : blockName(column.block, naming, results);
}

/** What is folded into a column, and in how far it is the same. */
function sameLines(columns: readonly AcrossColumn[], naming: Naming, results: RunRows): Markup | null {
  const folded = columns.filter(({ alike }) => alike.length > 0);
  if (folded.length === 0) return null;
  return html`
<ul class="same">${folded.map(({ block, alike }) =>
    [...Map.groupBy(alike, alikeText)].map(([how, of]) => {
      const names = blockNames(
        of.map((each) => each.block),
        naming,
        results,
      );
      const [shown] = of.flatMap(({ byPhone, byFinal }) => [...byPhone, ...byFinal]);
      return html`<li><b>${names}</b> as ${blockName(block, naming, results)} ${shown === undefined ? how : html`<a href="${cellHref(shown.id)}">${how}</a>`}</li>`;
    }),
  )}</ul>`;
}

function columnHead({ block, alike }: AcrossColumn, naming: Naming, results: RunRows): Markup {
  const place = blockPlace(block, naming, results);
  const isHere = alike.every((each) => blockPlace(each.block, naming, results) === place);
  const also = isHere
    ? alike.map((each) => each.block.policy).join(', ')
    : blockNames(
        alike.map((each) => each.block),
        naming,
        results,
      );
  return html`<th scope="col"><b>${block.policy}</b>${place === '' ? null : html` <small>${place}</small>`}${also === '' ? null : html` <small>and ${also}</small>`}</th>`;
}

function acrossRow({ variant, alike, answers, differs }: AcrossRow, from: number, to: number): Markup {
  const spellings = alike.length === 1 ? 'one other spelling' : `${number(alike.length)} other spellings`;
  return html`
<tr${differs || variant.kind === 'control' ? null : html` class="as-others"`}><th scope="row">${variant.kind === 'control' ? 'no header' : html`<code>${headerText(variant)}</code>`}${alike.length === 0 ? null : html`<span class="quiet">${spellings} the same</span>`}</th>${answers.slice(from, to).map(answerCell)}</tr>`;
}

function answerCell(row: HeaderAnswers | null): Markup {
  if (row === null) return html`<td class="a"><span class="quiet">not run</span></td>`;
  const groups = byState(row, ANSWER_STATES);
  const { silenced, asked, shownBy } = row.phone;
  return html`<td>${groups.map(({ state, answers }) => group(state, answers, groups.length === 1))}${
    silenced === 0 || shownBy === null
      ? null
      : html`<span class="a silenced"><a href="${cellHref(shownBy.id)}"><i>✕</i> phone not called</a>${silenced < asked ? ` in ${number(silenced)} of ${number(asked)}` : ''}</span>`
  }</td>`;
}

/** One word where all features are alike; else their names, each of which leads to its call. */
function group(state: AnswerState, answers: readonly Answer[], only: boolean): Markup {
  const [mark, words] = WORDS[state];
  const failed = answers.reduce((sum, answer) => sum + answer.failed, 0);
  const wrong = failed === 0 ? null : html` <b>${number(failed)} against the sources</b>`;
  const link = (answer: Answer | undefined, text: Markup): Markup =>
    answer?.shownBy == null ? text : html`<a href="${cellHref(answer.shownBy.id)}">${text}</a>`;
  const tone = `a ${state}${failed > 0 ? ' wrong' : ''}`;
  if (only) {
    return html`<span class="${tone}">${link(answers.find(({ failed: own }) => own > 0) ?? answers[0], html`<i>${mark}</i> ${words}`)}${wrong}</span>`;
  }
  if (state === 'unsupported' && answers.length > 1) {
    return html`<span class="${tone}">${link(answers[0], html`<i>${mark}</i> not supported: the other ${number(answers.length)}`)}</span>`;
  }
  return html`<span class="${tone}"><i>${mark}</i> <span class="unseen">${words}: </span>${answers.map(
    (answer, index) =>
      html`${index === 0 ? '' : ', '}${link(answer, html`<span title="${FEATURE_NAMES[answer.feature]}: ${words}">${SHORT_NAMES[answer.feature]}</span>`)}`,
  )}${wrong}</span>`;
}
