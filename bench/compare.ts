/** Keys whose values differ from run to run by nature: times, ids that a run draws for itself, and where messages are kept. */
const PERSONAL = new Set(['startedAt', 'callId', 'trace']);

/** A time within a sentence, such as what a check has seen. */
const TIME_TOLD = /\d+(?:\.\d+)?(?<unit> (?:ms|s))\b/g;

/**
 * The words of a Reason (RFC 3326 2). Kamailio leaves them out where a phone had not answered with 180 when another took the
 * call: which comes first differs from run to run.
 */
const WORDS_OF_REASON = /(?<=^Reason: .*);text="[^"]*"/g;

/** Lists in order of time: entries of the same moment, such as the branches of a fork, come in any order. */
const TIMED = new Set(['legs', 'notifications']);

/** Results without times and ids: what two runs of one matrix must have in common. */
export function impersonal(results: unknown): unknown {
  const id = isObject(results) && isObject(results.run) ? String(results.run.id) : '';
  // The last part of a run's id is in the name of everybody it calls, before a number.
  const token = /-(\w+)$/.exec(id)?.[1];
  const inNames = new RegExp(`-${token}-\\d+`, 'g');
  const text = (value: string): string =>
    value.replaceAll(TIME_TOLD, '$<unit>').replaceAll(inNames, '').replaceAll(WORDS_OF_REASON, '');
  const without = (value: unknown, path: readonly string[]): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) {
      const items = value.map((item) => without(item, path));
      return TIMED.has(path.at(-1) ?? '') ? items.toSorted(byText) : items;
    }
    if (!isObject(value)) return value;
    const kept = Object.entries(value).filter(
      ([key]) => !PERSONAL.has(key) && !key.endsWith('Ms') && !(key === 'id' && path.at(-1) === 'run'),
    );
    return Object.fromEntries(kept.map(([key, item]) => [key, without(item, [...path, key])]));
  };
  return without(results, []);
}

/** Where two values first differ, in a sentence; null when they are the same. The order of keys is of no concern. */
export function firstDifference(one: unknown, other: unknown, path = 'results'): string | null {
  if (Object.is(one, other)) return null;
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) {
    return `${path}: ${JSON.stringify(one)} against ${JSON.stringify(other)}`;
  }
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const name = isObject(one[key]) && typeof one[key].id === 'string' ? `${key}, ${one[key].id}` : key;
    const difference = firstDifference(one[key], other[key], `${path}[${name}]`);
    if (difference !== null) return difference;
  }
  return null;
}

function byText(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
