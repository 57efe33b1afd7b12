import { diffArrays } from 'diff/lib/diff/array.js';

/** Texts further apart than this many changed lines are told as removed and added whole: nobody reads such a comparison. */
const MOST_CHANGES = 2_000;

export interface DiffLine {
  /** `removed`: in the first text only, `added`: in the second only. */
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** What turns one text into another, line by line. */
export function diffLines(a: string, b: string): DiffLine[] {
  const [left, right] = [a.split(/\r?\n/), b.split(/\r?\n/)];
  const changes = diffArrays(left, right, { maxEditLength: MOST_CHANGES });
  if (changes === undefined) return [...linesOf('removed', left), ...linesOf('added', right)];
  return changes.flatMap(({ added, removed, value }) => linesOf(added ? 'added' : removed ? 'removed' : 'same', value));
}

function linesOf(kind: DiffLine['kind'], lines: readonly string[]): DiffLine[] {
  return lines.map((text) => ({ kind, text }));
}
