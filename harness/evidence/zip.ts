import { zipSync } from 'fflate';

export interface ArchivedFile {
  /** With `/` for folders. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** 1980-01-01, the first day that an archive can say: contents have stamps of their own. */
const FIRST_DAY = new Date(1980, 0, 1);

export function zipOf(files: readonly ArchivedFile[]): Uint8Array<ArrayBuffer> {
  return zipSync(Object.fromEntries(files.map(({ name, bytes }) => [name, bytes])), { mtime: FIRST_DAY });
}
