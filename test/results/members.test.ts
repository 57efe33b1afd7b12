import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMembers, parseSpans } from '../../harness/results/members.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-members-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** What the file holds, put together again from its parts. */
async function read(text: string): Promise<unknown> {
  const file = join(dir, 'a.json');
  await writeFile(file, text);
  await using handle = await open(file);
  const { values, items } = await findMembers(handle, 'cells');
  const members = await all(parseSpans(handle, [...values.values()], String));
  const found = Object.fromEntries([...values.keys()].map((name, index) => [name, members[index]]));
  return items === null ? found : { ...found, cells: await all(parseSpans(handle, items, String)) };
}

async function all(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const value of values) found.push(value);
  return found;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('findMembers', () => {
  it('finds what JSON.parse finds, with or without blanks, in any order of members', () =>
    fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.option(fc.array(fc.jsonValue())),
        fc.constantFrom(undefined, 2),
        fc.boolean(),
        async (others, cells, indent, early) => {
          const list = cells === null ? {} : { cells };
          const value = early ? { ...list, ...others } : { ...others, ...list };
          expect(await read(JSON.stringify(value, null, indent))).toEqual(plain(value));
        },
      ),
      { numRuns: 200 },
    ));

  it('is not misled by brackets and quotes in texts', async () => {
    const value = { a: '{"cells": [', cells: [{ b: ']}\\"' }, '],[', 1.5, null, [[]]], 'c"]': {} };
    expect(await read(JSON.stringify(value))).toEqual(value);
  });

  it('takes a file of several reads', async () => {
    const cells = Array.from({ length: 90 }, (_, index) => ({ index, text: `"${'ü\\'.repeat(20_000)}` }));
    expect(await read(JSON.stringify({ cells, last: true }))).toEqual({ cells, last: true });
  });

  it.each(['[]', 'null', '"x"'])('refuses %j, which is no object', async (text) => {
    await expect(read(text)).rejects.toThrow(/outside of the object/);
  });

  it.each([
    '',
    ' ',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{,}',
    '{a:1}',
    '{1:1}',
    '{"a":1]',
    '{"cells":[1}',
    '{"cells":[1,]}',
    '{"cells":[,1]}',
    '{"cells":[1] 2}',
    '{"cells":[1] [2]}',
    '{"cells":[1]',
    '{"cells":[1]} x',
    '{"cells":[{"a":1]]}',
    '{"a":"x}',
    '{"a" "b":1}',
  ])('refuses %j', async (text) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    await expect(read(text)).rejects.toThrow(SyntaxError);
  });
});
