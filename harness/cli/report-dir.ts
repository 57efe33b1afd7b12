import { once } from 'node:events';
import { mkdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';

export interface ReportDir extends AsyncDisposable {
  readonly dir: string;
}

/**
 * A folder that this command alone writes to until it is disposed of; made where there is none, with a folder in it.
 *
 * @throws {UsageError} when it cannot be made, or another command writes to it
 */
export async function openReportDir(dir: string, inside: string): Promise<ReportDir> {
  try {
    await mkdir(join(dir, inside), { recursive: true });
  } catch (cause) {
    const { message } = cause as Error;
    throw new UsageError(`the report cannot be written to ${dir}: ${message}; name another with --report`, { cause });
  }
  return onlyWriter(dir);
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
