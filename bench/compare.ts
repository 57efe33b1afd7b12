/** Keys whose values differ from run to run by nature: times, and ids that a run draws for itself. */
const PERSONAL = new Set(['startedAt', 'callId']);

/** Lists in order of time: entries of the same moment, such as the branches of a fork, come in any order. */
const TIMED = new Set(['legs', 'notifications']);

/** Results without times and ids: what two runs of one matrix must have in common. */
export function impersonal(value: unknown, path: readonly string[] = []): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => impersonal(item, path));
    return TIMED.has(path.at(-1) ?? '') ? items.toSorted(byText) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key]) => !PERSONAL.has(key) && !key.endsWith('Ms') && !(key === 'id' && path.at(-1) === 'run'),
  );
  return Object.fromEntries(kept.map(([key, item]) => [key, impersonal(item, [...path, key])]));
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
