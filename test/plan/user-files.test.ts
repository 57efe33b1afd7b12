import { describe, expect, it } from 'vitest';
import { loadUserFiles } from '../../harness/plan/user-files.ts';
import { scenarios, variants } from '../../scenarios/index.ts';

/** As somebody types it: Node takes the types away and does not look at them. */
const mistyped = <T extends object>(row: T | undefined, over: object): T => ({ ...(row as T), ...over });

describe('what is built in is looked at like what users bring', () => {
  it('and is in order', async () => {
    expect(await loadUserFiles([], { scenarios, variants })).toMatchObject({ scenarios: [], variants: [] });
  });

  it('a situation', async () => {
    const [first] = scenarios;
    const loading = loadUserFiles([], { scenarios: [mistyped(first, { callee: 'bussy' })], variants });
    await expect(loading).rejects.toThrow(
      new RegExp(`^scenarios/, situation ${first?.id}: callee: found "?'?bussy.*; allowed: .*busy`),
    );
  });

  it('a row of the matrix', async () => {
    const row = variants.find(({ id }) => id === 'target-class-secondary');
    const loading = loadUserFiles([], { scenarios, variants: [mistyped(row, { kind: 'decoi' })] });
    await expect(loading).rejects.toThrow(
      /^scenarios\/variants\/, row target-class-secondary: kind: found .*decoi.*; allowed: .*decoy/,
    );
  });
});
