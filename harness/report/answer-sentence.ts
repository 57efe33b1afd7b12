import { counted } from '../counted.ts';
import type { RunRows } from '../model/results.ts';
import type { Feature } from '../model/scenario.ts';
import { FEATURE_NAMES } from '../model/words.ts';
import type { BlockAnswers, HeaderAnswers } from './answers.ts';
import { number } from './grid.ts';

/** Plain text, a header line, or a word of what is left open. */
export type Piece = string | { readonly code: string } | { readonly open: string };

/** Headers named in a sentence; the table has them all. */
const NAMED = 3;
const HEADER_LENGTH = 90;
const COUNT_WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six'];

/**
 * The answers of a block in a few sentences, true of any data: nothing is said to be kept out that is not proven, and a header of
 * which answers are open is held against no other.
 */
export function answerSentence({ features, inhibitors, others }: BlockAnswers): Piece[] {
  const [refused, heard] = split(
    [...inhibitors, ...others],
    ({ phone }) => phone.silenced > 0 && phone.silenced === phone.asked,
  );
  const decoys = heard.filter(({ variant }) => variant.kind === 'decoy');
  // Where nothing else was tried, they are what somebody asks about: headers of their own.
  const alone = inhibitors.length === 0 && decoys.length <= NAMED ? decoys : [];
  const [asked, known] = split(
    heard.filter((row) => inhibitors.includes(row) || alone.includes(row)),
    (row) => row.variant.kind === 'asked' || alone.includes(row),
  );
  const [halfKnown, settled] = split(known, (row) => inState(row, 'not-proven').length > 0);
  const shown = halfKnown.filter((row) => provenOf(row).length > 0);
  const working = settled.filter((row) => kept(row).length > 0);
  const most = Math.max(0, ...working.map((row) => kept(row).length));
  const best = sameReach(working.filter((row) => kept(row).length === most));
  const partly = settled.filter(
    (row) => !best.includes(row) && (kept(row).length > 0 || inState(row, 'mixed').length > 0),
  );
  const useless = known.filter(
    (row) => inState(row, 'not-kept-out').length > 0 && askable(row).length === inState(row, 'not-kept-out').length,
  );
  const harmful = heard.filter(({ phone }) => phone.silenced > 0);
  const reacting = decoys.filter(
    (row) => !alone.includes(row) && (kept(row).length > 0 || inState(row, 'mixed').length > 0),
  );
  const open = [...inhibitors, ...others]
    .flatMap(({ answers }) => answers)
    .filter(({ notProven }) => notProven > 0).length;
  const sentences = [
    ...(best.length > 0
      ? [bestSentence(best, features)]
      : shown.length === 0 && asked.length === 0
        ? [nothingWorks(known, useless, features)]
        : []),
    partly.length === 0 ? [] : say` ${names(partly)} ${verb(partly, 'keeps', 'keep')} it out of some.`,
    ...[...Map.groupBy(shown, reachKey).values()].map(openSentence),
    uselessSentence(useless, best.length > 0, shown.length > 0),
    asked.flatMap((row) => [' ', ...askedSentence(row, features)]),
    refused.length === 0
      ? []
      : say` With ${names(refused)} the call is refused: the callee's own phone is not called either.`,
    harmful.flatMap(
      ({ variant, phone }) =>
        say` With ${{ code: headerText(variant) }} the callee's own phone is not called in ${number(phone.silenced)} of ${number(phone.asked)} situations.`,
    ),
    reacting.length === 0 ? [] : say` It also reacts to ${names(reacting)}, which no source describes.`,
    open === 0 ? [] : [' ', { open: `${counted(open, 'answer is', 'answers are')} not proven.` }],
  ].flat();
  return sentences.map((piece, index) => (index === 0 && typeof piece === 'string' ? piece.trimStart() : piece));
}

/** A sentence from a template. */
function say(strings: TemplateStringsArray, ...parts: readonly (Piece | readonly Piece[])[]): Piece[] {
  return strings.flatMap((text, index) => [text, ...[parts[index] ?? []].flat()]);
}

export function plainText(pieces: readonly Piece[]): string {
  return pieces.map((each) => (typeof each === 'string' ? each : 'code' in each ? each.code : each.open)).join('');
}

function bestSentence(best: readonly HeaderAnswers[], features: readonly Feature[]): Piece[] {
  const [first] = best;
  if (first === undefined) return [];
  const also = inState(first, 'mixed');
  const more =
    also.length === 0 ? '' : `, and in some situations out of ${list(also.map((each) => FEATURE_NAMES[each]))}`;
  return say`${names(best)} ${verb(best, 'keeps', 'keep')} a call out of ${reach(kept(first), features)}${more}.`;
}

function uselessSentence(useless: readonly HeaderAnswers[], anyWorks: boolean, anyShown: boolean): Piece[] {
  if (useless.length === 0 || !(anyWorks || anyShown)) return [];
  return anyShown
    ? say` ${names(useless)} ${verb(useless, 'keeps', 'keep')} it out of nothing.`
    : say` ${names(useless)} ${verb(useless, 'does', 'do')} not.`;
}

