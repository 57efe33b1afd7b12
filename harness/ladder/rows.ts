/** What stands on the lines of a ladder. */
import type { CellResult } from '../model/results.ts';
import type { Message, Tone } from './message.ts';

/** What a ladder reads of a cell. */
export interface LadderCell extends Pick<CellResult, 'verdict' | 'feature' | 'trap' | 'expected' | 'proof' | 'checks'> {
  readonly observed: Pick<CellResult['observed'], 'outcome' | 'legs' | 'notifications' | 'arrivals'>;
}

/** A call: what was judged of it, and its messages in order of time. */
export interface Flow {
  readonly cell: LadderCell;
  readonly messages: readonly Message[];
}

interface Placed {
  readonly atMs: number;
  /** Rows of one sort may share a line with those of the other call. */
  readonly sort: string;
  readonly wrong: boolean;
}

interface Arrow extends Placed {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** A message that came. */
export interface MessageRow extends Arrow {
  readonly type: 'message';
  /** Among the call's messages. */
  readonly index: number;
  readonly tone: Tone;
  /** Index of the message that this one repeats; -1: none. */
  readonly repeats: number;
  readonly cancel: boolean;
  readonly atTrap: boolean;
  /** What is remarkable. */
  readonly text: string | null;
  /** Index among the other call's messages of the one that belongs to it. */
  readonly twin: number | null;
}

/** A message that did not come. */
export interface Ghost extends Arrow {
  readonly type: 'ghost';
  readonly text: string;
}

/** What was filed in a mailbox. */
export interface Filed extends Arrow {
  readonly type: 'note';
  readonly text: string;
}

/** What makes the absence of a message believable, and what shows that a voice mail took the call which gets none. */
export interface ProofRow extends Placed {
  readonly type: 'proof';
  readonly kind: 'canary' | 'window' | 'timer' | 'arrival';
  readonly text: string;
}

export type Row = MessageRow | Ghost | Filed | ProofRow;

/** What lasts, on the lifeline of a role: slots `first` to `last`. */
export interface Bar {
  readonly role: string;
  readonly state: 'rings' | 'talks' | 'waits';
  readonly first: number;
  readonly last: number;
  readonly text: string;
}

/** One call of a ladder: a row, or nothing, per slot. */
export interface Side {
  readonly rows: readonly (Row | null)[];
  readonly bars: readonly Bar[];
}

export interface Lane {
  readonly role: string;
  readonly name: string;
  /** It proves the feature. */
  readonly trap: boolean;
}

export interface Ladder {
  readonly lanes: readonly Lane[];
  readonly slots: readonly { readonly atMs: number; readonly idleBeforeMs: number | null }[];
  readonly own: Side;
  readonly control: Side | null;
}
