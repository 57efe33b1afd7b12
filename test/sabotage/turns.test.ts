import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Turns, type TurnsOptions } from '../../harness/sabotage/turns.ts';

/** Labs that end when they are told to, in a process that is as busy as it is said to be. */
function labs(options: Omit<TurnsOptions, 'watch'>) {
  let busyNow: number | null = null;
  const turns = new Turns({ ...options, watch: () => () => busyNow });
  const ends: (() => void)[] = [];
  const done: Promise<void>[] = [];
  return {
    limit: () => turns.limit,
    begun: () => ends.length,
    start: async (count: number) => {
      for (let left = count; left > 0; left -= 1) {
        done.push(turns.take(() => new Promise<void>((end) => ends.push(end))));
      }
      await setImmediate();
    },
    end: async (index: number, busy: number | null) => {
      busyNow = busy;
      ends[index]?.();
      await done[index];
      await setImmediate();
    },
  };
}

it('lets as many labs begin as may be under way, in the order in which they came', async () => {
  const { begun, start, end } = labs({ most: 2 });
  await start(4);
  expect(begun()).toBe(2);
  await end(0, null);
  expect(begun()).toBe(3);
  await end(1, null);
  expect(begun()).toBe(4);
});

it('lets more begin while there is time for them, and no more than was said', async () => {
  const { begun, limit, start, end } = labs({ most: 3 });
  await start(6);
  await end(0, 0.59);
  expect(begun()).toBe(4);
  expect(limit()).toBe(3);
  await end(1, 0.1);
  expect(begun()).toBe(5);
  expect(limit()).toBe(3);
});

it('stays where it is while there is no time for more, or nobody waits', async () => {
  const { limit, start, end } = labs({ most: 5 });
  await start(2);
  await end(0, 0.7);
  expect(limit()).toBe(2);
  await end(1, 0.1);
  expect(limit()).toBe(2);
});

it('halves what is under way when it takes all the time, and never ends up with none', async () => {
  const { begun, limit, start, end } = labs({ most: 4, first: 4 });
  await start(8);
  await end(0, 0.81);
  expect(limit()).toBe(2);
  expect(begun()).toBe(4);
  await end(1, 1);
  await end(2, 1);
  expect(limit()).toBe(2); // they began before
  expect(begun()).toBe(5);
  await end(4, 1);
  expect(limit()).toBe(1);
  expect(begun()).toBe(5);
  await end(3, 1);
  expect(begun()).toBe(6);
  await end(5, 1);
  expect(limit()).toBe(1);
  expect(begun()).toBe(7);
});

it('hands the turn of a lab that fails to the next', async () => {
  const turns = new Turns({ most: 1 });
  await expect(turns.take(() => Promise.reject(new Error('no server')))).rejects.toThrow('no server');
  expect(await turns.take(() => Promise.resolve(1))).toBe(1);
});

it('knows of itself how busy this process is', async () => {
  const turns = new Turns({ most: 4, first: 4 });
  const together = [1, 2, 3, 4].map(() => turns.take(() => new Promise((end) => setTimeout(end, 300))));
  await setImmediate();
  const until = performance.now() + 1_200;
  while (performance.now() < until) Math.sqrt(until);
  await Promise.all(together);
  expect(turns.limit).toBe(2);
});