/** All that is known of a header that somebody asked about. */
export function askedSentence(row: HeaderAnswers, features: readonly Feature[]): Piece[] {
  const proven = provenOf(row);
  const open = inState(row, 'not-proven').length;
  const { asked, alike } = row.beside;
  const facts = [
    `kept out of ${kept(row).length} of ${counted(features.length, 'feature')}`,
    ...(proven.length === 0 ? [] : [list(proven)]),
    ...(open === 0 ? [] : [`${open} not proven in this run`]),
    ...(asked === 0
      ? []
      : alike < asked
        ? [`${number(asked - alike)} of ${number(asked)} calls do not look like the control's`]
        : ["calls look exactly like the control's"]),
  ];
  return say`${{ code: headerText(row.variant) }}: ${facts.join('; ')}.`;
}

/** Of headers of which the same is proven, and the same is open. */
function openSentence(rows: readonly HeaderAnswers[]): Piece[] {
  const [first] = rows;
  if (first === undefined) return [];
  const open = inState(first, 'not-proven').length;
  const howMany = COUNT_WORDS[open] ?? number(open);
  return say` ${names(rows)}: proven for ${list(provenOf(first))}; ${howMany} not proven in this run.`;
}

function provenOf(row: HeaderAnswers): string[] {
  const partly = inState(row, 'mixed').map((feature) => `${FEATURE_NAMES[feature]} in some situations`);
  return [...kept(row).map((feature) => FEATURE_NAMES[feature]), ...partly];
}

function reach(out: readonly Feature[], features: readonly Feature[]): string {
  return out.length === features.length && features.length > 2
    ? `all ${COUNT_WORDS[features.length] ?? number(features.length)} features`
    : list(out.map((feature) => FEATURE_NAMES[feature]));
}

function nothingWorks(
  known: readonly HeaderAnswers[],
  useless: readonly HeaderAnswers[],
  features: readonly Feature[],
): Piece[] {
  if (known.length === 0) return say`No header was tried of which a source says that it keeps a call out of anything.`;
  if (known.every((row) => askable(row).length === 0))
    return say`It has nothing that a call could be kept out of: no header can be seen to do anything.`;
  if (useless.length < known.length) return say`No header is proven to keep a call out of a whole feature.`;
  const asked = features.filter((feature) => known.some((row) => askable(row).includes(feature)));
  const what =
    asked.length === features.length
      ? 'anything'
      : `${list(asked.map((feature) => FEATURE_NAMES[feature]))}, which is all that was asked here`;
  return say`No header keeps a call out of ${what}: ${names(useless)} ${verb(useless, 'does', 'do')} not.`;
}

/** Features that the server has, and was asked about. */
function askable({ answers }: HeaderAnswers): Feature[] {
  return answers.filter(({ state }) => state !== 'unsupported' && state !== 'not-asked').map(({ feature }) => feature);
}

/** Rows that do exactly what the first of them does. */
function sameReach(rows: readonly HeaderAnswers[]): HeaderAnswers[] {
  const [first] = rows;
  return first === undefined ? [] : rows.filter((row) => reachKey(row) === reachKey(first));
}

function reachKey(row: HeaderAnswers): string {
  return [...kept(row), '|', ...inState(row, 'mixed'), '|', ...inState(row, 'not-proven')].join(' ');
}

function kept(row: HeaderAnswers): Feature[] {
  return inState(row, 'kept-out');
}

function inState({ answers }: HeaderAnswers, state: string): Feature[] {
  return answers.filter((answer) => answer.state === state).map(({ feature }) => feature);
}

function names(rows: readonly HeaderAnswers[]): Piece[] {
  const shown = rows.slice(0, rows.length > NAMED + 1 ? NAMED : rows.length);
  const left = rows.length - shown.length;
  const named = shown.flatMap(({ variant }, index): Piece[] => [
    separator(index, shown.length, left),
    { code: headerText(variant) },
  ]);
  return left > 0 ? [...named, ` and ${number(left)} more`] : named;
}

function separator(index: number, shown: number, left: number): string {
  if (index === 0) return '';
  return index === shown - 1 && left === 0 ? ' and ' : ', ';
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function verb(rows: readonly unknown[], one: string, many: string): string {
  return rows.length === 1 ? one : many;
}

function split<T>(rows: readonly T[], wanted: (row: T) => boolean): [T[], T[]] {
  return [rows.filter(wanted), rows.filter((row) => !wanted(row))];
}

/** `Ms-Target-Class: secondary`, on one line; the id where a row has no header. */
export function headerText({ id, headers }: RunRows['variants'][number]): string {
  const text = headers.map((line) => line.replaceAll(/\s+/g, ' ').trim()).join(' + ') || id;
  return text.length > HEADER_LENGTH ? `${text.slice(0, HEADER_LENGTH)}…` : text;
}
