import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Smaller ones are read more often than they are in the way. */
const BYTES = 30_000;

/**
 * Packs the large files that a lab has left in a folder: `messages.log` becomes `messages.log.gz`. For a lab that is down, and that
 * nothing went wrong with: its messages are in `traces/` as well.
 *
 * @throws by the file system; the file that could not be packed is as it was
 */
export async function packLogs(dir: string): Promise<void> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    if (!entry.isFile() || entry.name.endsWith('.gz') || (await stat(file)).size <= BYTES) continue;
    await pack(file);
  }
}

async function pack(file: string): Promise<void> {
  const packed = `${file}.gz`;
  try {
    await pipeline(createReadStream(file), createGzip(), createWriteStream(packed));
  } catch (error) {
    await rm(packed, { force: true });
    throw error;
  }
  await rm(file);
}
