import { type CellRow, isUnsteady, type RunRows } from '../model/results.ts';
import type { Feature } from '../model/scenario.ts';
import { type Block, blocksOf, featureColumns } from './grid.ts';
import type { ANSWER_STATES } from './html/page-data.ts';

/**
 * What a header does to a feature, over all of its situations. `kept-out`: proven in every one. `mixed`: in some, and
 * in others not. `not-kept-out`: never, and at least once proven. `not-proven`: the record does not bear any of these;
 * a header that was seen to work in some situations while others are inconclusive is among them.
 */
export type AnswerState = (typeof ANSWER_STATES)[number];

/** A header and a feature. Counts are of situations. */
export interface Answer {
  readonly feature: Feature;
  readonly state: AnswerState;
  /** Those that the server can play. */
  readonly asked: number;
  readonly keptOut: number;
  readonly notProven: number;
  /** Proven, but no source says what must happen. */
  readonly unspecified: number;
  readonly failed: number;
  /** The cell that shows it best; null when nothing was asked. */
  readonly shownBy: CellRow | null;
}

/** Whether the callee's own phone is called as without the header: one that is not was refused, not spared. */
export interface PhoneAnswer {
  /** Situations in which the control called it, and both calls are proven. */
  readonly asked: number;
  readonly silenced: number;
  readonly shownBy: CellRow | null;
}

/** Calls whose control is proven as they are; `alike`: who was called, and how it ended, was the same. */
export interface BesideControl {
  readonly asked: number;
  readonly alike: number;
}

export interface HeaderAnswers {
  readonly variant: Variant;
  /** In the order of {@link BlockAnswers.features}. */
  readonly answers: readonly Answer[];
  readonly phone: PhoneAnswer;
  readonly beside: BesideControl;
  /** Other spellings of the same header lines that got the same answers. */
  readonly alike: readonly Variant[];
}

/** The answers of one table of the matrix. */
export interface BlockAnswers {
  readonly block: Block;
  readonly features: readonly Feature[];
  readonly control: HeaderAnswers | null;
  /** Every row, the control too, each spelling for itself. */
  readonly rows: readonly HeaderAnswers[];
  /** Headers of which some source says that they keep a call out of something, and what an application sends by itself, or somebody asked about. */
  readonly inhibitors: readonly HeaderAnswers[];
  /** Decoys, malformed headers, and kinds that only a user's file knows. */
  readonly others: readonly HeaderAnswers[];
}

type Variant = RunRows['variants'][number];

const knownAnswers = new WeakMap<RunRows, readonly BlockAnswers[]>();

/** Which header keeps a call out of what, for each server and policy. Made once of each run. Pure. */
export function answersOf(results: RunRows): readonly BlockAnswers[] {
  const known = knownAnswers.get(results);
  if (known !== undefined) return known;
  const answers = makeAnswers(results);
  knownAnswers.set(results, answers);
  return answers;
}

function makeAnswers(results: RunRows): BlockAnswers[] {
  // Over-blocking and calls that ask for the trap say nothing of diversion: their controls are not diverted.
  const diversions = results.situations.filter(({ kind }) => kind === 'diversion');
  const columns = featureColumns({ situations: diversions });
  const byId = new Map(results.cells.map((cell) => [cell.id, cell]));
  return blocksOf(results).map((block) => {
    const rows = block.variants.map((variant): HeaderAnswers => {
      const cellsOf = (situations: RunRows['situations']): CellRow[] =>
        situations.map(({ id }) => block.cellAt(variant.id, id)).filter((cell) => cell !== undefined);
      return {
        variant,
        answers: columns.map(({ feature, situations }) => answerOf(feature, cellsOf(situations))),
        phone: phoneAnswer(cellsOf(results.situations), byId),
        beside: besideControl(cellsOf(results.situations), byId),
        alike: [],
      };
    });
    return {
      block,
      features: columns.map(({ feature }) => feature),
      rows,
      control: rows.find(({ variant }) => variant.kind === 'control') ?? null,
      inhibitors: withoutSpellings(rows.filter(({ variant }) => isAskedAbout(variant))),
      others: rows.filter(({ variant }) => !isAskedAbout(variant) && variant.kind !== 'control'),
    };
  });
}

