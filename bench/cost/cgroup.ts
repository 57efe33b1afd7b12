import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join, relative } from 'node:path';

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
  for (const { version, dir } of hierarchies()) {
    const own = join(dir, `${PREFIX}${process.pid}-${id}`);
    try {
      removeStale(dir);
      mkdirSync(own);
    } catch {
      continue;
    }
    const group = cgroup(version, own);
    if (canBeEntered(group)) return group;
    group.remove();
  }
  return null;
}

function cgroup(version: 1 | 2, dir: string): Cgroup {
  const read = (file: string): string => readFileSync(join(dir, file), 'utf8');
  return {
    version,
    procsFile: join(dir, 'cgroup.procs'),
    pids: () => read('cgroup.procs').split('\n').filter(Boolean).map(Number),
    cpuMs: () =>
      version === 2
        ? Number(/^usage_usec (\d+)$/m.exec(read('cpu.stat'))?.[1] ?? Number.NaN) / 1e3
        : Number(read('cpuacct.usage')) / 1e6,
    remove: () => remove(dir),
  };
}

/** Where we are ourselves, in each hierarchy that counts CPU time; the newer version first. */
function hierarchies(): { readonly version: 1 | 2; readonly dir: string }[] {
  if (!existsSync('/proc/self/cgroup')) return [];
  return cgroupDirs(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'));
}

/** @param mountinfo and @param membership texts of `/proc/self/mountinfo` and `/proc/self/cgroup` */
export function cgroupDirs(mountinfo: string, membership: string): { version: 1 | 2; dir: string }[] {
  const paths = membership.split('\n').map((line) => line.split(':'));
  const found = mountinfo.split('\n').flatMap((line) => {
    const [mount = '', type = ''] = line.split(' - ');
    const [, , , root = '/', point = ''] = mount.split(' ');
    const [kind, , options = ''] = type.split(' ');
    const isV1 = kind === 'cgroup' && options.split(',').includes('cpuacct');
    if (kind !== 'cgroup2' && !isV1) return [];
    const own = paths.find(([, names = '']) => (isV1 ? names.split(',').includes('cpuacct') : names === ''));
    const below = own === undefined ? '..' : relative(root, own.slice(2).join(':'));
    return below.startsWith('..') ? [] : [{ version: isV1 ? (1 as const) : (2 as const), dir: join(point, below) }];
  });
  return found.toSorted((a, b) => b.version - a.version);
}

/** Enters it with a shell that ends at once: rights and rules of the hierarchy are many, the answer is one. */
function canBeEntered({ procsFile, cpuMs }: Cgroup): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', 'echo $$ >"$0"', procsFile], { stdio: 'ignore' });
  return status === 0 && Number.isFinite(cpuMs());
}

/** Groups of benchmarks that were killed before they could remove theirs. */
function removeStale(dir: string): void {
  for (const name of readdirSync(dir)) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isInteger(pid) && !existsSync(`/proc/${pid}`)) remove(join(dir, name));
  }
}

function remove(dir: string): void {
  try {
    rmdirSync(dir);
  } catch {
    // Somebody is still in it, or it is gone already.
  }
}
