import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * A control group below our own, which processes enter by writing their id to `cgroup.procs`; what they start is in there, too.
 *
 * Sources: cgroup-v2, cgroup-v1; docs.kernel.org/admin-guide.
 */
export interface ControlGroup {
  readonly version: 1 | 2;
  readonly dir: string;
  /** Fails silently while there is a process in it. */
  readonly remove: () => void;
}

/**
 * Groups of the name `prefix`, our id and `id`, one in each hierarchy that a new one can be made in, the newer version first.
 * Nothing says yet that one can be entered. None: no Linux, no right to make one, or a read-only mount as in most containers.
 *
 * @param controller of version 1, e.g. `cpu`
 */
export function* controlGroups(controller: string, prefix: string, id: string): Generator<ControlGroup> {
  if (!existsSync('/proc/self/cgroup')) return;
  const [mounts, membership] = ['mountinfo', 'cgroup'].map((name) => readFileSync(`/proc/self/${name}`, 'utf8'));
  for (const { version, dir } of cgroupDirs(mounts ?? '', membership ?? '', controller)) {
    const own = join(dir, `${prefix}${process.pid}${id}`);
    try {
      removeStale(dir, prefix);
      mkdirSync(own);
    } catch {
      continue;
    }
    yield { version, dir: own, remove: () => remove(own) };
  }
}

/** @param mountinfo and @param membership texts of `/proc/self/mountinfo` and `/proc/self/cgroup` */
export function cgroupDirs(
  mountinfo: string,
  membership: string,
  controller: string,
): { version: 1 | 2; dir: string }[] {
  const paths = membership.split('\n').map((line) => line.split(':'));
  const found = mountinfo.split('\n').flatMap((line) => {
    const [mount = '', type = ''] = line.split(' - ');
    const [, , , root = '/', point = ''] = mount.split(' ');
    const [kind, , options = ''] = type.split(' ');
    const isV1 = kind === 'cgroup' && options.split(',').includes(controller);
    if (kind !== 'cgroup2' && !isV1) return [];
    const own = paths.find(([, names = '']) => (isV1 ? names.split(',').includes(controller) : names === ''));
    const below = own === undefined ? '..' : relative(root, own.slice(2).join(':'));
    return below.startsWith('..') ? [] : [{ version: isV1 ? (1 as const) : (2 as const), dir: join(point, below) }];
  });
  return found.toSorted((a, b) => b.version - a.version);
}

/** Groups of processes that were killed before they could remove theirs. */
function removeStale(dir: string, prefix: string): void {
  for (const name of readdirSync(dir)) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
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
