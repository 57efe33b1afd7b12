import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LabError } from '../../errors.ts';

export interface NewFile {
  /** From the repository. */
  readonly path: string;
  readonly text: string;
  /** It is started by its name. */
  readonly isProgram?: true;
}

/**
 * Never overwrites.
 *
 * @returns one line for each: what was written, and what was there
 * @throws {LabError} for a folder that cannot be written
 */
export async function writeNew(repository: string, files: readonly NewFile[]): Promise<string[]> {
  const said: string[] = [];
  for (const { path, text, isProgram } of files) {
    const file = join(repository, path);
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { flag: 'wx' });
      if (isProgram === true) await chmod(file, 0o755);
      said.push(`wrote ${path}`);
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code !== 'EEXIST') throw new LabError(`${path} cannot be written: ${message}`, { cause });
      said.push(`kept  ${path}, which is there`);
    }
  }
  return said;
}

/** @returns what was done, in a line; null: it has all of them */
export async function addLines(repository: string, path: string, lines: readonly string[]): Promise<string | null> {
  const file = join(repository, path);
  const text = await readFile(file, 'utf8').catch(() => '');
  const missing = lines.filter((line) => !text.split(/\r?\n/).includes(line));
  if (missing.length === 0) return null;
  const end = text === '' || text.endsWith('\n') ? '' : '\n';
  await writeFile(file, `${text}${end}${missing.join('\n')}\n`);
  return `added ${missing.join(', ')} to ${path}`;
}
