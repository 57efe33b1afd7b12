import type { RunRows } from '../../model/results.ts';
import { FEATURE_NAMES } from '../../model/words.ts';
import {
  type Across,
  type AcrossColumn,
  type AcrossRow,
  acrossOf,
  alikeText,
  blockName,
  blockNames,
  namingOf,
} from '../across.ts';
import { answerSentence, askedSentence, headerText, plainText } from '../answer-sentence.ts';
import { type AnswerState, answersOf, type HeaderAnswers } from '../answers.ts';
import { number, serverTitle } from '../grid.ts';
import { visible } from '../visible.ts';
import { ellipsis, type Paint, wrap } from './text.ts';

export const ANSWER_SYMBOLS: Readonly<Record<AnswerState, string>> = {
  'kept-out': '○',
  mixed: '◐',
  'not-kept-out': '●',
  'not-proven': '?',
  unsupported: '-',
  'not-asked': ' ',
};
/** Of a large run, with a sentence and a column each; the page has them all. */
const COLUMNS_SHOWN = 12;
const INDENT = '   ';
/** Of a table: a header line can be told from the others by so much. */
const MIN_LABEL = 32;

/** What was called, one line each: nobody may take a simulation for the product. */
export function serverLines(results: Pick<RunRows, 'run'>, columns: number): string[] {
  return Object.entries(results.run.servers).flatMap(([id, { title }]) =>
    title === undefined ? [] : wrap(visible(`${serverTitle(results, id)}: ${title}`), columns),
  );
}

/** The answer: a numbered sentence for each server and policy, and one table of all of them, its columns by those numbers. */
export function answerParts(results: RunRows, columns: number, paint: Paint): string[][] {
  const across = acrossOf(results);
  const [only] = across.columns;
  if (only === undefined) return [];
  if (across.columns.length === 1 && only.alike.length === 0) return [wrap(sentenceOf(only, across, results), columns)];
  const shown = across.columns.slice(0, COLUMNS_SHOWN);
  const left = across.columns.length - shown.length;
  const sentences = shown.flatMap((column, index) => {
    const [first = '', ...rest] = wrap(sentenceOf(column, across, results), columns, INDENT);
    return [`${index + 1}`.padEnd(INDENT.length) + first.slice(INDENT.length), ...rest];
  });
  const more = left === 0 ? [] : [`and ${number(left)} more columns: see index.html`];
  return [[...sentences, ...more], table(across, shown.length, columns, paint)];
}

/** A sentence for each server and policy, as text that may have any length. */
export function answerSentences(results: RunRows): string[] {
  const across = acrossOf(results);
  return across.columns.map((column) => sentenceOf(column, across, results));
}

/** Of headers that were asked about on the command line, what the answer says of them, again where a reader looks last. */
export function closingSentences(results: RunRows): string[] {
  const { columns } = acrossOf(results);
  const naming = namingOf(columns);
  return columns.flatMap(({ block }) => {
    const own = answersOf(results).find((each) => each.block === block);
    const asked = own?.inhibitors.filter(({ variant }) => variant.kind === 'asked') ?? [];
    const name = blockName(block, naming, results);
    return asked.map((row) => visible(`${name}: ${plainText(askedSentence(row, own?.features ?? []))}`));
  });
}

function sentenceOf({ block, alike }: AcrossColumn, across: Across, results: RunRows): string {
  const own = answersOf(results).find((each) => each.block === block);
  const naming = namingOf(across.columns);
  const name = blockName(block, naming, results);
  const others = [...Map.groupBy(alike, alikeText)].map(
    ([how, of]) =>
      `${blockNames(
        of.map((each) => each.block),
        naming,
        results,
      )}: the same ${how}`,
  );
  const same = others.length === 0 ? '' : ` (and ${others.join('; ')})`;
  return visible(`${name}${same}: ${own === undefined ? '' : plainText(answerSentence(own))}`);
}

/** Headers down that do something on some server; in each column a symbol for each feature. */
function table(across: Across, shown: number, columns: number, paint: Paint): string[] {
  const { control, inhibitors, others, features } = across;
  const rows = [...(control === null ? [] : [control]), ...[...inhibitors, ...others].filter(acts)];
  const cellWidth = features.length + 2;
  const perTable = Math.max(1, Math.floor((columns - MIN_LABEL) / cellWidth));
  const labelWidth = Math.min(
    Math.max(...rows.map((row) => labelOf(row).length)) + 1,
    columns - cellWidth * Math.min(shown, perTable),
  );
  const starts = Array.from({ length: Math.ceil(shown / perTable) }, (_, index) => index * perTable);
  return [
    ...starts.flatMap((from) => {
      const to = Math.min(shown, from + perTable);
      const line = (label: string, cells: readonly string[]): string =>
        (
          ellipsis(label, labelWidth - 1).padEnd(labelWidth) + cells.map((cell) => cell.padEnd(cellWidth)).join('')
        ).trimEnd();
      const heads = Array.from({ length: to - from }, (_, index) => `${from + index + 1}`);
      return [
        paint.bold(line('', heads)),
        ...rows.map((row) => line(labelOf(row), row.answers.slice(from, to).map(symbols))),
      ];
    }),
    ...wrap(idleText(across), columns),
    ...wrap(
      `in order: ${features.map((feature) => FEATURE_NAMES[feature]).join(', ')}. ○ kept out, ◐ in some situations, ● not kept out, ? not proven, - not supported, x the callee's own phone is not called`,
      columns,
    ).map(paint.dim),
  ];
}

/** More than anybody tries of their own. */
const NAMED_DECOYS = 3;

/** What is known of the headers that have no line: nothing is left out in silence. */
function idleText({ inhibitors, others }: Across): string {
  const idle = (rows: readonly AcrossRow[]): AcrossRow[] => rows.filter((row) => !acts(row));
  const decoys = idle(others);
  const named = [
    ...idle(inhibitors).map(labelOf),
    ...(decoys.length <= NAMED_DECOYS ? decoys.map(labelOf) : [`${number(decoys.length)} that no source recommends`]),
  ];
  return named.length === 0 ? '' : `Seen to keep a call out of nothing: ${named.join(', ')}`;
}

/** Keeps a call out of something, refuses it, or is not known not to. */
function acts({ answers }: AcrossRow): boolean {
  return answers.some(
    (row) =>
      row !== null &&
      (row.phone.silenced > 0 ||
        row.answers.some(({ state }) => state === 'kept-out' || state === 'mixed' || state === 'not-proven')),
  );
}

/** `no header`, or its lines, and how many spellings got the same answers. */
export function labelOf({ variant, alike }: Pick<AcrossRow, 'variant' | 'alike'>): string {
  if (variant.kind === 'control') return 'no header';
  return visible(`${headerText(variant)}${alike.length === 0 ? '' : ` (${alike.length + 1} spellings)`}`);
}

function symbols(row: HeaderAnswers | null): string {
  if (row === null) return '';
  return `${row.answers.map(({ state }) => ANSWER_SYMBOLS[state]).join('')}${row.phone.silenced > 0 ? 'x' : ''}`;
}
