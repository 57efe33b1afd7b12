import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { Background } from '../../harness/cli/background.ts';
import { cgroupDirs } from '../../harness/setup/control-group.ts';

describe('the place of a control group', () => {
  const V2 = '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw';
  const V1 = '33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct';

  it('is our own group, in the newer hierarchy first', () => {
    expect(cgroupDirs(`${V1}\n${V2}\n`, '4:memory:/m\n2:cpu,cpuacct:/jobs/1\n0::/user.slice\n', 'cpuacct')).toEqual([
      { version: 2, dir: '/sys/fs/cgroup/unified/user.slice' },
      { version: 1, dir: '/sys/fs/cgroup/cpu,cpuacct/jobs/1' },
    ]);
  });

  it('is below the root that is mounted, and nowhere when we are outside of it', () => {
    const mounted = '41 31 0:38 /pods/a /sys/fs/cgroup rw - cgroup2 cgroup2 rw';
    expect(cgroupDirs(mounted, '0::/pods/a/b\n', 'cpuacct')).toEqual([{ version: 2, dir: '/sys/fs/cgroup/b' }]);
    expect(cgroupDirs(mounted, '0::/pods/c\n', 'cpuacct')).toEqual([]);
    expect(cgroupDirs('24 1 8:1 / / rw - ext4 /dev/sda rw', '0::/\n', 'cpuacct')).toEqual([]);
  });
});

describe('the background', () => {
  const asleep = async (): Promise<ChildProcess> => {
    const child = spawn('sh', ['-c', 'read go; sleep 600 & echo $!; wait'], { stdio: ['pipe', 'pipe', 'ignore'] });
    await once(child, 'spawn');
    return child;
  };
  /** What the kernel says of a process that this one has started by then. */
  const ofItsChild = async (child: ChildProcess): Promise<{ pid: number; nice: number; groups: string }> => {
    child.stdin?.write('go\n');
    const [line] = await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data');
    const pid = Number(String(line));
    const stat = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
    return { pid, nice: Number(stat[16]), groups: await readFile(`/proc/${pid}/cgroup`, 'utf8') };
  };

  it('has what a process starts from then on, and nobody else', async (context) => {
    if (!existsSync('/proc/self/stat')) context.skip('no Linux');
    using background = new Background();
    const [entered, other] = [await asleep(), await asleep()];
    background.enter(Number(entered.pid));
    const [behind, beside] = [await ofItsChild(entered), await ofItsChild(other)];
    const isBehind = ({ nice, groups }: typeof behind): boolean =>
      nice === 10 || groups.includes(`/ringfence-background-${process.pid}`);
    expect([behind, beside].map(isBehind)).toEqual([true, false]);
    for (const [child, { pid }] of [
      [entered, behind],
      [other, beside],
    ] as const) {
      const ended = once(child, 'close');
      process.kill(pid);
      await ended;
    }
  });

  it('does nothing to who has ended', async () => {
    using background = new Background();
    const child = spawn('true');
    await once(child, 'exit');
    expect(() => background.enter(Number(child.pid))).not.toThrow();
  });
});
