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
import { type Block, serverTitle } from './grid.ts';

type Variant = RunRows['variants'][number];

/** A server and policy, with those that every cell of went the same way. */
export interface AcrossColumn {
  readonly block: Block;
  /** In matrix order. */
  readonly alike: readonly Block[];
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
  /** Columns that came out the same are one. */
  readonly columns: readonly AcrossColumn[];
  readonly control: AcrossRow | null;
  /** As {@link BlockAnswers.inhibitors}. */
  readonly inhibitors: readonly AcrossRow[];
  readonly others: readonly AcrossRow[];
}

/** Pure. */
export function acrossOf(results: RunRows): Across {
  // Servers as they were asked for: the matrix has them by name.
  const servers = Object.keys(results.run.servers);
  const asked = answersOf(results)
    .filter(({ features }) => features.length > 0)
    .toSorted((a, b) => servers.indexOf(a.block.server) - servers.indexOf(b.block.server));
  const folded = [...Map.groupBy(asked, ({ block }) => courseOf(block, results)).values()];
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
    columns: columns.map(({ first, alike }) => ({ block: first.block, alike: alike.map(({ block }) => block) })),
    control: rows.find(isControl) ?? null,
    inhibitors: withoutSpellings(rows.filter(({ variant }) => isAskedAbout(variant))),
    others: withoutSpellings(rows.filter((row) => !isAskedAbout(row.variant) && !isControl(row))),
  };
}

/**
 * What was seen in every cell of a table, as one text: equal texts are equal columns. What is not proven equals nothing, and
 * what speaks against the sources of one policy is not hidden behind another.
 */
function courseOf(block: Block, { variants, situations }: RunRows): string {
  const seen = variants.flatMap((variant) =>
    situations.map(({ id }) => {
      const cell = block.cellAt(variant.id, id);
      return cell === undefined ? '' : wayOf(cell);
    }),
  );
  return seen.join(' ');
}

function wayOf(cell: CellRow): string {
  if (cell.verdict === 'unsupported') return '-';
  if (!isProven(cell)) return cell.id;
  const { outcome } = cell.observed;
  return `${outcome[0]}${phoneWasCalled(cell) ? '' : 'x'}${cell.verdict === 'fail' ? '!' : ''}`;
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
  const blocks = columns.flatMap(({ block, alike }) => [block, ...alike]);
  const several = (pick: (block: Block) => string): boolean => new Set(blocks.map(pick)).size > 1;
  return { server: several(({ server }) => server), transport: several(({ transport }) => transport) };
}

/** `ms-sipre on Kamailio 5.6.3, udp`; what is the same for all is left out. */
export function blockName(block: Block, naming: Naming, results: RunRows): string {
  const place = blockPlace(block, naming, results);
  return place === '' ? block.policy : `${block.policy} on ${place}`;
}

/** Of it, `Kamailio 5.6.3, udp`; empty where nothing tells the columns apart. */
export function blockPlace({ server, transport }: Block, naming: Naming, results: RunRows): string {
  return [...(naming.server ? [serverTitle(results, server)] : []), ...(naming.transport ? [transport] : [])].join(
    ', ',
  );
}
