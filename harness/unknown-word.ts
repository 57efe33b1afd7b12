import { closest, distance } from 'fastest-levenshtein';
import { UsageError } from './errors.ts';

/**
 * A word that nobody knows.
 *
 * @param kind what it was to be: `policy`, `command`
 * @param known all that there is; the one that was probably meant is named first
 * @param option which takes one word, and may be repeated: of several words in one, the way to say it is named. @default none
 */
export function unknownWord(kind: string, word: string, known: readonly string[], option?: string): UsageError {
  const one = meant(word, known);
  const several = option === undefined ? null : meantAll(word.split(/[\s,;]+/), known);
  const hint = several?.map((each) => `${option} ${each}`).join(' ') ?? (one === null ? null : `"${one}"`);
  return new UsageError(
    `unknown ${kind} "${word}"; ${hint === null ? '' : `did you mean ${hint}? `}there is: ${known.join(', ')}`,
  );
}

function meant(word: string, known: readonly string[]): string | null {
  const near = known.length === 0 ? undefined : closest(word, known);
  // Two letters changed places, or a third of them wrong; more is no slip of the pen.
  return near !== undefined && distance(word, near) <= Math.max(2, near.length / 3) ? near : null;
}

/** null where they are not several, or not all known, or nearly. */
function meantAll(words: readonly string[], known: readonly string[]): string[] | null {
  const all = words.filter((word) => word !== '').map((word) => meant(word, known));
  const found = all.filter((each) => each !== null);
  return found.length > 1 && found.length === all.length ? found : null;
}
