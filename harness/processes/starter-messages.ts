/** What the process that starts programs is told, and tells. Programs are named by numbers of who asks. */

export type Order =
  | { readonly program: number; readonly start: ProgramToStart }
  /** For its standard input. */
  | { readonly program: number; readonly write: string }
  /** SIGTERM to the program alone, SIGKILL to its whole group. */
  | { readonly program: number; readonly end: 'SIGTERM' | 'SIGKILL' };

export interface ProgramToStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  readonly input: boolean;
}

export type News =
  | { readonly program: number; readonly pid: number }
  | { readonly program: number; readonly failed: SystemError }
  | { readonly program: number; readonly ended: HowEnded };

/** What Node.js says of a call to the system that failed, such as `ENOENT`. */
export interface SystemError {
  readonly code: string | undefined;
  readonly message: string;
  /** What could not be done: the program did not start, or there is no file to be its log. */
  readonly at: 'program' | 'log';
}

/** `code` is null when a signal ended it. */
export interface HowEnded {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}
