import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepingItsLog } from '../../harness/cli/kept-log.ts';
import { type Scratch, scratch } from '../setup/scratch.ts';

describe('the log of a program that was asked', () => {
  let place: Scratch;
  beforeEach(async () => {
    place = await scratch();
    vi.stubEnv('TMPDIR', place.dir);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await place[Symbol.asyncDispose]();
  });

  let folder = '';
  const asked = (log: string | null, fails: boolean): Promise<string> =>
    keepingItsLog('asked-', async (logDir) => {
      folder = logDir;
      if (log !== null) await writeFile(join(logDir, 'log'), log);
      if (fails) throw new Error('not understood');
      return 'understood';
    });

  it('goes with an answer', async () => {
    expect(await asked('all is well', false)).toBe('understood');
    expect(existsSync(folder)).toBe(false);
  });

  it('stays where there was none', async () => {
    await expect(asked('no such option', true)).rejects.toThrow('not understood');
    expect(await readFile(join(folder, 'log'), 'utf8')).toBe('no such option');
  });

  it('leaves no folder where nothing was written', async () => {
    await expect(asked(null, true)).rejects.toThrow('not understood');
    expect(existsSync(folder)).toBe(false);
  });
});
