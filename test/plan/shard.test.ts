import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import { POLICIES } from '../../harness/model/words.ts';
import { type Cell, plan } from '../../harness/plan/plan.ts';
import { parseShard, shardOf } from '../../harness/plan/shard.ts';
import { scenarios, variants } from '../../scenarios/index.ts';

const whole = plan({ server: 'kamailio', transport: 'udp', policies: POLICIES, scenarios, variants });
const shards = (cells: readonly Cell[], count: number): Cell[][] =>
  Array.from({ length: count }, (_, at) => shardOf(cells, { index: at + 1, count }));
const ids = (cells: readonly Cell[]): string[] => cells.map((cell) => cell.id);

describe('shardOf', () => {
  it('gives every cell to one shard, its control with it', () => {
    const most = POLICIES.length * scenarios.length;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: most }), (count) => {
        const parts = shards(whole, count);
        expect(parts.flatMap(ids).toSorted()).toEqual(ids(whole).toSorted());
        for (const part of parts) {
          const own = new Set(ids(part));
          expect(part.filter(({ control }) => control !== null && !own.has(control))).toEqual([]);
          expect(part.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('deals the same cells whatever the order they come in', () => {
    const other = whole.toReversed();
    for (const [index, part] of shards(whole, 4).entries()) {
      expect(ids(shardOf(other, { index: index + 1, count: 4 })).toSorted()).toEqual(ids(part).toSorted());
    }
  });

  it('keeps the order of the plan, and the shards about as large as each other', () => {
    const parts = shards(whole, 4);
    const place = new Map(ids(whole).map((id, at) => [id, at]));
    for (const part of parts)
      expect(part).toEqual(part.toSorted((a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0)));
    const sizes = parts.map((part) => part.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(variants.length);
  });

  it('refuses to make an empty shard', () => {
    const two = whole.filter(
      ({ policy, scenario }) => policy === 'plain' && /^voicemail-(busy|no-answer)$/.test(scenario.id),
    );
    expect(() => shardOf(two, { index: 1, count: 3 })).toThrow(/2 situations, .* at most 2 shards,/);
    expect(() => shardOf(two.slice(0, 1), { index: 1, count: 2 })).toThrow(/1 situation, .* at most 1 shard,/);
  });
});

describe('parseShard', () => {
  it('reads I/N', () => expect(parseShard('2/4')).toEqual({ index: 2, count: 4 }));

  it.for(['', '0/4', '5/4', '1', '1/0', '-1/4', '1/4/2', '1.5/4', '1/99999', 'a/b'])('refuses "%s"', (text) => {
    expect(() => parseShard(text)).toThrow(UsageError);
  });
});
