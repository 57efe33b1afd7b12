import type { Tally } from './tally-reporter.ts';

/** Projects of `vitest.config.ts` with a time of their own. All others compute, and would not leave labs the time to answer. */
const APART = ['docker', 'labs', 'commands'] as const;
export const COMPUTING = APART.map((project) => `!${project}`);

export interface TestParts {
  /** A run of vitest. @param projects as its `--project` has them */
  readonly run: (projects: readonly string[], output: 'shown' | 'held') => Promise<Tally>;
  /** Ctrl-C: what runs ends, and nothing more is begun. */
  readonly cancelled: () => boolean;
}

/**
 * All tests: what computes, beside images and packages; then labs, and at last whole commands, which compute as much as they wait. Labs
 * that had images being built or commands beside them were late, on a slow machine until nothing was proven, and took longer than
 * after them.
 */
export async function runInParts({ run, cancelled }: TestParts): Promise<readonly Tally[]> {
  const [computed, inContainers] = await Promise.all([run(COMPUTING, 'shown'), run(['docker'], 'held')]);
  const tallies = [computed, inContainers];
  for (const project of ['labs', 'commands']) if (!cancelled()) tallies.push(await run([project], 'shown'));
  return tallies;
}
