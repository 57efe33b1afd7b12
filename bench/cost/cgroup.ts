import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ControlGroup, controlGroups } from '../../harness/setup/control-group.ts';

const PREFIX = 'ringfence-bench-';

/**
 * A control group of our own: the kernel adds up what is used by every process in it, also by one that became a daemon,
 * was killed, or was waited for by nobody.
 *
 * Sources: cgroup-v2 (`cpu.stat` is there with no controller enabled), cgroup-v1 cpuacct; docs.kernel.org/admin-guide.
 */
export interface Cgroup {
  readonly version: 1 | 2;
  /** A process enters by writing its id; what it starts is in there, too. */
  readonly procsFile: string;
  readonly pids: () => readonly number[];
  readonly cpuMs: () => number;
  /** Fails silently while there is a process in it. */
  readonly remove: () => void;
}

/** @returns null where none can be had: no Linux, no right to make one, or a read-only mount as in most containers */
export function openCgroup(id: string): Cgroup | null {
  for (const made of controlGroups('cpuacct', PREFIX, `-${id}`)) {
    const group = cgroup(made);
    if (canBeEntered(group)) return group;
    group.remove();
  }
  return null;
}

function cgroup({ version, dir, remove }: ControlGroup): Cgroup {
  const read = (file: string): string => readFileSync(join(dir, file), 'utf8');
  return {
    version,
    procsFile: join(dir, 'cgroup.procs'),
    pids: () => read('cgroup.procs').split('\n').filter(Boolean).map(Number),
    cpuMs: () =>
      version === 2
        ? Number(/^usage_usec (\d+)$/m.exec(read('cpu.stat'))?.[1] ?? Number.NaN) / 1e3
        : Number(read('cpuacct.usage')) / 1e6,
    remove,
  };
}

/** Enters it with a shell that ends at once: rights and rules of the hierarchy are many, the answer is one. */
function canBeEntered({ procsFile, cpuMs }: Cgroup): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', 'echo $$ >"$0"', procsFile], { stdio: 'ignore' });
  return status === 0 && Number.isFinite(cpuMs());
}
