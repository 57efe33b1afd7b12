import type { Tally } from './tally-reporter.ts';

/** Projects of `vitest.config.ts` that wait for most of their time. */
export const WAITING = ['labs', 'commands'] as const;
/** These compute, and would not leave labs the time to answer. */
export const COMPUTING = ['docker', ...WAITING].map((project) => `!${project}`);

export interface TestParts {
  /** A run of vitest. @param projects as its `--project` has them */
  readonly run: (projects: readonly string[], output: 'shown' | 'held') => Promise<Tally>;
  /** Ctrl-C: what runs ends, and nothing more is begun. */
  readonly cancelled: () => boolean;
}

/**
 * All tests: what computes, beside images and packages; then labs and whole commands, as many as the machine has time for. Labs that had
 * images being built beside them were late, on a slow machine until nothing was proven, and took longer than after them.
 */
export async function runInParts({ run, cancelled }: TestParts): Promise<readonly Tally[]> {
  const [computed, inContainers] = await Promise.all([run(COMPUTING, 'shown'), run(['docker'], 'held')]);
  const tallies = [computed, inContainers];
  if (!cancelled()) tallies.push(await run(WAITING, 'shown'));
  return tallies;
}
