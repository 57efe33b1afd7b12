/** What a command costs with all that it starts, counted in both ways. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cgroupDirs, openCgroup } from '../../bench/cost/cgroup.ts';
import { costOf } from '../../bench/cost/cost.ts';
import { parseMachineCpu, parsePeakMb, parseProcStat } from '../../bench/cost/proc.ts';
import { commandOf, cpuMsSeen } from '../../bench/cost/watch.ts';

const CPU_MS = 200;
const TICK_MS = 10; // what /proc counts in

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-cost-test-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('the cost of a command', () => {
  const family = (name: string, countBy: 'cgroup' | 'proc') =>
    costOf({
      command: process.execPath,
      args: [join(import.meta.dirname, 'fixtures', 'family.mjs'), String(CPU_MS), join(dir, name)],
      dir: join(dir, name),
      timeoutMs: 60_000,
      lookEveryMs: 50,
      outliveMs: 100,
      countBy,
    });

  it('has the time of a daemon and of a killed child in it, by control group', async (context) => {
    const group = openCgroup('test');
    group?.remove();
    context.skip(group === null, 'no control group can be had here');
    const cost = await family('cgroup', 'cgroup');
    expect(cost).toMatchObject({ countedBy: 'control group', exit: { code: 0 }, leftBehind: 1 });
    expect(cost.cpuMs).toBeGreaterThanOrEqual(2 * CPU_MS);
  });

  it('has them in it by /proc as well', async () => {
    const cost = await family('proc', 'proc');
    expect(cost).toMatchObject({ countedBy: '/proc', exit: { code: 0 }, leftBehind: 1 });
    // Each of the two is cut to whole ticks, user and system time apart.
    expect(cost.cpuMs).toBeGreaterThanOrEqual(2 * (CPU_MS - 2 * TICK_MS));
    expect(cost.largest?.peakMb).toBeGreaterThan(10);
    expect(cost.lines.map(({ text }) => text)).toEqual(['both are done']);
  });

  it('ends what does not come to an end', async () => {
    const file = join(import.meta.dirname, 'fixtures', 'burn.mjs');
    const args = [file, '1', join(dir, 'endless')];
    const { exit } = await costOf({ command: process.execPath, args, dir: join(dir, 'stays'), timeoutMs: 1_000 });
    expect(exit).toMatchObject({ code: null, signal: 'SIGTERM' });
  });
});

describe('/proc', () => {
  it('is read, whatever a process is called', () => {
    const text = '42 (a) b (c) S 7 42 42 0 -1 4194304 100 0 0 0 12 3 40 5 20 0 1 0 9999 1000 50\n';
    expect(parseProcStat(text)).toEqual({ pid: 42, parent: 7, startTicks: 9999, selfMs: 150, waitedMs: 450 });
  });

  it('tells memory and the CPU time of the machine', () => {
    expect(parsePeakMb('Name:\tnode\nVmHWM:\t  204800 kB\nVmRSS:\t 1 kB\n')).toBe(200);
    expect(parsePeakMb('Name:\tzombie\n')).toBe(0);
    expect(parseMachineCpu('cpu  100 20 30 4000 5 6 7 8 0 0\ncpu0 1 1 1\n')).toEqual({ usedMs: 1_500, stolenMs: 80 });
  });

  it('names a program by its file and first words', () => {
    expect(commandOf(['/opt/node', '/x/main.ts', 'run', 'y', '--seed', 'z', ''].join('\0'))).toBe('node main.ts run');
    expect(commandOf('kamailio\0-DD\0-f\0/x/y\0')).toBe('kamailio');
    expect(commandOf('')).toBe('');
  });
});

describe('CPU time seen', () => {
  const process = (pid: number, parent: number, selfMs: number, waitedMs = 0) => ({
    pid,
    parent,
    startTicks: pid,
    selfMs,
    waitedMs,
  });

  it('is what parents waited for, and what nobody waited for', () => {
    // 2 was waited for by 1, and 1 by us; 3 is a daemon with a child of its own.
    expect(cpuMsSeen([process(1, 99, 100), process(2, 1, 50), process(3, 0, 70, 30)], 1, 160)).toBe(260);
  });

  it('is what was seen of them where that is more: their parents were killed first', () => {
    expect(cpuMsSeen([process(1, 99, 100), process(2, 1, 500)], 1, 100)).toBe(600);
  });
});

describe('the place of a control group', () => {
  const V2 = '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw';
  const V1 = '33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct';

  it('is our own group, in the newer hierarchy first', () => {
    expect(cgroupDirs(`${V1}\n${V2}\n`, '4:memory:/m\n2:cpu,cpuacct:/jobs/1\n0::/user.slice\n')).toEqual([
      { version: 2, dir: '/sys/fs/cgroup/unified/user.slice' },
      { version: 1, dir: '/sys/fs/cgroup/cpu,cpuacct/jobs/1' },
    ]);
  });

  it('is below the root that is mounted, and nowhere when we are outside of it', () => {
    const mounted = '41 31 0:38 /pods/a /sys/fs/cgroup rw - cgroup2 cgroup2 rw';
    expect(cgroupDirs(mounted, '0::/pods/a/b\n')).toEqual([{ version: 2, dir: '/sys/fs/cgroup/b' }]);
    expect(cgroupDirs(mounted, '0::/pods/c\n')).toEqual([]);
    expect(cgroupDirs('24 1 8:1 / / rw - ext4 /dev/sda rw', '0::/\n')).toEqual([]);
  });
});
