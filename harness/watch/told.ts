/** What a watcher's page is told, and its script reads: once in the page, then as events. All text in it is visible. */
import type { Message } from '../ladder/message.ts';
import type { CellRow, Verdict } from '../model/results.ts';

/** In the page of a run. */
export interface RunPlan {
  readonly tables: readonly TablePlan[];
  /** What a character of {@link RunState.cells} means, by character. */
  readonly codes: Readonly<Record<string, CellCode>>;
}

export interface TablePlan {
  readonly name: string;
  readonly rows: readonly { readonly id: string; readonly title: string }[];
  readonly columns: readonly { readonly id: string; readonly title: string }[];
}

export interface CellCode {
  readonly verdict: Verdict;
  readonly outcome: CellRow['observed']['outcome'];
  readonly sign: string;
}

/** A run at this moment, as whoever looks at one table of it sees it. */
export interface RunState {
  /** What is being done. */
  readonly doing: string;
  readonly leftMs: number | null;
  readonly figures: {
    readonly begun: number;
    readonly total: number;
    readonly underWay: number;
    readonly perSecond: number | null;
    readonly lateMs: number;
  } | null;
  /** By table. */
  readonly counts: readonly TableCounts[];
  /** The table that is looked at. */
  readonly table: number;
  /**
   * A character per place of it, `row * columns.length + column`: of a cell that is judged one of {@link RunPlan.codes},
   * `+` of one that is called and not judged yet, `-` of one that is not called yet, `.` where no cell is.
   */
  readonly cells: string;
  /** The latest cells that somebody has to look at, newest first. */
  readonly findings: readonly { readonly id: string; readonly verdict: Verdict; readonly why: string }[];
}

export interface TableCounts {
  readonly cells: number;
  readonly judged: number;
  readonly failed: number;
  readonly inconclusive: number;
}

/** A lab at this moment, as whoever looks at one call of it sees it. */
export interface LabState {
  /** The latest, newest first. */
  readonly calls: readonly LabCall[];
  /** Of the call that is looked at; none before there is one. */
  readonly messages: readonly Message[];
  /** How many more messages that call has. */
  readonly left: number;
  /** Its {@link LabCall.number}. */
  readonly call: number | null;
}

export interface LabCall {
  /** From 1, in the order in which they came. */
  readonly number: number;
  readonly callId: string;
  /** Start line of the request that it began with. */
  readonly began: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Final response to that request; null: none yet. */
  readonly status: number | null;
  readonly messages: number;
}
