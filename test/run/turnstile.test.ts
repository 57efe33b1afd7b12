import { describe, expect, it } from 'vitest';
import { nowEpochMs } from '../../harness/now.ts';
import { Turnstile } from '../../harness/run/turnstile.ts';

describe('a turnstile', () => {
  it('lets nobody begin before his turn, single calls and several together', async () => {
    const turnstile = new Turnstile(50, new AbortController().signal);
    const begunMs = nowEpochMs();
    const passed = await Promise.all(
      [1, 3, 1, 1].map(async (calls) => ({ may: await turnstile.pass(calls), atMs: nowEpochMs() - begunMs })),
    );
    expect(passed.every(({ may }) => may)).toBe(true);
    // Node's timers may be a millisecond early.
    for (const [index, turn] of [0, 20, 80, 100].entries()) expect(passed[index]?.atMs).toBeGreaterThan(turn - 5);
  });

  it('lets nobody begin any more when the run is over', async () => {
    const run = new AbortController();
    const turnstile = new Turnstile(0.001, run.signal);
    expect(await turnstile.pass()).toBe(true);
    const waiting = turnstile.pass();
    run.abort();
    expect(await waiting).toBe(false);
    expect(await turnstile.pass()).toBe(false);
  });
});
