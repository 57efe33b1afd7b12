import type { Observation } from '../model/observation.ts';
import type { RunHeader } from '../model/results.ts';
import type { HeaderVariant } from '../model/scenario.ts';
import type { Cell } from '../plan/plan.ts';
import type { AskedServer } from '../servers/server.ts';
import type { Lab } from './lab.ts';
import type { OpenSite } from './site.ts';

/** Cells, the lab that they are called in, and how fast. */
export interface RunOptions {
  readonly cells: readonly Cell[];
  /** The one that the site brings up: what it lacks, and which ways it has to the traps. @default Kamailio with the lab's routing */
  readonly server?: AskedServer;
  /** All variants of the matrix: header fields of any of them are looked for in every INVITE. */
  readonly variants: readonly HeaderVariant[];
  /** Where the lab is to stand: `processSite(...)`, `dockerSite(...)`. */
  readonly openSite: OpenSite;
  /** An existing directory for this run's files. */
  readonly workDir: string;
  /** Names this run on the wire: 4 or more of a-z and 0-9, different for every run. */
  readonly token: string;
  /** Calls begun per second, over all callers, at most: the lab's lateness slows it. */
  readonly rate: number;
  readonly concurrency: number;
  /** Every cell is called so often. @default 1 */
  readonly repeat?: number;
  /** How many calls are placed, judged and let go together. @default 400 */
  readonly batchCells?: number;
  /** What is added to the server's own timers before absence may be claimed. @default 1000 */
  readonly slackMs?: number;
  /** How long the voice mail greeting plays. @default 1000 */
  readonly greetingMs?: number;
  /** A round of canaries begins this often while calls are placed. @default 3000 */
  readonly canaryEveryMs?: number;
  /** How long one canary call may take. @default 4000 */
  readonly canaryTimeoutMs?: number;
  /** How long the user agent under test may take until its accounts are registered. @default 20000 */
  readonly uaReadyTimeoutMs?: number;
  /**
   * With lent accounts: how long a call that goes on after its window is waited for; then nobody else is called there.
   * @default 64000, twice as long as a server repeats anything (RFC 3261 17.1.1.2)
   */
  readonly openCallTimeoutMs?: number;
  /** Told every now and then how far the calls are. */
  readonly onProgress?: (progress: Progress) => void;
  /** Told of cells that are called now, as fast as the rate lets them begin. */
  readonly onCalled?: (cells: readonly Cell[]) => void;
  /** The lab is up and no call is placed yet: for those who want to watch it, or to break it. */
  readonly onLab?: (lab: Lab) => void;
  /** Ends the run early; what is finished is kept. */
  readonly signal?: AbortSignal;
}

export interface Progress {
  readonly phase: 'lab' | 'phones' | 'canaries' | 'calls' | 'window' | 'reading';
  /** One short line. */
  readonly text: string;
  /** What has come of it so far, for a display that is drawn again and again. */
  readonly detail?: () => string;
  /** How long the calls will take from now on, their windows and canaries included. */
  readonly leftMs?: () => number;
  /** How the calls stand, for whoever shows more than a line; absent before the first. */
  readonly figures?: () => CallFigures;
}

export interface CallFigures {
  /** Calls that have begun, those that were placed again among them, of how many. */
  readonly begun: number;
  readonly total: number;
  /** Begun and not judged yet: they go on, their windows are open, or their record waits for its reader. */
  readonly underWay: number;
  /** null: as accounts are free. */
  readonly perSecond: number | null;
  /** How late the lab is now. */
  readonly lateMs: number;
}

/** What is known of a run beside its calls. */
export interface RunFacts {
  readonly server: { readonly id: string; readonly name: string; readonly version: string };
  /** The user agent under test; null: the callees' phones are ours. */
  readonly ua: { readonly id: string; readonly name: string; readonly version: string } | null;
  readonly caller: { readonly id: string; readonly name: string; readonly version: string };
  readonly ended: RunHeader['run']['ended'];
  readonly trouble: string | null;
  /** What a reader must know of how the evidence was had. */
  readonly warnings: readonly string[];
  /** From the start to everything up and connected. */
  readonly labReadyMs: number;
}

/** What was seen of each cell, and what there is to say of the run as a whole. */
export interface RunOutcome extends RunFacts {
  /** By cell id; one for every cell, placed or not. */
  readonly observations: ReadonlyMap<string, Observation>;
  /** By the id of the cell that is held against it: of the control that was called with it, where both were seen. */
  readonly controls: ReadonlyMap<string, Observation>;
}
