import { statfs } from 'node:fs/promises';
import { counted } from '../counted.ts';
import { LabError } from '../errors.ts';

/** Page, script, tables and what is the same for all cells (measured). */
const FOR_REPORTS_BYTES = 500_000;
/** results.json is a copy of what is kept, and the page's data a part of that again. */
const COPIES = 2;
/** Results, messages and SIPp's logs of a cell are 22 kB (measured). Of one under way, a part of it is written already. */
const CELL_BYTES = { atTheStart: 32_000, underWay: 16_000 };
/** So many may be under way, or wait to be read, before it is looked at again. */
const CELLS_UNDER_WAY = 4_000;

/** What a run has on disk, and what is to come. */
export interface Kept {
  /** Of results so far. */
  readonly bytes: number;
  readonly cells: number;
  readonly cellsToCome: number;
}

/** For the results of what is kept, and of calls under way. */
export function neededBytes({ bytes, cells, cellsToCome }: Kept): number {
  const each = cells === 0 ? CELL_BYTES.atTheStart : CELL_BYTES.underWay;
  return FOR_REPORTS_BYTES + COPIES * bytes + each * Math.min(cellsToCome, CELLS_UNDER_WAY);
}

/** @throws by the file system, where there is no such folder */
export async function freeBytes(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

/**
 * A run that fills the disk to the last byte cannot write down what it has found: it ends while there is still room for that.
 *
 * @throws {LabError} when there is room for what is kept, and not for what is under way
 */
export async function requireRoom(dir: string, kept: Kept): Promise<void> {
  if (kept.cellsToCome <= 0) return;
  const free = await freeBytes(dir);
  const needed = neededBytes(kept);
  if (free >= needed) return;
  const end =
    kept.cells === 0
      ? ''
      : `No more calls are placed: ${counted(kept.cells, 'cell is', 'cells are')} judged, and those under way as far as they get. `;
  throw new LabError(
    `${dir} has ${megabytes(free)} left, and results need up to ${megabytes(needed)}. ${end}` +
      'Free some space, or have the report elsewhere with --report',
  );
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
