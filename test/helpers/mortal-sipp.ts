import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fakeSipp } from './small-run.ts';

export interface MortalSipp {
  readonly path: string;
  /** Ends each that was started, as a crash would. */
  readonly kill: () => void;
}

/** The real SIPp, and a hand on those that were started. @param which `first`: those that come after it live. @default 'each' */
export async function mortalSipp(dir: string, which: 'each' | 'first' = 'each'): Promise<MortalSipp> {
  const pids = join(dir, 'sipp-pids');
  const noted = `echo $$ >>'${pids}'`;
  const path = await fakeSipp(dir, `${which === 'each' ? noted : `[ -e '${pids}' ] || ${noted}`}\nexec sipp "$@"`);
  const kill = (): void => {
    for (const pid of readFileSync(pids, 'utf8').trim().split('\n')) {
      try {
        process.kill(Number(pid), 'SIGABRT');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended
      }
    }
  };
  return { path, kill };
}
