import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The folder, or where there is none yet the nearest above it. */
export async function nearestFolder(dir: string): Promise<string> {
  const isThere = await stat(dir).then(
    () => true,
    () => false,
  );
  return isThere || dirname(dir) === dir ? dir : nearestFolder(dirname(dir));
}

/**
 * What keeps this user from writing there; null: nothing. mkdir(2) of a whole path says of a read-only file system that
 * there is no such file.
 */
export async function whyNotWritable(dir: string): Promise<unknown> {
  return access(await nearestFolder(dir), constants.W_OK | constants.X_OK).then(
    () => null,
    (error: unknown) => error,
  );
}
