import { mkdtemp, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Asks a program, which may write a log into the folder that `ask` gets.
 * @returns what came of it. The folder stays where it failed and there is a log, which the error is expected to name.
 */
export async function keepingItsLog<T>(prefix: string, ask: (logDir: string) => Promise<T>): Promise<T> {
  const logDir = await mkdtemp(join(tmpdir(), prefix));
  try {
    const answer = await ask(logDir);
    await rm(logDir, { recursive: true, force: true });
    return answer;
  } catch (error) {
    await rmdir(logDir).catch(() => {}); // unless there is something in it
    throw error;
  }
}
