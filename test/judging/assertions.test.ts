import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Assertions } from '../../harness/judging/assertions.ts';
import type { CellResult } from '../../harness/model/results.ts';
import { suppressed } from '../helpers/observations.ts';
import { syntheticResults } from '../report/synthetic-run.ts';
import { type Scratch, scratch } from '../setup/scratch.ts';

const [some] = syntheticResults().cells;
if (some === undefined) throw new Error('no cell');
const cell: CellResult = { ...some, situation: 'mine', verdict: 'pass', why: null };
const seenOf = new Map([[cell.id, suppressed()]]);

let place: Scratch;
beforeAll(async () => {
  place = await scratch();
});
afterAll(() => place[Symbol.asyncDispose]());

/** What becomes of the cells when their scenario asserts so. */
async function applied(assert: string, cells: readonly CellResult[] = [cell], withinMs = 30_000) {
  const file = join(place.dir, `${Math.random()}.ts`);
  await writeFile(file, `export default [{ id: 'other' }, { id: 'mine', assert: ${assert} }];\n`);
  await using assertions = new Assertions(new Map([['mine', file]]), withinMs);
  return (await assertions.applied(cells, seenOf)).map(({ verdict, why, checks }) => {
    const asserted = checks?.find(({ id }) => id.startsWith('assertion'));
    if (asserted !== undefined) expect(asserted.holds ? null : asserted.seen).toBe(why);
    return [verdict, why, ...(asserted === undefined ? [] : [asserted.id])];
  });
}

it('an assertion that holds leaves the cell as it is', async () => {
  expect(await applied('(seen, expect) => expect(seen.legs).toHaveLength(1)')).toEqual([['pass', null, 'assertion']]);
});

it('one that throws, now or later, fails it with what it says', async () => {
  const failed = ['fail', expect.stringMatching(/^the scenario's own assertion failed: .*length of 7/), 'assertion'];
  expect(await applied('(seen, expect) => expect(seen.legs).toHaveLength(7)')).toEqual([failed]);
  expect(await applied('async (seen, expect) => expect(seen.legs).toHaveLength(7)')).toEqual([failed]);
  expect(await applied("() => { throw 'a text'; }")).toEqual([
    ['fail', expect.stringContaining('a text'), 'assertion'],
  ]);
});

it('one that breaks off for a slip of its own, or of the machine, proves nothing', async () => {
  const unproven = (why: string) => [
    ['inconclusive', expect.stringContaining(`own assertion broke off: ${why}`), 'assertion-ran'],
  ];
  expect(await applied('(seen) => seen.legs[7].status')).toEqual(unproven('TypeError: Cannot read properties'));
  expect(await applied('(seen) => undefinedName')).toEqual(unproven('ReferenceError: undefinedName'));
  expect(await applied("async () => (await import('node:fs')).readFileSync('/no/such')")).toEqual(
    unproven('Error: ENOENT'),
  );
});

it('what did not pass, and what is of another situation, is not asserted', async () => {
  const others: CellResult[] = [
    { ...cell, verdict: 'unspecified', why: 'x' },
    { ...cell, situation: 'of the project' },
  ];
  expect(await applied("() => { throw new Error('asked'); }", others)).toEqual([
    ['unspecified', 'x'],
    ['pass', null],
  ]);
});

it('a process that dies, or an assertion without end, leaves its cells and all after them unproven', async () => {
  const twice = [cell, cell];
  const unproven = (why: string) => twice.map(() => ['inconclusive', expect.stringContaining(why), 'assertion-ran']);
  expect(await applied("() => process.kill(process.pid, 'SIGKILL')", twice)).toEqual(
    unproven('own assertion was not run: the process of the assertions ended with SIGKILL'),
  );
  expect(await applied('() => { for (;;); }', twice, 2000)).toEqual(
    unproven('one of mine did not come to an end within 2000 ms'),
  );
});

it('a file that does not load any more, or has no such scenario, says so', async () => {
  expect(await applied('(')).toEqual([['inconclusive', expect.stringContaining('was not run: '), 'assertion-ran']]);
  await using assertions = new Assertions(new Map([['mine', join(place.dir, 'nowhere.ts')]]));
  const [gone] = await assertions.applied([cell], seenOf);
  expect(gone).toMatchObject({ verdict: 'inconclusive', why: expect.stringContaining('nowhere.ts') });
});
