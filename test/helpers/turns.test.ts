import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

const said = (late: boolean): boolean => late;

/** Labs that are under way, each of which ends when it is told to. */
function labs(turns: Turns) {
  const ends: ((late: boolean) => void)[] = [];
  const done: Promise<boolean>[] = [];
  return {
    begun: () => ends.length,
    start: (count: number) => {
      for (let left = count; left > 0; left -= 1) {
        done.push(turns.take(() => new Promise<boolean>((end) => ends.push(end)), said));
      }
    },
    end: async (index: number, late: boolean) => {
      ends[index]?.(late);
      await done[index];
    },
  };
}

it('lets as many labs begin as may be under way, in the order in which they came', async () => {
  const turns = new Turns(2);
  const { begun, start, end } = labs(turns);
  start(4);
  expect(begun()).toBe(2);
  await end(0, false);
  expect(begun()).toBe(3);
  await end(1, false);
  expect(begun()).toBe(4);
});

it('halves them when one was late, once for all that were under way, and lets more begin as labs keep time', async () => {
  const turns = new Turns(4);
  const { begun, start, end } = labs(turns);
  start(8);
  await end(0, true);
  expect(turns.limit).toBe(2);
  expect(begun()).toBe(4);
  await end(1, true);
  expect(turns.limit).toBe(2);
  await end(2, true);
  expect(begun()).toBe(5);
  await end(3, false);
  await end(4, false);
  expect(turns.limit).toBe(2);
  await end(5, false);
  expect(turns.limit).toBe(3);
});

it('never ends up with none', async () => {
  const turns = new Turns(2);
  const { start, end } = labs(turns);
  for (const lab of [0, 1, 2, 3]) {
    start(1);
    await end(lab, true);
  }
  expect(turns.limit).toBe(1);
});

it('hands the turn of a lab that fails to the next', async () => {
  const turns = new Turns(1);
  await expect(turns.take(() => Promise.reject(new Error('no server')), said)).rejects.toThrow('no server');
  expect(await turns.take(() => Promise.resolve(true), said)).toBe(true);
});
