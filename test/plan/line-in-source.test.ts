import { describe, expect, it } from 'vitest';
import { lineInSource } from '../../harness/plan/line-in-source.ts';

const SOURCE = `import { shared } from './shared.ts';
const waits = {
  totalMs: 600,
};
/* é, €, 😀: id: 'b' */
const one = { id: 'a', subscriber: { waits, 'flags': [
  'block',
  'blocked',
] } };
const base = {
  title: 'Ä',
};
export default [
  one,
  {
    id: 'b',
    ...base,
    callee: { answerAfterMs: 1 },
  } satisfies Scenario,
  make('c'),
] as const;
const more = [
  { id: 'x' }, { id: 'y' },
];
export const variants = [
  ...more,
  {
    id: 'z',
    id: 'zz',
  },
  ...shared,
  { id: 'after' },
];
`;

describe('lineInSource', () => {
  it.for([
    ['default', [], 13],
    ['default', [0], 14],
    ['default', [0, 'id'], 6],
    ['default', [0, 'subscriber', 'waits', 'totalMs'], 3],
    ['default', [0, 'subscriber', 'flags', 1], 8],
    ['default', [1, 'id'], 16],
    ['default', [1, 'title'], 11],
    ['default', [1, 'callee', 'answerAfterMs'], 18],
    // A key that is missing: the object it is missing from.
    ['default', [1, 'kind'], 15],
    // What a call makes is not in the text.
    ['default', [2, 'title'], 20],
    ['variants', [1, 'id'], 23],
    ['variants', [2, 'id'], 29],
    // How many items the other file has is not in the text.
    ['variants', [3, 'id'], 25],
    ['variants', [99], 25],
    ['other', [0], 1],
  ] as const)('%s %j is in line %i', async ([name, path, line]) => {
    expect(await lineInSource(SOURCE, name, path)).toBe(line);
  });

  it('follows a default export that is a name, and a single entry', async () => {
    const source = "\nconst mine = {\n  id: 'a',\n  title: 4,\n} satisfies Scenario;\nexport default mine;\n";
    expect(await lineInSource(source, 'default', ['title'])).toBe(4);
    expect(await lineInSource(source, 'default', ['trap'])).toBe(6);
  });
});
