/** What the report's page is handed, and reads: as JSON in the page itself and in the files of `data/`. */

import type { Message } from '../../ladder/message.ts';
import { cellPlace, commonId } from '../../model/cell-id.ts';
import type { CellResult, RunHeader, Verdict } from '../../model/results.ts';
import type { Feature } from '../../model/scenario.ts';

type Claim = RunHeader['claims'][number];

/** What the page knows from the start. All text in it is visible. */
export interface PageData {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly run: {
    readonly id: string;
    /** All that took part but the servers under test. */
    readonly programs: string;
    /** What each is called, with its version, by id. */
    readonly servers: Readonly<Record<string, string>>;
  };
  /** There is nothing beside the page: it was made to be sent alone. */
  readonly alone: boolean;
  /** Runs before this one, oldest first. */
  readonly earlier: readonly PageRun[];
  readonly claims: readonly Claim[];
  readonly situations: readonly { readonly id: string; readonly title: string }[];
  readonly variants: readonly PageVariant[];
  readonly matrix: MatrixData;
  /** Or the file that it is in, when the page is large. */
  readonly which: WhichData | string;
  /** Where the cells of each {@link groupKey} are: a {@link PageCell} array. */
  readonly files: readonly (readonly [groupKey: string, file: string])[];
}

export interface PageRun {
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Its report's folder, ends in a slash; null: it is not beside the page. */
  readonly href: string | null;
}

export interface PageVariant {
  readonly id: string;
  readonly title: string;
  /** In lower case. */
  readonly headerNames: readonly string[];
}

/** What a header does to a feature, best first; `report/answers.ts` says what each means. */
export const ANSWER_STATES = ['kept-out', 'mixed', 'not-kept-out', 'not-proven', 'unsupported', 'not-asked'] as const;

/** What "Which header do I send?" is answered from. */
export interface WhichData {
  readonly features: readonly Feature[];
  /** As in the table of all servers and policies: blocks that came out the same are one, named by the first. */
  readonly columns: readonly { readonly blocks: readonly string[]; readonly name: string }[];
  /** What an INVITE can carry; in the order of the matrix, what some source describes before what none does. */
  readonly rows: readonly WhichRow[];
}

export interface WhichRow {
  readonly variant: string;
  /** Header lines, to copy. */
  readonly lines: readonly string[];
  readonly isDescribed: boolean;
  /** By column; null where it was not sent. */
  readonly answers: readonly (WhichAnswer | null)[];
}

/** What a server does with a header. Cells are named by the index of their situation, -1 is none. */
export interface WhichAnswer {
  /** By feature: an index of {@link ANSWER_STATES}, the cell that shows it, and how many cells speak against the sources. */
  readonly features: readonly (readonly [state: number, shownBy: number, failed: number])[];
  /** Situations in which the callee's own phone is not called as without the header, of how many. */
  readonly phone: readonly [silenced: number, asked: number, shownBy: number];
  /** By feature: ids of claims that say that it must be kept out; none where it is not. */
  readonly claims: readonly (readonly string[])[];
}

/** Every cell in a few bytes. A place of a table is `row * columns.length + column`. */
export interface MatrixData {
  readonly verdicts: readonly Verdict[];
  readonly columns: readonly { readonly feature: Feature; readonly situation: string }[];
  readonly blocks: readonly MatrixBlock[];
  /** Or the file that they are in, when the page is large. */
  readonly reasons: MatrixReasons | string;
}

/** A table of the matrix. */
export interface MatrixBlock {
  readonly policy: string;
  readonly server: string;
  readonly transport: string;
  readonly path: string;
  /** Index of each row's variant. */
  readonly variants: readonly number[];
  /**
   * A character per place: the index of the cell's verdict, that of an unsteady cell as many more as there are verdicts,
   * or a dot where no cell is.
   */
  readonly cells: string;
}

/** Why cells are what they are. */
export interface MatrixReasons {
  readonly texts: readonly string[];
  /** For each table its places with the index of their text, in turn: `[3, 0, 17, 1]`. */
  readonly at: readonly (readonly number[])[];
  /** Final responses to the caller; for each table a character per place, as many after `0` as the index of its own, or a dot. */
  readonly statuses: readonly number[];
  readonly statusAt: readonly string[];
}

/** Messages of a call, as many as the page shows. */
export interface PageMessages {
  /** `raw` as it was on the wire, a character per byte: the page makes it visible, and hands it out whole. */
  readonly messages: readonly Message[];
  /** How many more there are. */
  readonly left: number;
}

/** A cell with its details. */
export interface PageCell extends PageMessages {
  readonly cell: CellResult;
  /** Of the calls in `repeats.others`, in the same order; absent when there are none. */
  readonly others?: readonly PageMessages[];
  /** A character for each run of `earlier`: the index of the cell's verdict, or a dot; absent when there are none. */
  readonly past?: string;
  /** As it was in the last of them; absent where it went the same way. */
  readonly before?: PageMessages & { readonly cell: CellResult };
}

/** Cells of one file of `data/`: those that differ in the variant only, so that a cell and its control come together. */
export function groupKey(cellId: string): string {
  return commonId(cellPlace(cellId), ['variant']);
}

/** A verdict where there is room for a character. No circle: in the matrix that is what became of a call, not whether it was right. */
export const VERDICT_MARKS: Readonly<Record<Verdict, string>> = {
  pass: '✓',
  fail: '✕',
  inconclusive: '?',
  unsupported: '-',
  unspecified: '~',
};

/** Only these are links; anything else, such as `javascript:`, is shown as text. */
export function isWebAddress(url: string): boolean {
  return /^https?:\/\/[^\s]+$/i.test(url);
}