/** What an application under test sends by itself is what its author wants to know of. */
export function isAskedAbout({ kind }: Variant): boolean {
  return kind === 'inhibitor' || kind === 'as-sent' || kind === 'asked';
}

function answerOf(feature: Feature, cells: readonly CellRow[]): Answer {
  const playable = cells.filter(({ verdict }) => verdict !== 'unsupported');
  const proven = playable.filter(isProven);
  const suppressed = proven.filter(({ observed }) => observed.outcome === 'suppressed');
  const engaged = proven.filter(({ observed }) => observed.outcome === 'engaged');
  const notProven = playable.length - proven.length;
  const state = ((): AnswerState => {
    if (cells.length === 0) return 'not-asked';
    if (playable.length === 0) return 'unsupported';
    if (suppressed.length > 0 && engaged.length > 0) return 'mixed';
    if (engaged.length > 0) return 'not-kept-out';
    return notProven === 0 ? 'kept-out' : 'not-proven';
  })();
  const telling = state === 'not-proven' ? playable.filter((cell) => !isProven(cell)) : [...suppressed, ...engaged];
  return {
    feature,
    state,
    asked: playable.length,
    keptOut: suppressed.length,
    notProven,
    unspecified: proven.filter(({ verdict }) => verdict === 'unspecified').length,
    failed: proven.filter(({ verdict }) => verdict === 'fail').length,
    shownBy: telling.find(({ verdict }) => verdict === 'fail') ?? telling[0] ?? cells[0] ?? null,
  };
}

function phoneAnswer(cells: readonly CellRow[], byId: ReadonlyMap<string, CellRow>): PhoneAnswer {
  const comparable = cells.filter((cell) => {
    const control = cell.control === null ? cell : byId.get(cell.control.id);
    return control !== undefined && isProven(cell) && isProven(control) && phoneWasCalled(control);
  });
  const silenced = comparable.filter((cell) => !phoneWasCalled(cell));
  return {
    asked: comparable.length,
    silenced: silenced.length,
    shownBy: silenced[0] ?? comparable[0] ?? null,
  };
}

function besideControl(cells: readonly CellRow[], byId: ReadonlyMap<string, CellRow>): BesideControl {
  const pairs = cells.flatMap((cell) => {
    const control = byId.get(cell.control?.id ?? '');
    return control !== undefined && isProven(cell) && isProven(control) ? [[cell, control] as const] : [];
  });
  return { asked: pairs.length, alike: pairs.filter(([cell, control]) => courseOf(cell) === courseOf(control)).length };
}

function courseOf({ observed }: CellRow): string {
  const { outcome, status, calleeRang, legs } = observed;
  return [outcome, status, calleeRang, ...legs.map(({ role }) => role).toSorted()].join(' ');
}

/** `unspecified` too: what happened is as proven as with any other verdict, only nobody says what should. */
export function isProven(cell: CellRow): boolean {
  const { verdict, observed } = cell;
  return !isUnsteady(cell) && verdict !== 'inconclusive' && verdict !== 'unsupported' && observed.outcome !== 'unknown';
}

export function phoneWasCalled({ observed }: CellRow): boolean {
  return observed.calleeRang || observed.legs.some(({ role }) => role === 'phone');
}

/** One row for all spellings of a header, as long as the server treats them alike. */
function withoutSpellings(rows: readonly HeaderAnswers[]): HeaderAnswers[] {
  const groups = Map.groupBy(rows, (row) => JSON.stringify([meaningOf(row.variant), ...stateOf(row)]));
  return [...groups.values()].flatMap(([first, ...alike]) =>
    first === undefined ? [] : [{ ...first, alike: alike.map(({ variant }) => variant) }],
  );
}

/** What two rows have in common that got the same answers. */
export function stateOf({ answers, phone }: HeaderAnswers): readonly unknown[] {
  return [
    ...answers.map(({ state, asked, keptOut, notProven, failed }) => [state, asked, keptOut, notProven, failed]),
    phone.silenced,
  ];
}

/** Header lines without what RFC 3261 7.3.1 and 7.3.5 call insignificant: case, and blanks around and within. */
export function meaningOf({ headers }: Variant): string[] {
  return headers.map((line) => {
    const [name = '', ...value] = line.split(':');
    return `${name.trim()}: ${value.join(':').trim().replaceAll(/\s+/g, ' ')}`.toLowerCase();
  });
}
