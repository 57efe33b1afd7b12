import { readFileSync, watch as watchFile } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ProcessExit, startProcess } from '../../harness/processes/process.ts';
import { openCgroup } from './cgroup.ts';
import { HAS_PROC, type Others, watchMachine } from './machine-cpu.ts';
import { cpuMsSeen, MARK, Watch } from './watch.ts';

export interface CostOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Made if it is not there; the log is kept in it. */
  readonly dir: string;
  readonly env?: NodeJS.ProcessEnv;
  /** After which the command is ended. */
  readonly timeoutMs: number;
  /** @default 200 */
  readonly lookEveryMs?: number;
  /** How long what it started may outlive it. @default 5_000 */
  readonly outliveMs?: number;
  /** `proc` leaves control groups alone, also where one can be had. @default 'cgroup' */
  readonly countBy?: 'cgroup' | 'proc';
}

export interface Cost extends Others {
  readonly exit: ProcessExit;
  readonly wallMs: number;
  /** User and system time of all processes that the command started, itself among them; null where there is no /proc. */
  readonly cpuMs: number | null;
  readonly countedBy: 'control group' | '/proc' | 'nothing';
  /** The process with the most memory; null where there is no /proc. */
  readonly largest: { readonly command: string; readonly peakMb: number } | null;
  /** What it wrote, line by line, and when, counted from its start. */
  readonly lines: readonly TimedLine[];
  /** Processes that outlived it by more than {@link CostOptions.outliveMs}; they were killed then. */
  readonly leftBehind: number;
}

export interface TimedLine {
  readonly atMs: number;
  readonly text: string;
}

const POLL_MS = 20;
let counter = 0;

/**
 * Runs a command and counts what it costs, with everything that it starts.
 *
 * CPU time comes from a control group where one can be had. Else from /proc, looked at again and again: a lower bound.
 * @throws {LabError} when the command cannot be started
 */
export async function costOf(options: CostOptions): Promise<Cost> {
  const { command, args, dir, env = process.env, timeoutMs, lookEveryMs = 200, outliveMs = 5_000 } = options;
  await mkdir(dir, { recursive: true });
  const id = String(++counter);
  const mark = `${process.pid}-${id}`;
  const logFile = join(dir, 'output.log');
  const cgroup = options.countBy === 'proc' || !HAS_PROC ? null : openCgroup(id);
  const watch = HAS_PROC ? new Watch(cgroup, mark) : null;
  const machine = watchMachine();

  const entered = cgroup === null ? [] : ['/bin/sh', '-c', 'echo $$ >"$0" && exec "$@"', cgroup.procsFile];
  const [program = command, ...rest] = [...entered, command, ...args];
  const begun = performance.now();
  await using run = await startProcess({
    command: program,
    args: rest,
    cwd: dir,
    env: { ...env, [MARK]: mark },
    logFile,
  });
  const lines = timedLines(logFile, begun);
  const looking = setInterval(() => watch?.look(), lookEveryMs);
  const deadline = setTimeout(() => void run.stop(), timeoutMs);
  const exit = await run.exited;
  const wallMs = performance.now() - begun;
  clearTimeout(deadline);
  clearInterval(looking);

  for (const until = performance.now() + outliveMs; (watch?.look() ?? 0) > 0 && performance.now() < until; ) {
    await delay(POLL_MS);
  }
  const left = watch?.alive ?? [];
  for (const pid of left) kill(pid);
  const cpuMs = cgroup?.cpuMs() ?? (watch === null ? null : cpuMsSeen(watch.seen, run.pid, machine().waitedMs));
  cgroup?.remove();
  return {
    exit,
    wallMs,
    cpuMs,
    countedBy: cgroup !== null ? 'control group' : watch !== null ? '/proc' : 'nothing',
    largest: watch?.seen.toSorted((a, b) => b.peakMb - a.peakMb)[0] ?? null,
    ...machine(cpuMs ?? 0).others,
    lines: lines(),
    leftBehind: left.length,
  };
}

/** Follows a file that grows. @returns what to call at the end: the lines so far */
function timedLines(file: string, begun: number): () => TimedLine[] {
  const lines: TimedLine[] = [];
  const take = (): void => {
    const atMs = performance.now() - begun;
    const complete = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    for (const text of complete.slice(lines.length)) lines.push({ atMs, text });
  };
  const watcher = watchFile(file, take);
  take();
  return () => {
    watcher.close();
    take();
    return lines;
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
