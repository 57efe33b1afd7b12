import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reference } from '../../packaging/api/reference.ts';
import { scratch } from '../setup/scratch.ts';

describe('the reference of the doors', { timeout: 300_000 }, () => {
  it('has a word about every name, and none about what is not there', async () => {
    const { project, gaps } = await reference();
    expect(gaps).toEqual([]);
    const modules = project.children ?? [];
    expect(modules.map(({ name }) => name)).toEqual(['ringfence', 'ringfence/drachtio', 'ringfence/vitest']);
    const names = modules.map(({ children = [] }) => children.map(({ name }) => name));
    expect(names[0]).toEqual(expect.arrayContaining(['defineConfig', 'Config', 'pipeline']));
    expect(names[1]).toContain('DrachtioServer');
    expect(names[2]).toContain('sipFixtures');
  });

  it('misses what is not told', async () => {
    await using place = await scratch();
    const source = join(place.dir, 'index.ts');
    const tsconfig = join(place.dir, 'tsconfig.json');
    await writeFile(
      source,
      '/** Adds. @param c not there */\nexport const add = (a: number): number => a;\nexport interface Bare {}\n',
    );
    await writeFile(tsconfig, '{ "compilerOptions": { "types": [] }, "include": ["index.ts"] }');
    const { gaps } = await reference({ instead: { source, tsconfig } });
    expect(gaps).toEqual([
      expect.stringContaining('has an @param with name "c", which was not used'),
      expect.stringMatching(/^Bare \(Interface\).* does not have any documentation$/),
    ]);
  });
});
