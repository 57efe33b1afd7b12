import type { RunRows } from '../../model/results.ts';
import type { Feature } from '../../model/scenario.ts';
import { FEATURE_NAMES, POLICIES, POLICY_TITLES, type Statement } from '../../model/words.ts';
import { acrossOf, blocksIn } from '../across.ts';
import { headerText } from '../answer-sentence.ts';
import { type Answer, answersOf, type BlockAnswers, type HeaderAnswers } from '../answers.ts';
import { number, serverTitle, wayText } from '../grid.ts';
import { acrossTable } from './across.ts';
import { answerMarkup } from './answer-sentence.ts';
import { WORDS } from './answer-words.ts';
import { decoySheet } from './decoys.ts';
import { type Filter, filterHref } from './links.ts';
import { cellHref } from './names.ts';
import { isWebAddress } from './page-data.ts';
import type { PageParts } from './parts.ts';
import { html, type Markup } from './template.ts';
import { whichForm } from './which.ts';

/** Of a large run, with their tables in the page; the others are folded, and loaded when they are opened. */
const ANSWERS_SHOWN = 10;

export interface AnswerSections {
  /** The header to send, and one table of all servers and policies. What a manager reads. */
  readonly answer: Markup;
  /** Where there are several of them, a sentence and a table for each: behind the matrix, which would be far from the top else. */
  readonly policies: Markup | null;
}

/** Which header keeps a call out of what. */
export function answerSections(results: RunRows, parts: PageParts): AnswerSections {
  const across = acrossOf(results);
  const asked = across.columns.flatMap(blocksIn).map(({ server }) => server);
  // As servers were asked for: what is open is of the first.
  const all = answersOf(results)
    .filter(({ features }) => features.length > 0)
    .toSorted((a, b) => asked.indexOf(a.block.server) - asked.indexOf(b.block.server));
  const several = new Set(all.map(({ block }) => `${block.server} ${wayText(block)}`)).size > 1;
  const rows = all.map((each, index) => blockAnswer(each, index, several, results, parts));
  const answer = html`<section id="answer" aria-labelledby="answer-h"><h2 id="answer-h">Which header keeps a call out of what</h2>
${serverList(results)}
${policyList(results)}
${whichForm(across, results)}
<p class="legend">${(['kept-out', 'mixed', 'not-kept-out', 'not-proven'] as const).map(
    (state) => html`<span class="a ${state}"><i>${WORDS[state][0]}</i> ${WORDS[state][1]}</span> `,
  )}<span>each word leads to the call that shows it, each count to all of its calls; a word alone is of every feature</span></p>
${all.length === 0 ? html`<p class="quiet">No situation of this run diverts a call.</p>` : null}
${acrossTable(across, results, parts)}
${rows.length === 1 ? rows : null}</section>`;
  return { answer, policies: rows.length > 1 ? policiesSection(rows, several, parts) : null };
}

function policiesSection(rows: readonly Markup[], several: boolean, parts: PageParts): Markup {
  const shown = parts.large ? ANSWERS_SHOWN : rows.length;
  return html`<section id="policies" aria-labelledby="policies-h"><h2 id="policies-h">${several ? 'Each server and policy' : 'Each policy'}, feature by feature</h2>
${rows.slice(0, shown)}
${shown < rows.length ? html`<details class="others"><summary>${number(rows.length - shown)} more, of other servers and policies</summary>${rows.slice(shown)}</details>` : null}</section>`;
}

/** What was called: no reader may take a simulation for the product. */
function serverList(results: RunRows): Markup | null {
  const told = Object.entries(results.run.servers).flatMap(([id, { title }]) =>
    title === undefined ? [] : [{ id, title }],
  );
  if (told.length === 0) return null;
  return html`<ul class="servers" aria-label="Servers">${told.map(({ id, title }) => html`<li><b>${serverTitle(results, id)}</b> ${title}</li>`)}</ul>`;
}

/** Whose statement each policy is, with the source that the first of its claims names. */
function policyList({ cells, claims }: RunRows): Markup | null {
  const policies = POLICIES.filter((policy) => cells.some((cell) => cell.policy === policy));
  if (policies.length === 0) return null;
  return html`<details class="policies"><summary>${policies.length === 1 ? 'What this policy is' : `What the ${number(policies.length)} policies are`}: how a server treats the headers, by one source</summary>
<ul>${policies.map((policy) => {
    const claim = claims.find(({ id }) => id.startsWith(POLICY_CLAIMS[policy]));
    const source =
      claim === undefined || !isWebAddress(claim.url)
        ? null
        : html` · <a href="${claim.url}" rel="noopener noreferrer" target="_blank">${claim.source}</a>`;
    return html`<li><b>${policy}</b> ${POLICY_TITLES[policy]}${source}</li>`;
  })}</ul></details>`;
}

