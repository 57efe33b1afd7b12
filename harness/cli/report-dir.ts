import { once } from 'node:events';
import { access, constants, mkdir, readdir, rmdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { systemTrouble, UsageError } from '../errors.ts';
import { whyNotWritable } from './writable.ts';

export interface ReportDir extends AsyncDisposable {
  readonly dir: string;
}

/**
 * A folder that this command alone writes to until it is disposed of; made where there is none, with a folder in it. Of what
 * was made here, nothing stays that has no file in it.
 *
 * @throws {UsageError} when it cannot be made, or another command writes to it
 */
export async function openReportDir(dir: string, inside: string): Promise<ReportDir> {
  let made: string | undefined;
  try {
    made = await mkdir(join(dir, inside), { recursive: true });
    await access(join(dir, inside), constants.W_OK);
  } catch (error) {
    const cause = (await whyNotWritable(dir)) ?? error;
    const why = systemTrouble(cause) ?? `${(cause as Error).message}; name another with --report`;
    throw new UsageError(`the report cannot be written to ${dir}: ${why}`, { cause });
  }
  const lock = await onlyWriter(dir);
  return {
    dir,
    [Symbol.asyncDispose]: async () => {
      if (made !== undefined) await removeEmpty(made);
      await lock[Symbol.asyncDispose]();
    },
  };
}

/** The folder and those in it, as far as they have no file. */
async function removeEmpty(folder: string): Promise<void> {
  const inside = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const each of inside) if (each.isDirectory()) await removeEmpty(join(folder, each.name));
  await rmdir(folder).catch(() => {}); // there is something in it
}

/**
 * Two runs in one folder would mix their files. The lock is an address in Linux's abstract namespace (unix(7)): it goes with
 * its process, however that ends, and leaves nothing in the folder.
 */
async function onlyWriter(dir: string): Promise<ReportDir> {
  const { dev, ino } = await stat(dir);
  const lock = createServer().unref();
  lock.listen(`\0ringfence-report-${dev}-${ino}`);
  try {
    await once(lock, 'listening');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new UsageError(`another ./ringfence writes its report to ${dir}; name another folder, or wait for its end`, {
      cause,
    });
  }
  return { dir, [Symbol.asyncDispose]: async () => void lock.close() };
}
