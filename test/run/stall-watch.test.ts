import { describe, expect, it } from 'vitest';
import { StallWatch } from '../../harness/run/stall-watch.ts';

const tick = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function holdUp(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('StallWatch', () => {
  it('tells when this process was held up for longer than the threshold', async () => {
    const watch = new StallWatch(100);
    await tick(40);
    holdUp(300);
    await tick(40);
    const [stall, ...others] = watch.stop();
    expect(others).toEqual([]);
    expect((stall?.endEpochMs ?? 0) - (stall?.startEpochMs ?? 0)).toBeGreaterThanOrEqual(290);
  });
});
