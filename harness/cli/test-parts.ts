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
 * All tests: what computes, then labs, and beside both of them containers; at last whole commands, which compute as much as they
 * wait. Labs that had them beside them were late, on a slow machine until nothing was proven.
 */
export async function runInParts({ run, cancelled }: TestParts): Promise<readonly Tally[]> {
  const apart = async (project: (typeof APART)[number], output: 'shown' | 'held'): Promise<readonly Tally[]> =>
    cancelled() ? [] : [await run([project], output)];
  const containers = apart('docker', 'held');
  const computing = run(COMPUTING, 'shown');
  const labs = computing.then(() => apart('labs', 'shown'));
  const commands = Promise.all([containers, labs]).then(() => apart('commands', 'shown'));
  const [first, ...others] = await Promise.all([computing, labs, containers, commands]);
  return [first, ...others.flat()];
}
