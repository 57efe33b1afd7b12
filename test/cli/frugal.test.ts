import { execFile } from 'node:child_process';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { scratch } from '../setup/scratch.ts';

const MODULE = fileURLToPath(new URL('../../harness/cli/frugal.ts', import.meta.url));

/** What a program prints that says who it is, becomes frugal or not, and says it again. */
async function said(call: string, environment: NodeJS.ProcessEnv = {}): Promise<string[]> {
  await using place = await scratch();
  const program = join(place.dir, 'program.ts');
  await writeFile(join(place.dir, 'results.json'), '');
  if (call.includes('large')) await truncate(join(place.dir, 'results.json'), 100_000_000);
  await writeFile(
    program,
    `import { ${call.split('(', 1)[0]} } from ${JSON.stringify(MODULE)};
const [dir] = process.argv.slice(2);
const large = [dir];
const small = [dir, dir + '/nowhere'];
console.log(process.pid, process.execArgv.length, process.env.MALLOC_ARENA_MAX);
${call};
console.log('goes on');`,
  );
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, place.dir], {
    env: { PATH: process.env.PATH, ...environment },
  });
  expect(stderr).toBe('');
  return stdout.replaceAll(/^\d+/gm, 'pid').trimEnd().split('\n');
}

describe('a process that must be frugal', () => {
  const FRUGAL = ['pid 0 undefined', 'pid 1 2', 'goes on'];
  const NOT = ['pid 0 undefined', 'goes on'];

  it('begins anew, once', async () => expect(await said('beFrugal()')).toEqual(FRUGAL));

  it('with a large report, as well', async () => expect(await said('beFrugalWith(large)')).toEqual(FRUGAL));

  it('need not be with small ones, or none', async () => expect(await said('beFrugalWith(small)')).toEqual(NOT));

  it('leaves what the environment says of memory', async () => {
    expect(await said('beFrugal()', { MALLOC_ARENA_MAX: '7' })).toEqual(['pid 0 7', 'pid 1 7', 'goes on']);
  });
});
