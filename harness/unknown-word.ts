import { closest, distance } from 'fastest-levenshtein';
import { UsageError } from './errors.ts';

/**
 * A word that nobody knows.
 *
 * @param kind what it was to be: `policy`, `command`
 * @param known all that there is; the one that was probably meant is named first
 */
export function unknownWord(kind: string, word: string, known: readonly string[]): UsageError {
  const meant = known.length === 0 ? undefined : closest(word, known);
  // Two letters changed places, or a third of them wrong; more is no slip of the pen.
  const near = meant !== undefined && distance(word, meant) <= Math.max(2, meant.length / 3);
  const hint = near ? `did you mean "${meant}"? ` : '';
  return new UsageError(`unknown ${kind} "${word}"; ${hint}there is: ${known.join(', ')}`);
}