/** Ids of the claims that each policy's own source makes begin so. */
const POLICY_CLAIMS: Readonly<Record<Statement, string>> = {
  'ms-sipre': 'ms-sipre-',
  'blog-2012': 'blog-',
  'comment-2013': 'comment-',
  'ucma-doc': 'ucma-',
  'rgs-2009': 'rgs-',
  plain: 'rfc3261-unknown-ignored',
};

function blockAnswer(
  answers: BlockAnswers,
  index: number,
  several: boolean,
  results: RunRows,
  parts: PageParts,
): Markup {
  const { block } = answers;
  const where = `${serverTitle(results, block.server)}, ${wayText(block)}`;
  const place = several ? `${block.policy} (${where})` : block.policy;
  const tables = (): Markup => blockTables(answers, `${block.policy} on ${where}`);
  const summary = html`<summary>${answerMarkup(answers, place)}</summary>`;
  if (parts.large && index >= ANSWERS_SHOWN) {
    const file = parts.add(`answer-${index}`, () => tables().text);
    return html`<details class="policy">${summary}<div data-part="${file}">${LATER}</div></details>`;
  }
  return html`<details class="policy"${index === 0 ? OPEN : null}>${summary}${tables()}</details>`;
}

function blockTables(answers: BlockAnswers, place: string): Markup {
  const { features, control, inhibitors, others } = answers;
  const row = (each: HeaderAnswers): Markup => headerRow(each, answers);
  return html`
<div class="scroll">${table(`${place}: headers down, features across`, features, [...(control === null ? [] : [control]), ...inhibitors].map(row))}</div>
${decoySheet(
  others.length,
  inhibitors.length === 0,
  () =>
    html`<div class="scroll">${table(`${place}: headers that no source recommends`, features, others.map(row))}</div>`,
)}
`;
}

const OPEN = html` open`;
const LATER = html`<p class="quiet later">Its table is loaded when this is opened.</p>`;

function table(caption: string, features: readonly Feature[], rows: readonly Markup[]): Markup {
  return html`<table class="answers"><caption>${caption}</caption>
<thead><tr><th scope="col">Header</th>${features.map((feature) => html`<th scope="col">${FEATURE_NAMES[feature]}</th>`)}<th scope="col">callee's own phone</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

function headerRow({ variant, answers, phone, alike }: HeaderAnswers, { block }: BlockAnswers): Markup {
  const place: Filter = { policy: block.policy, server: block.server, transport: block.transport };
  const same =
    alike.length === 0
      ? null
      : html`<span class="quiet">${alike.length === 1 ? 'one other spelling' : `${number(alike.length)} other spellings`} the same: ${alike.map(
          ({ id }, index) =>
            html`${index > 0 ? ', ' : ''}<a href="${filterHref({ ...place, variant: id })}">${id.startsWith(`${variant.id}-`) ? id.slice(variant.id.length + 1) : id}</a>`,
        )}</span>`;
  return html`
<tr><th scope="row">${variant.kind === 'control' ? 'no header' : html`<code>${headerText(variant)}</code>`}${same}</th>${answers.map((answer) => answerCell(answer, { ...place, variant: variant.id, feature: answer.feature }))}${phoneCell(phone)}</tr>`;
}

function answerCell(answer: Answer, filter: Filter): Markup {
  const { state, asked, keptOut, notProven, unspecified, failed, shownBy } = answer;
  const [mark, words] = WORDS[state];
  if (shownBy === null) return html`<td class="a not-asked"><span class="quiet">${words}</span></td>`;
  const notes = [
    state === 'mixed' || (state === 'not-proven' && keptOut > 0) ? `kept out in ${keptOut} of ${asked}` : '',
    state === 'kept-out' && asked > 1 ? `all ${asked}` : '',
    state === 'not-kept-out' && asked > 1 ? `${asked - notProven} of ${asked}` : '',
    notProven > 0 && notProven < asked ? `${notProven} not proven` : '',
    asked > 1 && notProven === asked ? `all ${asked}` : '',
    failed > 0 ? `${failed} against the sources` : '',
    unspecified > 0 ? `${unspecified === asked ? '' : `${unspecified} `}not specified` : '',
  ].filter((note) => note !== '');
  const text = notes.join(', ');
  return html`<td class="a ${state}${failed > 0 ? ' wrong' : ''}"><a class="word" href="${cellHref(shownBy.id)}"><i>${mark}</i> ${words}</a>${
    asked > 1 ? html`<a class="all" href="${filterHref(filter)}">${text}</a>` : html`<span class="all">${text}</span>`
  }</td>`;
}

function phoneCell({ asked, silenced, shownBy }: HeaderAnswers['phone']): Markup {
  if (shownBy === null) return html`<td class="a"><span class="quiet">not proven</span></td>`;
  if (silenced === 0) return html`<td class="a rings"><a class="word" href="${cellHref(shownBy.id)}">called</a></td>`;
  return html`<td class="a silenced"><a class="word" href="${cellHref(shownBy.id)}"><i>✕</i> not called</a><span class="all">${`in ${silenced} of ${asked}`}</span></td>`;
}
