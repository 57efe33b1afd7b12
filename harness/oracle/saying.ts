import type { KnownOutcome } from '../model/words.ts';

/**
 * What a source says of one point of a call. `as-control`: the header changes nothing. `open`: nobody says, or only
 * an inference does, or sources contradict each other.
 */
export interface Saying<T> {
  readonly says: T | 'as-control' | 'open';
  /** Ids of the claims that say so. */
  readonly claims: readonly string[];
}

export const OPEN = { says: 'open', claims: [] } as const satisfies Saying<never>;

export function asControl(...claims: string[]): Saying<never> {
  return { says: 'as-control', claims };
}

export function saying<T>(says: T, ...claims: string[]): Saying<T> {
  return { says, claims };
}

/** `suppressed`: the header switches the feature off. `engaged`: a source demands that it still works. */
export type FeatureSays = KnownOutcome;

/** Several headers on one request: a feature is off when one of them switches it off and none demands it. */
export function combineFeature(all: readonly Saying<FeatureSays>[]): Saying<FeatureSays> {
  const suppressing = all.filter((each) => each.says === 'suppressed');
  const demanding = all.filter((each) => each.says === 'engaged');
  if (suppressing.length > 0 && demanding.length > 0) return OPEN;
  if (suppressing.length > 0) return { says: 'suppressed', claims: claimsOf(suppressing) };
  if (all.some((each) => each.says === 'open')) return OPEN;
  if (demanding.length > 0) return { says: 'engaged', claims: claimsOf(demanding) };
  return { says: 'as-control', claims: claimsOf(all) };
}

/** Several headers on one request, for a point that has more than two answers: they must agree. */
export function combinePoint<T>(all: readonly Saying<T>[]): Saying<T> {
  const speaking = all.filter((each) => each.says !== 'as-control');
  const [first] = speaking;
  if (first === undefined) return { says: 'as-control', claims: claimsOf(all) };
  const agreed = speaking.every((each) => JSON.stringify(each.says) === JSON.stringify(first.says));
  return agreed ? { says: first.says, claims: claimsOf(speaking) } : OPEN;
}

function claimsOf(all: readonly Saying<unknown>[]): string[] {
  return [...new Set(all.flatMap((each) => each.claims))];
}
