import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { UsageError } from '../errors.ts';
import { unknownWord } from '../unknown-word.ts';

const OPTION = /(?<![\w-])--[a-z][a-z-]*/g;

/**
 * What is wrong with an option that `parseArgs` does not know; the others are those that the command's help names.
 *
 * @returns null where the error does not name it
 */
export async function unknownOption(command: string, { message }: Error): Promise<UsageError | null> {
  const word = /'(-[^']*)'/.exec(message)?.[1];
  if (word === undefined) return null;
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'help', command]);
  return unknownWord('option', word, [...new Set(stdout.match(OPTION))]);
}
