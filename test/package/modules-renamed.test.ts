import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modulesRenamed } from '../../packaging/modules-renamed.ts';

describe('names of modules in what is built', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'ringfence-names-'));
    await mkdir(join(root, 'a/b'), { recursive: true });
    for (const file of ['a/b/thread.js', 'a/other.js']) await writeFile(join(root, file), '');
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it.for([
    ["new URL('thread.ts', import.meta.url)", "new URL('thread.js', import.meta.url)"],
    ["from '../other.ts'", "from '../other.js'"],
    ['["node", "a/other.ts"]', '["node", "a/other.js"]'],
    ["from './thread.ts'", "from './thread.js'"],
    ["name.endsWith('.ts')", "name.endsWith('.ts')"],
    ["'users-own.ts'", "'users-own.ts'"],
    ['\'thread.ts"', '\'thread.ts"'],
  ])('%s', ([source = '', built]) => {
    expect(modulesRenamed(source, join(root, 'a/b'), root)).toBe(built);
  });
});
