import { readFile, writeFile } from 'node:fs/promises';
import { UsageError } from '../../harness/errors.ts';
import type { Provenance } from './machine.ts';
import type { Numbers, RowId } from './rows.ts';

const SCHEMA = 'ringfence-bench/1';

/** Numbers of a version, kept for the next one to be compared with. */
export interface Recorded {
  readonly schema: typeof SCHEMA;
  readonly measured: Provenance;
  /** Repeated parts: how often; the numbers are medians. */
  readonly runs: number;
  readonly numbers: Numbers;
  /** Rows without a number, and why. */
  readonly notMeasured: Readonly<Partial<Record<RowId, string>>>;
  /** What must be known of these numbers, such as other programs that ran. */
  readonly remarks: readonly string[];
}

/**
 * @returns null when there is no such file: a first version has nothing before it
 * @throws {UsageError} when it is not what {@link writeRecorded} writes
 */
export async function readRecorded(file: string): Promise<Recorded | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const remedy = 'take it from version control again, or record anew with ./ringfence bench --record';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${file} is not JSON (${(cause as Error).message}): ${remedy}`, { cause });
  }
  if (typeof value !== 'object' || value === null || !('schema' in value) || value.schema !== SCHEMA) {
    throw new UsageError(`${file} is not of the schema ${SCHEMA}: ${remedy}`);
  }
  return value as Recorded;
}

export async function writeRecorded(file: string, recorded: Omit<Recorded, 'schema'>): Promise<void> {
  const rounded = Object.entries(recorded.numbers).map(([row, value]) => [row, Number(value.toFixed(3))]);
  const kept = { schema: SCHEMA, ...recorded, numbers: Object.fromEntries(rounded) };
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`);
}
