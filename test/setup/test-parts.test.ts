import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Tally } from '../../harness/cli/tally-reporter.ts';
import { COMPUTING, runInParts, WAITING } from '../../harness/cli/test-parts.ts';

const tally = (passed: number): Tally => ({ passed, failed: 0, skipped: 0, failures: [], skips: [] });
const COMPUTES = COMPUTING.join(' ');
const WAIT = WAITING.join(' ');

/** Runs that end when they are told to. */
class Runs {
  readonly begun: string[] = [];
  readonly held: string[] = [];
  readonly #ends = new Map<string, (tally: Tally) => void>();

  readonly run = (projects: readonly string[], output: 'shown' | 'held'): Promise<Tally> => {
    const name = projects.join(' ');
    this.begun.push(name);
    if (output === 'held') this.held.push(name);
    return new Promise((resolve) => this.#ends.set(name, resolve));
  };

  async end(name: string, passed = 1): Promise<void> {
    this.#ends.get(name)?.(tally(passed));
    await setImmediate();
  }
}

describe('the parts of the suite', () => {
  it.for([[[COMPUTES, 'docker']], [['docker', COMPUTES]]] as const)(
    'are labs and whole commands after what computes and after containers',
    async ([[sooner, later]]) => {
      const runs = new Runs();
      const all = runInParts({ run: runs.run, cancelled: () => false });
      expect(runs.begun.toSorted()).toEqual([COMPUTES, 'docker']);
      await runs.end(sooner, 1);
      expect(runs.begun.slice(2)).toEqual([]);
      await runs.end(later, 2);
      expect(runs.begun.slice(2)).toEqual([WAIT]);
      await runs.end(WAIT, 4);
      expect((await all).map(({ passed }) => passed).toSorted()).toEqual([1, 2, 4]);
      expect(runs.held).toEqual(['docker']);
    },
  );

  it('are not begun after Ctrl-C; what was counted by then is', async () => {
    const runs = new Runs();
    let cancelled = false;
    const all = runInParts({ run: runs.run, cancelled: () => cancelled });
    cancelled = true;
    await runs.end(COMPUTES, 1);
    await runs.end('docker', 2);
    expect(runs.begun).toHaveLength(2);
    expect((await all).map(({ passed }) => passed)).toEqual([1, 2]);
  });
});
