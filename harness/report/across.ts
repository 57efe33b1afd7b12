/** The answers of all servers and policies beside each other. */
import type { CellRow, RunRows } from '../model/results.ts';
import type { Feature } from '../model/scenario.ts';
import {
  type AnswerState,
  answersOf,
  type BlockAnswers,
  type HeaderAnswers,
  isAskedAbout,
  isProven,
  meaningOf,
  phoneWasCalled,
  stateOf,
} from './answers.ts';
import { type Block, number, serverTitle } from './grid.ts';

type Variant = RunRows['variants'][number];

/** A server and policy, with those that got the same answers: every cell has their outcome, and each header silences as many phones. */
export interface AcrossColumn {
  readonly block: Block;
  /** In matrix order. */
  readonly alike: readonly AlikeBlock[];
}

/** One that got the answers of another, and its own cells in which it went another way all the same. */
export interface AlikeBlock {
  readonly block: Block;
  /** The callee's own phone is called here and not there, or the other way about. */
  readonly byPhone: readonly CellRow[];
  /** The caller gets another final response, and no more. */
  readonly byFinal: readonly CellRow[];
}

/** A header, in all columns. */
export interface AcrossRow {
  readonly variant: Variant;
  /** Other spellings of it that got the same answers in every column. */
  readonly alike: readonly Variant[];
  /** By column; null where it was not sent. */
  readonly answers: readonly (HeaderAnswers | null)[];
  /** Columns contradict each other: what a server has not, or was not asked, contradicts nobody. */
  readonly differs: boolean;
}

/** One table: headers down, servers and policies across. */
export interface Across {
  readonly features: readonly Feature[];
  /** Columns with the same answers are one. */
  readonly columns: readonly AcrossColumn[];
  readonly control: AcrossRow | null;
  /** As {@link BlockAnswers.inhibitors}. */
  readonly inhibitors: readonly AcrossRow[];
  readonly others: readonly AcrossRow[];
}

/** Pure. */
export function acrossOf(results: RunRows): Across {
  // Servers as they were asked for, where that is known: the matrix has them by name. What has nothing to ask about comes last.
  const servers = Object.keys(results.run.servers);
  const asked = answersOf(results)
    .filter(({ features }) => features.length > 0)
    .toSorted(
      (a, b) =>
        Number(hasNothing(a)) - Number(hasNothing(b)) ||
        servers.indexOf(a.block.server) - servers.indexOf(b.block.server),
    );
  const folded = [...Map.groupBy(asked, (answers) => courseOf(answers, results)).values()];
  const columns = folded.flatMap(([first, ...alike]) => (first === undefined ? [] : [{ first, alike }]));
  const rows = results.variants.flatMap((variant): AcrossRow[] => {
    const answers = columns.map(({ first }) => first.rows.find((row) => row.variant.id === variant.id) ?? null);
    return answers.every((each) => each === null)
      ? []
      : [{ variant, alike: [], answers, differs: differ(answers, asked[0]?.features ?? []) }];
  });
  const isControl = ({ variant }: AcrossRow): boolean => variant.kind === 'control';
  return {
    features: asked[0]?.features ?? [],
    columns: columns.map(({ first, alike }) => ({
      block: first.block,
      alike: alike.map(({ block }) => besideThe(first.block, block)),
    })),
    control: rows.find(isControl) ?? null,
    inhibitors: withoutSpellings(rows.filter(({ variant }) => isAskedAbout(variant))),
    others: withoutSpellings(rows.filter((row) => !isAskedAbout(row.variant) && !isControl(row))),
  };
}

/**
 * What was seen in every cell of a table, as one text: equal texts are equal columns. What is not proven equals nothing, and
 * what speaks against the sources of one policy is not hidden behind another.
 */
function courseOf({ block, rows }: BlockAnswers, { variants, situations }: RunRows): string {
  const seen = variants.flatMap((variant) =>
    situations.map(({ id }) => {
      const cell = block.cellAt(variant.id, id);
      return cell === undefined ? '' : wayOf(cell);
    }),
  );
  return [...seen, ...rows.map(({ phone }) => phone.silenced)].join(' ');
}

function wayOf(cell: CellRow): string {
  if (cell.verdict === 'unsupported') return '-';
  return isProven(cell) ? `${cell.observed.outcome[0]}${cell.verdict === 'fail' ? '!' : ''}` : cell.id;
}

function hasNothing({ block }: BlockAnswers): boolean {
  return block.cells.every(({ verdict }) => verdict === 'unsupported');
}

