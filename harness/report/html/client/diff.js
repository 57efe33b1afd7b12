// @ts-check

/** Pairs of lines beyond this are not compared one by one: the middle is told as removed and added. */
const MOST_LINE_PAIRS = 4_000_000;

/**
 * What turns one text into another, line by line: the longest common subsequence stays.
 *
 * @param {string} a
 * @param {string} b
 * @returns {{ kind: 'same' | 'added' | 'removed', text: string }[]} `removed`: in `a` only, `added`: in `b` only
 */
export function diffLines(a, b) {
  const [left, right] = [a.split(/\r?\n/), b.split(/\r?\n/)];
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1;
  let tail = 0;
  const most = Math.min(left.length, right.length) - start;
  while (tail < most && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail += 1;
  const middle = middleDiff(left.slice(start, left.length - tail), right.slice(start, right.length - tail));
  return [...kept(left.slice(0, start)), ...middle, ...kept(left.slice(left.length - tail))];
}

/** @param {readonly string[]} lines @returns {{ kind: 'same', text: string }[]} */
function kept(lines) {
  return lines.map((text) => ({ kind: 'same', text }));
}

/** @param {readonly string[]} left @param {readonly string[]} right @returns {{ kind: 'same' | 'added' | 'removed', text: string }[]} */
function middleDiff(left, right) {
  const width = right.length + 1;
  const known = left.length * right.length <= MOST_LINE_PAIRS;
  const common = new Uint32Array(known ? (left.length + 1) * width : 0);
  if (known) {
    for (let i = left.length - 1; i >= 0; i -= 1) {
      for (let j = right.length - 1; j >= 0; j -= 1) {
        common[i * width + j] =
          left[i] === right[j]
            ? (common[(i + 1) * width + j + 1] ?? 0) + 1
            : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
      }
    }
  }
  /** @type {{ kind: 'same' | 'added' | 'removed', text: string }[]} */
  const lines = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const [a, b] = [left[i], right[j]];
    if (known && a !== undefined && a === b) {
      lines.push({ kind: 'same', text: a });
      i += 1;
      j += 1;
    } else if (
      a !== undefined &&
      (b === undefined || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      lines.push({ kind: 'removed', text: a });
      i += 1;
    } else {
      lines.push({ kind: 'added', text: b ?? '' });
      j += 1;
    }
  }
  return lines;
}
