import { mkdir } from 'node:fs/promises';
import { UsageError } from '../errors.ts';

/** @throws {UsageError} when it cannot be made. */
export async function makeReportDir(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
  } catch (cause) {
    throw new UsageError(
      `the report cannot be written to ${dir}: ${(cause as Error).message}; name another with --report`,
      {
        cause,
      },
    );
  }
}
