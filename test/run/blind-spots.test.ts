import { expect, it } from 'vitest';
import { ENDPOINT_ROLES } from '../../harness/model/words.ts';
import { blindSpots } from '../../harness/run/blind-spots.ts';
import type { Lab } from '../../harness/run/lab.ts';

const variant = { id: 'x-one', title: 'x', kind: 'decoy', claims: [], headers: ['X-One: yes'] } as const;

/** @param says what a server answers to its nth question, headers or none */
function labThat(says: (nth: number, lines: readonly string[]) => number | null): Lab {
  const asked = new Map<string, number>();
  const endpoints = Object.fromEntries(
    ENDPOINT_ROLES.map((role) => [role, { sip: { host: role, port: 1 }, seenBy: 'control' }]),
  );
  const askOptions = async ({ host }: { host: string }, lines: readonly string[]): Promise<number | null> => {
    const nth = (asked.get(host) ?? 0) + 1;
    asked.set(host, nth);
    return says(nth, lines);
  };
  return { endpoints, site: { askOptions } } as unknown as Lab;
}

it('a server that has not heard its application yet is waited for', async () => {
  expect(
    await blindSpots(
      labThat((nth) => (nth <= 3 ? 503 : 200)),
      [variant],
    ),
  ).toEqual(new Map());
});

it('a server that refuses a header is told of, at once and at every endpoint', async () => {
  const found = await blindSpots(
    labThat((_nth, lines) => (lines.length > 0 ? 503 : 200)),
    [variant],
  );
  expect(found.get('x-one')).toHaveLength(ENDPOINT_ROLES.length - 1);
  expect(found.get('x-one')?.[0]).toContain('was answered 503 by the drachtio server there');
});

it('one that is silent is told of, when it was asked again', async () => {
  let asked = 0;
  const found = await blindSpots(
    labThat((_nth, lines) => {
      asked += lines.length;
      return null;
    }),
    [variant],
  );
  expect(found.get('x-one')?.[0]).toContain('was not answered');
  expect(asked).toBe(3 * (ENDPOINT_ROLES.length - 1));
});

it('one that answers late, to another question, has heard the header', async () => {
  expect(
    await blindSpots(
      labThat((nth) => (nth <= 3 ? null : 200)),
      [variant],
    ),
  ).toEqual(new Map());
});
