/**
 * A peer and an application that do anything at any time: the server answers both to the end, and no error goes uncaught,
 * which would fail the run. `FUZZ_SEED` repeats one; `FUZZ_STEPS` makes it longer.
 */
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { Fuzzer } from './fuzzer.ts';

const STEPS = Number(process.env.FUZZ_STEPS ?? 4_000);
const SEED = Number(process.env.FUZZ_SEED ?? randomInt(1, 2 ** 31));

it(`${STEPS} messages of seed ${SEED}`, { timeout: 90_000 + STEPS * 5 }, async () => {
  await using fuzzer = await Fuzzer.start(SEED);
  await expect(fuzzer.run(STEPS)).resolves.toBeUndefined();
});
