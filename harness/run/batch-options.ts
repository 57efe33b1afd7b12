import type { CallerMessage } from '../callers/caller.ts';
import type { PlacedCell } from './call-groups.ts';
import type { Tenancy } from './directory.ts';
import type { CallKey } from './identity.ts';
import type { BatchRecord, FiledEntry } from './reader.ts';
import type { RunFacts, RunOptions } from './run-options.ts';
import type { RawItem } from './wire-log.ts';
import type { Batch } from './work.ts';

/** Who reads what was recorded: on this thread, or on another. */
export interface Reading {
  /** @param tenancies of lent accounts, that have begun or ended since the last time */
  take(records: readonly RawItem[], filed: readonly FiledEntry[], tenancies: readonly Tenancy[]): void;
  /** @returns when the last window of these calls ends */
  takeCallers(messages: readonly CallerMessage[], placed: readonly PlacedCell[], nowEpochMs: number): Promise<number>;
  /** @returns those of these calls that are not over, by what was taken so far */
  stillOpen(placed: readonly PlacedCell[]): Promise<readonly CallKey[]>;
  /** @returns ids of cells that proved nothing for a reason of our own, and are to be called again */
  read(batch: Batch, record: BatchRecord): Promise<readonly string[]>;
}

export interface BatchOptions extends RunOptions {
  readonly reading: Reading;
  /** How often a cell is called again at most that proved nothing because the lab was late, or its caller died. @default 0 */
  readonly again?: number;
  /** Told before cells are called again. */
  readonly onAgain?: (cells: number, perSecond: number) => void;
}

export interface BatchFacts extends RunFacts {
  /** Why cells were not placed that the user agent under test cannot play, by cell id. */
  readonly unplayable: ReadonlyMap<string, string>;
}
