import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { LabError } from '../errors.ts';
import { unwatchGroup, watchGroup } from './watchdog.ts';

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
  const log = openSync(logFile, 'a');
  let child: ChildProcess;
  try {
    child = spawn(command, args, { cwd, env, detached: true, stdio: [input ? 'pipe' : 'ignore', log, log] });
    // A program that ended does not read any more: that it ended is told otherwise.
    child.stdin?.on('error', () => {});
    // Listed in the same tick as the fork: later would leave a gap in which `kill -9` orphans the child.
    if (child.pid !== undefined) watchGroup(child.pid);
    await once(child, 'spawn');
  } catch (cause) {
    throw notStarted(command, install, cause);
  } finally {
    closeSync(log);
  }
  return new StartedProcess(child, command, logFile, killAfterMs);
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
  readonly #child: ChildProcess;
  readonly #logFile: string;
  readonly #killAfterMs: number;
  #stopping: Promise<ProcessExit> | undefined;

  constructor(child: ChildProcess, command: string, logFile: string, killAfterMs: number) {
    this.command = command;
    this.pid = child.pid as number;
    this.#child = child;
    this.#logFile = logFile;
    this.#killAfterMs = killAfterMs;
    this.exited = this.#watch();
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** For its standard input, if that was kept open. */
  write(text: string): void {
    this.#child.stdin?.write(text);
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
    if (this.running) this.#child.kill('SIGTERM');
    const kill = setTimeout(() => signalGroup(this.pid, 'SIGKILL'), this.#killAfterMs);
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
    if (this.running) await once(this.#child, 'exit');
    // The leader alone ended: whatever it had started has nobody to end it any more.
    signalGroup(this.pid, 'SIGKILL');
    unwatchGroup(this.pid);
    return { code: this.#child.exitCode, signal: this.#child.signalCode, logTail: this.#tailOrWhy() };
  }
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
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
