import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { oneAtATime } from '../../harness/runtime/docker/one-at-a-time.ts';

const MODULE = fileURLToPath(new URL('../../harness/runtime/docker/one-at-a-time.ts', import.meta.url));
const never = new AbortController().signal;

describe('work that others may be about to do', () => {
  it('is done by one after the other, also when one fails', async () => {
    const name = `${crypto.randomUUID()} ${'as long as an image may be called'.repeat(8)}`;
    let atIt = 0;
    const work = async (fails: boolean): Promise<number> => {
      atIt += 1;
      const seen = atIt;
      await new Promise(setImmediate);
      atIt -= 1;
      if (fails) throw new Error('it failed');
      return seen;
    };
    const all = [false, true, false, false].map((fails) => oneAtATime(name, never, () => work(fails)));
    expect(
      (await Promise.allSettled(all)).map((each) => (each.status === 'fulfilled' ? each.value : each.reason.message)),
    ).toEqual([1, 'it failed', 1, 1]);
  });

  it('waits for another process, and goes on when that is killed', async () => {
    const name = crypto.randomUUID();
    const code = `import { oneAtATime } from ${JSON.stringify(MODULE)};
      await oneAtATime(${JSON.stringify(name)}, new AbortController().signal, () => new Promise(() => { console.log('at it'); setInterval(() => {}, 1000); }));`;
    const other = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(other.stdout, 'data');
      const given = AbortSignal.timeout(100);
      await expect(oneAtATime(name, given, async () => 'done')).rejects.toThrow();
      const mine = oneAtATime(name, never, async () => 'done');
      other.kill('SIGKILL');
      expect(await mine).toBe('done');
    } finally {
      other.kill('SIGKILL');
    }
  });
});
