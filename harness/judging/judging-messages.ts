import type { CallerMessage } from '../callers/caller.ts';
import type { PlacedCell } from '../run/call-groups.ts';
import type { Tenancy } from '../run/directory.ts';
import type { CallKey } from '../run/identity.ts';
import type { BatchRecord, FiledEntry } from '../run/reader.ts';
import type { RawItem } from '../run/wire-log.ts';
import type { Batch } from '../run/work.ts';
import type { Finished, JudgedBatch, JudgingOptions } from './judging.ts';
import type { Pack } from './wire-pack.ts';

/** What the process that judges is asked; `open` comes first. */
export type Question =
  | { readonly ask: 'open'; readonly options: JudgingOptions }
  | {
      readonly ask: 'take';
      readonly records: Pack<Omit<RawItem, 'bytes'>>;
      readonly filed: readonly FiledEntry[];
      readonly tenancies: readonly Tenancy[];
    }
  | { readonly ask: 'still-open'; readonly placed: readonly PlacedCell[] }
  | {
      readonly ask: 'callers';
      readonly messages: Pack<Omit<CallerMessage, 'bytes'>>;
      readonly placed: readonly PlacedCell[];
      readonly nowEpochMs: number;
    }
  | { readonly ask: 'read'; readonly batch: Batch; readonly record: BatchRecord }
  | { readonly ask: 'finish' };

/** To what is asked; `open` and `take` are only told. */
export interface Answers {
  /** When the last window of these calls ends, epoch milliseconds. */
  readonly callers: number;
  readonly 'still-open': readonly CallKey[];
  readonly read: JudgedBatch;
  readonly finish: Finished;
}

export type Answer = Answers[keyof Answers];
