import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { inFront, LONGEST } from './longest-first.ts';

it('begins with the files that take longest, the longest first, and leaves the order of the others', () => {
  const [longest = '', second = ''] = LONGEST;
  const paths = ['test/b.test.ts', second, 'test/a.test.ts', longest].map((path) => ({
    moduleId: `/checkout/${path}`,
  }));
  expect(inFront(paths).map(({ moduleId }) => moduleId)).toEqual(
    [longest, second, 'test/b.test.ts', 'test/a.test.ts'].map((path) => `/checkout/${path}`),
  );
});

it.each(LONGEST)('%s, which is to be begun first, is a file', (path) => {
  expect(existsSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)))).toBe(true);
});
