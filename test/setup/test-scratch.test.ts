import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestScratchOptions, testScratch } from '../../harness/cli/test-scratch.ts';
import { type Scratch, scratch } from './scratch.ts';

/** Where Debian has them, and whoever may use them. */
const [MOUNT, UMOUNT] = ['/usr/bin/mount', '/usr/bin/umount'];
const PLENTY = { freeBytes: 100e9, env: {} };

describe('what the tests write', () => {
  let memory: Scratch;
  beforeEach(async () => {
    memory = await scratch();
  });
  afterEach(() => memory[Symbol.asyncDispose]());

  const left = (): Promise<string[]> => readdir(memory.dir);

  it('is kept in memory, in a folder that goes with them', async () => {
    const made = await testScratch({ ...PLENTY, memory: memory.dir });
    const { TMPDIR = '' } = made.env;
    expect(dirname(TMPDIR)).toBe(memory.dir);
    expect(await readdir(TMPDIR)).toEqual([]);
    const { mode, uid } = await stat(TMPDIR);
    expect([mode & 0o7777, uid], 'other users start programs there').toEqual([0o1777, process.getuid?.()]);
    await made[Symbol.asyncDispose]();
    expect(await left()).toEqual([]);
  });

  it.for<[string, TestScratchOptions]>([
    ['the user has named a folder', { env: { TMPDIR: '/tmp' } }],
    ['other programs need the memory', { freeBytes: 1e9 }],
    ['there is no such thing', { memory: '/nowhere/at/all' }],
    ['it is somebody else’s', { memory: '/proc' }],
  ])('is where the system has it when %s', async ([, options]) => {
    await using made = await testScratch({ ...PLENTY, memory: memory.dir, ...options });
    expect(made.env).toEqual({});
    expect(await left()).toEqual([]);
  });

  it('is where the system has it when nothing in memory may be started', async ({ skip }) => {
    const { status, stderr } = spawnSync(MOUNT, ['-t', 'tmpfs', '-o', 'noexec,size=3g', 'tmpfs', memory.dir]);
    skip(status !== 0, `only who may mount can try: ${stderr}`);
    try {
      await using made = await testScratch({ ...PLENTY, memory: memory.dir });
      expect(made.env).toEqual({});
      expect(await left()).toEqual([]);
    } finally {
      spawnSync(UMOUNT, [memory.dir]);
    }
  });

  it('goes with the next tests when those that wrote it were killed', async () => {
    const { pid: dead } = spawnSync('true');
    const [ofDead, ofLiving] = [dead, process.pid].map((pid) => join(memory.dir, `ringfence-test-${pid}-abc`));
    for (const folder of [ofDead, ofLiving]) await mkdir(join(folder ?? '', 'deep'), { recursive: true });
    await using made = await testScratch({ ...PLENTY, memory: memory.dir });
    expect(made.env).not.toEqual({});
    expect(existsSync(ofDead ?? '')).toBe(false);
    expect(existsSync(ofLiving ?? '')).toBe(true);
  });
});