function besideThe(first: Block, block: Block): AlikeBlock {
  const pairs = block.cells.flatMap((cell) => {
    const twin = first.cellAt(cell.variant, cell.situation);
    return twin === undefined || !isProven(cell) ? [] : [[cell, twin] as const];
  });
  const isOther = ([cell, twin]: (typeof pairs)[number]): boolean => phoneWasCalled(cell) !== phoneWasCalled(twin);
  return {
    block,
    byPhone: pairs.filter(isOther).map(([cell]) => cell),
    byFinal: pairs
      .filter((pair) => !isOther(pair) && pair[0].observed.status !== pair[1].observed.status)
      .map(([cell]) => cell),
  };
}

/** In how far it is the same: `in all 400 cells`, `but for the final response of 6 cells`. */
export function alikeText({ block, byPhone, byFinal }: AlikeBlock): string {
  const cells = (count: number): string => (count === 1 ? 'one cell' : `${number(count)} cells`);
  const called = byPhone.filter(phoneWasCalled).length;
  const how = called === 0 ? 'is not called' : called === byPhone.length ? 'is called' : 'is called otherwise';
  const other = [
    ...(byPhone.length === 0 ? [] : [`${cells(byPhone.length)} in which the callee's own phone ${how}`]),
    ...(byFinal.length === 0 ? [] : [`the final response of ${cells(byFinal.length)}`]),
  ];
  return other.length === 0 ? `in all ${number(block.cells.length)} cells` : `but for ${other.join(' and ')}`;
}

const SILENT: ReadonlySet<AnswerState> = new Set(['unsupported', 'not-asked']);

function differ(rows: readonly (HeaderAnswers | null)[], features: readonly Feature[]): boolean {
  const told = rows.filter((row) => row !== null);
  const several = (words: readonly unknown[]): boolean => new Set(words).size > 1;
  const phones = told.filter(({ phone }) => phone.asked > 0).map(({ phone }) => phone.silenced > 0);
  return (
    several(phones) ||
    features.some((_, at) =>
      several(told.map(({ answers }) => answers[at]?.state ?? 'not-asked').filter((state) => !SILENT.has(state))),
    )
  );
}

/** One row for all spellings of a header, as long as every server treats them alike. */
function withoutSpellings(rows: readonly AcrossRow[]): AcrossRow[] {
  const groups = Map.groupBy(rows, ({ variant, answers }) =>
    JSON.stringify([meaningOf(variant), ...answers.map((each) => each && stateOf(each))]),
  );
  return [...groups.values()].flatMap(([first, ...alike]) =>
    first === undefined ? [] : [{ ...first, alike: alike.map(({ variant }) => variant) }],
  );
}

/** Features by what a header does to them, in the order of {@link AnswerState}s given: a state without features is left out. */
export function byState(
  { answers }: HeaderAnswers,
  states: readonly AnswerState[],
): { readonly state: AnswerState; readonly answers: BlockAnswers['rows'][number]['answers'] }[] {
  return states
    .map((state) => ({ state, answers: answers.filter((answer) => answer.state === state) }))
    .filter((each) => each.answers.length > 0);
}

/** What tells the columns apart, beside the policy. */
export interface Naming {
  readonly server: boolean;
  readonly transport: boolean;
}

export function namingOf(columns: readonly AcrossColumn[]): Naming {
  const blocks = columns.flatMap(blocksIn);
  const several = (pick: (block: Block) => string): boolean => new Set(blocks.map(pick)).size > 1;
  return { server: several(({ server }) => server), transport: several(({ transport }) => transport) };
}

/** Of a column, the one that its answers are shown of first. */
export function blocksIn({ block, alike }: AcrossColumn): Block[] {
  return [block, ...alike.map((each) => each.block)];
}

/** `ms-sipre on Kamailio 5.6.3, udp`; what is the same for all is left out. */
export function blockName(block: Block, naming: Naming, results: RunRows): string {
  const place = blockPlace(block, naming, results);
  return place === '' ? block.policy : `${block.policy} on ${place}`;
}

/** The same of several: `ms-sipre, rgs-2009 on Kamailio 5.6.3`. */
export function blockNames(blocks: readonly Block[], naming: Naming, results: RunRows): string {
  const places = Map.groupBy(blocks, (block) => blockPlace(block, naming, results));
  return [...places]
    .map(([place, of]) => `${of.map(({ policy }) => policy).join(', ')}${place === '' ? '' : ` on ${place}`}`)
    .join('; ');
}

/** Of it, `Kamailio 5.6.3, udp`; empty where nothing tells the columns apart. */
export function blockPlace({ server, transport }: Block, naming: Naming, results: RunRows): string {
  return [...(naming.server ? [serverTitle(results, server)] : []), ...(naming.transport ? [transport] : [])].join(
    ', ',
  );
}
