import { counted } from '../counted.ts';
import { type CellRow, isUnsteady, type RunRows } from '../model/results.ts';
import { FEATURE_NAMES } from '../model/words.ts';
import { type Answer, answersOf, type BlockAnswers, type HeaderAnswers } from './answers.ts';
import { causesOf, FINDING_KINDS, isFinding, spread } from './causes.ts';
import {
  type Block,
  callsText,
  countVerdicts,
  number,
  seconds,
  serverTitle,
  VERDICTS_BY_WEIGHT,
  wayText,
} from './grid.ts';
import { ANSWER_SYMBOLS, answerSentences, labelOf } from './matrix/answer.ts';
import { UNSTEADY_SYMBOL, VERDICT_SYMBOLS } from './matrix/symbols.ts';
import { visible } from './visible.ts';

/** GitHub refuses a step's summary beyond 1 MiB, all of it; the rest is for what else a step writes there. */
export const SUMMARY_LIMIT_BYTES = 900_000;

const WHY_LENGTH = 1_000;
/** Wrong cells by id; the report has them all. */
const CELLS_LISTED = 200;

/**
 * The run as Markdown, for GitHub's step summary or a merge request: the counts, what went wrong, a small matrix per
 * policy, then the wrong cells by id. Cut at whole parts when it would be longer than `limitBytes`, and says so.
 */
export function renderSummary(results: RunRows, limitBytes: number = SUMMARY_LIMIT_BYTES): string {
  const parts = [
    heading(results),
    ...answerLines(results),
    ...causeParts(results.cells),
    ...answersOf(results)
      .filter(({ features }) => features.length > 0)
      .map((answers) => blockPart(answers, results)),
    ...cellList(results.cells),
  ];
  const whole = parts.join('\n');
  if (bytes(whole) <= limitBytes) return whole;
  const note = (left: number): string =>
    `\n_${number(left)} of ${number(parts.length)} parts are left out here, because a summary has a limit: see index.html of the report._\n`;
  const room = limitBytes - bytes(note(parts.length));
  let kept = 0;
  for (let used = 0; kept < parts.length; kept += 1) {
    used += bytes(parts[kept] ?? '') + 1;
    if (used > room) break;
  }
  return `${parts.slice(0, kept).join('\n')}${note(parts.length - kept)}`;
}

/** As the page and the console say it, a line for each server and policy. */
function answerLines(results: RunRows): string[] {
  const sentences = answerSentences(results).map((sentence) => `- ${plain(sentence)}`);
  return sentences.length === 0 ? [] : [`${sentences.join('\n')}\n`];
}

function heading(results: RunRows): string {
  const { run, cells } = results;
  const counts = countVerdicts(cells);
  const unsteady = cells.filter(isUnsteady).length;
  const wrong = [
    ...(counts.fail > 0 ? [`${number(counts.fail)} failed`] : []),
    ...(unsteady > 0 ? [`${number(unsteady)} unsteady`] : []),
    ...(counts.inconclusive > 0 ? [`${number(counts.inconclusive)} inconclusive`] : []),
  ];
  const servers = Object.keys(run.servers).map((id) => serverTitle(results, id));
  return [
    `## Ringfence: ${wrong.length === 0 ? 'all as expected' : wrong.join(', ')}`,
    '',
    `${plain(`${callsText(results)} to ${servers.join(' and ')} in ${seconds(run.durationMs)}, run ${run.id}`)}`,
    ...(run.shards === undefined ? [] : ['', `**Only ${run.shards.join(', ')} of the selection**`]),
    ...(run.ended === 'complete'
      ? []
      : [
          '',
          `**The run ${run.ended === 'failed' ? 'failed' : 'was cancelled'}**: ${plain(run.trouble ?? 'no reason on record')}`,
        ]),
    ...(run.warnings ?? []).map((warning) => `\nTo know: ${plain(warning)}`),
    '',
    `| ${VERDICTS_BY_WEIGHT.join(' | ')} |`,
    `|${' ---: |'.repeat(VERDICTS_BY_WEIGHT.length)}`,
    `| ${VERDICTS_BY_WEIGHT.map((verdict) => number(counts[verdict])).join(' | ')} |`,
    '',
  ].join('\n');
}

