/** What a report is: files of a folder, made of a run. */
import type { CellResult, RunHeader } from '../model/results.ts';
import type { StoredRun } from '../results/stored-run.ts';
import type { FirstDeviation } from './deviation.ts';

/** One form of report, made when the run is over or begun while calls go on. */
export type Renderer = WholeRenderer | EarlyRenderer;

interface ReportForm {
  /** Names it in messages. */
  readonly id: string;
  /** What it writes, relative to the folder of the report; a folder ends with a slash. The page links to the files. */
  readonly files: readonly string[];
  /** What goes wrong with it is a warning, not the end of the command. @default false */
  readonly mayFail?: boolean;
}

/** A report that is written when the run is over. */
export interface WholeRenderer extends ReportForm {
  /** @throws what kept it from being written */
  render(run: FinishedRun, place: ReportPlace): Promise<void>;
}

/** One that takes long. Whatever it was told early, what it says in the end is of the finished run. */
export interface EarlyRenderer extends ReportForm {
  /** Before the first call. @returns what is told of cells as they are judged */
  begin(place: ReportPlace, planned: PlannedReport): Rendering;
}

export interface Rendering extends AsyncDisposable {
  /**
   * What is known of some cells by now: a later result of the same id takes the place of an earlier one. It returns at once,
   * and calls need the machine more than reports do.
   */
  add(results: readonly CellResult[], toCome: ToCome): void;
  /** Once, at the end. @throws what kept it from being written */
  render(run: FinishedRun): Promise<void>;
}

/** Calls are being placed, or their last windows are waited out, or all is judged. */
export type ToCome = 'calls' | 'windows' | 'nothing';

/** A run that is over. Its verdicts are final: no renderer has a say in them. */
export interface FinishedRun extends StoredRun {
  /** By cell id: where the call goes another way than its control, of the first cell of each cause. */
  readonly deviations: ReadonlyMap<string, FirstDeviation>;
}

export interface ReportPlace {
  /** An existing folder; `results.json` and `traces/` are in it when the run is over. */
  readonly dir: string;
  /** Files that a page may link to, relative to `dir`: all that is written but folders. */
  readonly files: readonly string[];
}

/** What a report can know before there are results. Every {@link RunRows} has it. */
export interface PlannedReport extends Pick<RunHeader, 'situations' | 'variants'> {
  readonly cells: readonly { readonly id: string }[];
}
