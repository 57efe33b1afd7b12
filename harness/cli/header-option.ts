import { UsageError } from '../errors.ts';
import type { HeaderVariant } from '../model/scenario.ts';
import { checkVariant, WrongInFile } from '../plan/scenario-check.ts';
import { shellWord } from '../setup/shell-word.ts';

/**
 * Rows of the matrix for header lines of the command line, each of its own: `header-x-my-header-yes`.
 *
 * @throws {UsageError} for what cannot be a header line of the caller's INVITE
 */
export function headerRows(lines: readonly string[]): HeaderVariant[] {
  const taken = new Map<string, number>();
  return [...new Set(lines)].map((line) => {
    const name = `header-${line.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`.slice(0, 80).replace(/-+$/, '');
    const times = (taken.get(name) ?? 0) + 1;
    taken.set(name, times);
    return { ...checkedRow(line, times === 1 ? name : `${name}-${times}`), kind: 'asked' };
  });
}

function checkedRow(line: string, id: string): HeaderVariant {
  const title = line.replaceAll(/\p{Cc}/gu, ' ').trim() || id;
  try {
    return checkVariant({ id, title, kind: 'decoy', claims: [], headers: [line] }, '--header');
  } catch (error) {
    if (!(error instanceof WrongInFile)) throw error;
    const said = error.said.replace(/^headers\[0\]: /, '');
    throw new UsageError(`--header takes a line of the INVITE, e.g. --header 'X-My-Header: yes': ${said}`, {
      cause: error,
    });
  }
}

export function headerRerunOptions(rows: readonly HeaderVariant[]): string[] {
  return rows.flatMap(({ headers }) => headers.flatMap((line) => ['--header', shellWord(`${line}`)]));
}
