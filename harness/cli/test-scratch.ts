import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lives } from '../processes/lives.ts';

export interface TestScratch extends AsyncDisposable {
  /** What the tests get as TMPDIR; empty: the system's own. */
  readonly env: Readonly<Record<string, string>>;
}

export interface TestScratchOptions {
  /** Where there is memory in place of a disk. @default '/dev/shm', which only Linux has */
  readonly memory?: string;
  /** What programs can have without others being swapped out. */
  readonly freeBytes?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Four times the most that the tests had in it at a time (0.6 GB). */
const NEEDED_BYTES = 2.4e9;
/** Some tests start programs as an ordinary user. */
const LIKE_TMP = 0o1777;
const OURS = /^ringfence-test-(\d+)-/;

/**
 * A folder in memory for what the tests write and delete by the ten thousands, where there is room for it: on ext4 that took a tenth of
 * all that the suite computes. A user's own TMPDIR stays.
 */
export async function testScratch(options: TestScratchOptions = {}): Promise<TestScratch> {
  const { memory = '/dev/shm', freeBytes = freemem(), env = process.env } = options;
  const none: TestScratch = { env: {}, [Symbol.asyncDispose]: async () => {} };
  if ((env.TMPDIR ?? '') !== '' || freeBytes < 2 * NEEDED_BYTES) return none;
  try {
    await sweep(memory);
    const { bavail, bsize } = await statfs(memory);
    if (bavail * bsize < NEEDED_BYTES) return none;
    const dir = await mkdtemp(join(memory, `ringfence-test-${process.pid}-`));
    await chmod(dir, LIKE_TMP);
    const away = (): Promise<void> => rm(dir, { recursive: true, force: true });
    if (await runsPrograms(dir)) return { env: { TMPDIR: dir }, [Symbol.asyncDispose]: away };
    await away();
    return none;
  } catch {
    return none; // no such folder, or not ours to write to
  }
}

/** What tests left that were killed would be in memory until the machine starts anew. */
async function sweep(memory: string): Promise<void> {
  for (const name of await readdir(memory)) {
    const [, pid] = OURS.exec(name) ?? [];
    if (pid !== undefined && !lives(Number(pid))) await rm(join(memory, name), { recursive: true, force: true });
  }
}

/** In containers memory is often mounted so that nothing in it can be started. */
async function runsPrograms(dir: string): Promise<boolean> {
  const program = join(dir, 'runs');
  await writeFile(program, '#!/bin/sh\n', { mode: 0o755 });
  const ran = await promisify(execFile)(program).then(
    () => true,
    () => false,
  );
  await rm(program);
  return ran;
}
