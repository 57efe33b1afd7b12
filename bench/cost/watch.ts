import { readdirSync, readFileSync } from 'node:fs';
import type { Cgroup } from './cgroup.ts';
import { type ProcStat, parsePeakMb, parseProcStat } from './proc.ts';

/** In the environment of the measured command: whatever it starts has it, wherever it ends up in the tree. */
export const MARK = 'RINGFENCE_BENCH_RUN';

export interface Seen extends ProcStat {
  readonly command: string;
  readonly peakMb: number;
}

/** Who belongs to a measured command, and what each has used when it was last seen. */
export class Watch {
  readonly #cgroup: Cgroup | null;
  readonly #mark: string;
  readonly #seen = new Map<string, Seen>();
  readonly #strangers = new Set<string>();

  /** @param mark the value of {@link MARK}; asked for only without a control group */
  constructor(cgroup: Cgroup | null, mark: string) {
    this.#cgroup = cgroup;
    this.#mark = mark;
  }

  /** Looks once. @returns how many are alive */
  look(): number {
    const alive = this.#cgroup === null ? this.#marked() : this.#cgroup.pids().flatMap(statOf);
    for (const stat of alive) this.#note(stat);
    return alive.length;
  }

  get alive(): readonly number[] {
    return (this.#cgroup === null ? this.#marked() : this.#cgroup.pids().flatMap(statOf)).map(({ pid }) => pid);
  }

  get seen(): readonly Seen[] {
    return [...this.#seen.values()];
  }

  #note(stat: ProcStat): void {
    const known = this.#seen.get(keyOf(stat));
    const peakMb = Math.max(known?.peakMb ?? 0, parsePeakMb(textOf(stat.pid, 'status')));
    // A fork is its parent's program until it has become its own: the last name is kept.
    const command = commandOf(textOf(stat.pid, 'cmdline')) || (known?.command ?? '');
    this.#seen.set(keyOf(stat), { ...stat, peakMb, command });
  }

  #marked(): ProcStat[] {
    const all = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => statOf(Number(name)));
    const members = new Set<number>();
    // By age, so that a parent is met before its child.
    return all
      .toSorted((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)
      .filter((stat) => {
        const key = keyOf(stat);
        if (this.#strangers.has(key)) return false;
        const isMember = this.#seen.has(key) || members.has(stat.parent) || this.#isMarked(stat.pid);
        if (isMember) members.add(stat.pid);
        else this.#strangers.add(key);
        return isMember;
      });
  }

  #isMarked(pid: number): boolean {
    return textOf(pid, 'environ').split('\0').includes(`${MARK}=${this.#mark}`);
  }
}

/**
 * CPU time from what was seen of the processes. What a parent waited for is in the first sum, with those that nobody of
 * theirs waited for; what was still running when last seen is in the second. Either may lack something, neither counts
 * anything twice: the greater is the better lower bound.
 *
 * @param waitedMs how much the time of waited-for children grew of whoever started the command
 */
export function cpuMsSeen(seen: readonly ProcStat[], rootPid: number, waitedMs: number): number {
  const members = new Set(seen.map(({ pid }) => pid));
  const orphans = seen.filter(({ pid, parent }) => pid !== rootPid && !members.has(parent));
  const byParents = waitedMs + sum(orphans.map(({ selfMs, waitedMs: own }) => selfMs + own));
  return Math.max(byParents, sum(seen.map(({ selfMs }) => selfMs)));
}

function statOf(pid: number): ProcStat[] {
  const text = textOf(pid, 'stat');
  return text === '' ? [] : [parseProcStat(text)];
}

/** Empty when the process is gone, or not ours to look at. */
function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** `node harness/cli/main.ts run`: the program and the words before its first option, without folders that are somebody's own. */
export function commandOf(cmdline: string): string {
  const words = cmdline.split('\0').filter(Boolean);
  const options = words.findIndex((word, at) => at > 0 && word.startsWith('-'));
  return words
    .slice(0, options < 0 ? 3 : Math.min(options, 3))
    .map((word) => word.split('/').slice(-1)[0])
    .join(' ');
}

function keyOf({ pid, startTicks }: ProcStat): string {
  return `${pid} ${startTicks}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
