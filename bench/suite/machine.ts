import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where and of what something was measured. */
export interface Provenance {
  /** Of package.json. */
  readonly version: string;
  /** Short; null outside of a git checkout. A `+` says that files differ from it. */
  readonly commit: string | null;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly machine: string;
  readonly node: string;
}

const run = promisify(execFile);

export async function provenance(dir: string): Promise<Provenance> {
  const { version } = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8')) as { version: string };
  return {
    version,
    commit: await commitOf(dir),
    measuredAt: new Date().toISOString(),
    machine: machine(),
    node: process.version,
  };
}

function machine(): string {
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown'}, ${memoryGb} GB, ${type()} ${release().split('-')[0]}`;
}

async function commitOf(dir: string): Promise<string | null> {
  try {
    const { stdout } = await run('git', ['-C', dir, 'describe', '--always', '--dirty=+', '--exclude=*']);
    return stdout.trim();
  } catch {
    return null; // no git, or no checkout: an unpacked archive
  }
}
