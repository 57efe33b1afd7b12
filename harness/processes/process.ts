import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { LabError } from '../errors.ts';
import { NotStarted, type Program, starter } from './starter.ts';

export interface ProcessOptions {
  /** Name on PATH or absolute path. Never a shell line. */
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** @default the environment of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** Receives standard output and error, appended. Written by the child itself, so nothing is lost when we die. */
  readonly logFile: string;
  /** Milliseconds between SIGTERM and SIGKILL in {@link StartedProcess.stop}. @default 2_000 */
  readonly killAfterMs?: number;
  /** Keeps its standard input open for {@link StartedProcess.write}. @default false: it is empty */
  readonly input?: boolean;
  /** What to do when the program is missing, e.g. `apt-get install sip-tester`. */
  readonly install?: string;
}

export interface ProcessExit {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of the log, at most 4,000 bytes. */
  readonly logTail: string;
}

const LOG_TAIL_BYTES = 4_000;

/**
 * Starts a program as the leader of a process group of its own.
 * @throws {LabError} if it cannot be started; names the program and what to install.
 */
export async function startProcess(options: ProcessOptions): Promise<StartedProcess> {
  const { command, args, cwd, env = process.env, logFile, killAfterMs = 2_000, install, input = false } = options;
  if (!existsSync(cwd)) throw new LabError(`Cannot start ${command}: its working directory ${cwd} does not exist.`);
  try {
    const program = await starter.start({ command, args, cwd, env, logFile, input });
    return new StartedProcess(program, command, logFile, killAfterMs);
  } catch (cause) {
    if (cause instanceof NotStarted && cause.at === 'log') throw cause;
    throw notStarted(command, install, cause);
  }
}

function notStarted(command: string, install: string | undefined, cause: unknown): LabError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const seen =
    code === 'ENOENT' ? 'it is not installed' : code === 'EACCES' ? 'it may not be executed' : (message ?? 'unknown');
  const remedy = install === undefined ? `Install ${command} or name its path.` : `Try: ${install}`;
  return new LabError(`Cannot start ${command}: ${seen}. ${remedy}`, { cause });
}

/** A running program. However we end, it ends with us (see watchdog.sh). */
export class StartedProcess implements AsyncDisposable {
  readonly command: string;
  readonly pid: number;
  /** Settles once, when the program has ended; what was left of its group has then been killed. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  readonly #program: Program;
  readonly #logFile: string;
  readonly #killAfterMs: number;
  #stopping: Promise<ProcessExit> | undefined;
  #isRunning = true;

  constructor(program: Program, command: string, logFile: string, killAfterMs: number) {
    this.command = command;
    this.pid = program.pid;
    this.#program = program;
    this.#logFile = logFile;
    this.#killAfterMs = killAfterMs;
    this.exited = this.#watch();
  }

  get running(): boolean {
    return this.#isRunning;
  }

  /** For its standard input, if that was kept open. */
  write(text: string): void {
    this.#program.write(text);
  }

  /** The last lines of the log so far. */
  logTail(): string {
    return readTail(this.#logFile, LOG_TAIL_BYTES);
  }

  /** SIGTERM to the program, SIGKILL to its whole group if it does not end in time. Safe to call twice. */
  stop(): Promise<ProcessExit> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<ProcessExit> {
    this.#program.end('SIGTERM');
    const kill = setTimeout(() => this.#program.end('SIGKILL'), this.#killAfterMs);
    return this.exited.finally(() => clearTimeout(kill));
  }

  /** Without file descriptors to spare, the log cannot be read; that the program ended must be told all the same. */
  #tailOrWhy(): string {
    try {
      return this.logTail();
    } catch (error) {
      return `(its log cannot be read: ${(error as Error).message})`;
    }
  }

  async #watch(): Promise<ProcessExit> {
    const { code, signal } = await this.#program.ended;
    this.#isRunning = false;
    return { code, signal, logTail: this.#tailOrWhy() };
  }
}

function readTail(file: string, bytes: number): string {
  if (!existsSync(file)) return ''; // its folder was removed before the program ended
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const from = Math.max(0, size - bytes);
    const buffer = Buffer.alloc(size - from);
    readSync(fd, buffer, 0, buffer.length, from);
    const text = sanitized(buffer);
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    closeSync(fd);
  }
}

/** A log as text. Programs log what strangers sent them; none of it may reach a terminal as a control sequence. */
export function sanitized(log: Buffer): string {
  return log.toString('utf8').replaceAll(/[^\P{Cc}\n\t]/gu, '\u{FFFD}');
}
