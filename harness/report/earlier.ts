/** What a report says of the runs before this one. `harness/compare/earlier.ts` finds it out. */
import type { CellRow, Verdict } from '../model/results.ts';
import type { StoredRun } from '../results/stored-run.ts';
import type { RecordedCell } from './html/data.ts';

export interface EarlierRun {
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Its report's folder, relative to this one's; ends in a slash. */
  readonly href: string;
}

/** Cells that changed alike; never empty. */
export interface ChangedCells {
  /** The tone of a finding, from the verdicts' palette. */
  readonly tone: Verdict;
  /** `worse`, `better` and so on. */
  readonly kind: string;
  /** `pass → fail, kept out → not kept out` */
  readonly transition: string;
  /** Empty where there is no reason. */
  readonly why: string;
  /** The check that tells the two apart, as both sides have it. */
  readonly telling: string | null;
  /** As they are now. */
  readonly cells: readonly CellRow[];
}

export interface Earlier {
  /** Oldest first; never empty. All have cells of this run. */
  readonly runs: readonly EarlierRun[];
  /** The last of them, and what changed since, in a line and by what changed alike. */
  readonly since: {
    readonly run: EarlierRun;
    readonly line: string;
    readonly groups: readonly ChangedCells[];
    /** Every cell of both went the same way, and every claim: there is nothing to show. */
    readonly asBefore: boolean;
  };
  readonly verdictsOf: EarlierVerdicts;
  /** A cell that changed since the last run, as it was then; null where it is the same, or is new. */
  beforeOf(id: string): Promise<RecordedCell | null>;
}

/** `as in the run before, 2026-11-27 16:37 UTC`, where nothing changed. */
export function asBeforeText({ since: { run } }: Earlier): string {
  return `as in the run before, ${run.startedAt.slice(0, 16).replace('T', ' ')} UTC`;
}

export interface FoundEarlier {
  /** null: there is none. */
  readonly earlier: Earlier | null;
  /** Which runs were left out, and why. */
  readonly notes: readonly string[];
}

/** Of a cell in each of the runs before, oldest first; null where the run has no such cell. */
export type EarlierVerdicts = (id: string) => readonly (Verdict | null)[];

export interface FindEarlier {
  /** Of a run that is over. */
  find(run: StoredRun): Promise<FoundEarlier>;
  /** Of one that is not, of these cells: what {@link Earlier.verdictsOf} will say; null: there are none before it. */
  verdicts(ids: readonly string[]): Promise<EarlierVerdicts | null>;
}