function causeParts(cells: readonly CellRow[]): string[] {
  return causesOf(cells).map(({ kind, why, first, cells: own }) => {
    const said = why.length > WHY_LENGTH ? `${why.slice(0, WHY_LENGTH)}…` : why;
    const where = `${counted(own.length, 'cell')}: ${spread(own)}`;
    return `- **${kind}**: ${plain(said)}\n  <br>${plain(where)}\n  <br><code>${plain(first.rerun)}</code>\n`;
  });
}

/** Headers down, features across: the rows, the words and the answers of the page. */
function blockPart({ block, features, control, inhibitors, others }: BlockAnswers, results: RunRows): string {
  const rows = [...(control === null ? [] : [control]), ...inhibitors, ...others].map((row) => {
    const called = row.phone.silenced > 0 ? ' x' : '';
    return `| <code>${plain(labelOf(row))}</code>${called} | ${row.answers.map((answer) => answerCell(answer, row, block)).join(' | ')} |`;
  });
  const counts = countVerdicts(block.cells);
  const open = counts.fail + counts.inconclusive > 0 ? ' open' : '';
  return [
    `<details${open}><summary>${plain(`${block.policy} on ${serverTitle(results, block.server)}, ${wayText(block)}: ${number(counts.fail)} fail, ${number(counts.inconclusive)} inconclusive of ${number(block.cells.length)}`)}</summary>`,
    '',
    `| header | ${features.map((feature) => FEATURE_NAMES[feature]).join(' | ')} |`,
    `| :--- |${' :---: |'.repeat(features.length)}`,
    ...rows,
    '',
    "● not kept out, ○ kept out, ◐ in some situations, ? not proven, - not supported, x the callee's own phone is not called; then how many cells are wrong: !1 failed, ?1 inconclusive, ≠1 unsteady",
    '',
    '</details>',
    '',
  ].join('\n');
}

/** What is wrong is counted in all spellings and situations, those that are no diversion among them: it is never averaged away. */
function answerCell({ feature, state }: Answer, { variant, alike }: HeaderAnswers, { cells }: Block): string {
  const ids = new Set([variant, ...alike].map(({ id }) => id));
  const own = cells.filter((cell) => cell.feature === feature && ids.has(cell.variant));
  const wrong = FINDING_KINDS.map((kind) => {
    const count = own.filter((cell) => isFinding(cell, kind)).length;
    return count === 0 ? '' : ` ${kind === 'unsteady' ? UNSTEADY_SYMBOL : VERDICT_SYMBOLS[kind]}${count}`;
  });
  return `${ANSWER_SYMBOLS[state]}${wrong.join('')}`;
}

function cellList(cells: readonly CellRow[]): string[] {
  const wrong = FINDING_KINDS.flatMap((kind) =>
    cells.filter((cell) => isFinding(cell, kind)).map(({ id }) => ({ id, kind })),
  );
  if (wrong.length === 0) return [];
  const lines = wrong.slice(0, CELLS_LISTED).map(({ id, kind }) => `- ${kind} <code>${plain(id)}</code>`);
  const more = wrong.length - CELLS_LISTED;
  return ['### Cells\n', ...lines, ...(more > 0 ? [`- and ${number(more)} more`] : []), ''];
}

/** Text that Markdown and HTML leave alone: no markup, no link, no mention of a person or an issue. */
function plain(text: string): string {
  return visible(text)
    .replaceAll(/[\\`*_[\]<>#|~@&$!{}"'^]|:(?! )/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll(/www\./gi, (match) => `${match.slice(0, 3)}&#46;`);
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
