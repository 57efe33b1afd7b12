import { describe, expect, it } from 'vitest';
import type { Cell } from '../../harness/plan/plan.ts';
import { inBatches } from '../../harness/run/batches.ts';
import { type Batch, mostCalls, Work } from '../../harness/run/work.ts';
import { scenario } from '../helpers/observations.ts';

/** A control and its variants, named `family`, `family 1`, ... */
function family(name: string, size: number, over: Partial<Cell['scenario']> = {}): Cell[] {
  return Array.from({ length: size }, (_, index) => ({
    id: index === 0 ? name : `${name} ${index}`,
    server: 'kamailio',
    policy: 'plain',
    scenario: { ...scenario, ...over },
    variant: { id: String(index), title: 'x', kind: index === 0 ? 'control' : 'decoy', claims: [], headers: [] },
    transport: 'udp',
    path: 'direct',
    control: index === 0 ? null : name,
  }));
}

const ids = (cells: readonly Cell[]): string[] => cells.map(({ id }) => id);
const drained = (work: Work): string[][] => {
  const found: string[][] = [];
  for (let batch = work.next(); batch !== null; batch = work.next()) found.push(ids(batch.cells));
  return found;
};

describe('batches', () => {
  it('hold a control together with the cells that it is the control of', () => {
    const mixed = [...family('a', 3), ...family('b', 3), ...family('c', 3)].toSorted(
      (a, b) => a.id.length - b.id.length,
    );
    const batches = inBatches(mixed, 7).map(ids);
    expect(batches.map((each) => each.length)).toEqual([6, 3]);
    for (const batch of batches) {
      for (const id of batch) expect(batch).toContain(id.split(' ')[0]);
    }
    expect(batches.flat().toSorted()).toEqual(ids(mixed).toSorted());
  });

  it('are larger than asked for where one family is', () => {
    expect(inBatches(family('a', 9), 4).map((each) => each.length)).toEqual([9]);
  });

  it('begin with what takes longest', () => {
    const busy = family('busy', 1, { callee: 'busy' });
    const slow = family('slow', 1, {
      callee: 'busy',
      subscriber: { ...scenario.subscriber, waits: { totalMs: 5000, userMs: 0, team2Ms: 0 } },
    });
    // Whoever dials voice mail itself waits for nobody's phone.
    const direct = family('direct', 1, { dials: 'voice-mail-gruu' });
    const batches = inBatches([...direct, ...busy, ...family('rings', 1), ...slow], 1).map(ids);
    expect(batches).toEqual([['slow'], ['rings'], ['busy'], ['direct']]);
  });
});

const busy = () => true;

describe('work', () => {
  const cells = [...family('a', 3), ...family('b', 3)];
  const work = (over: Partial<ConstructorParameters<typeof Work>[0]> = {}): Work =>
    new Work({ cells, repeat: 1, batchCells: 3, again: 1, ...over });
  const nextOf = (each: Work): Batch => {
    const batch = each.next();
    if (batch === null) throw new Error('nothing is left');
    return batch;
  };

  it.for([
    [2, 3],
    [2, 9],
    [30, 9],
  ] as const)(
    'is no more calls than were told beforehand, %i times each, though all prove nothing each time, and controls come along',
    ([repeat, again]) => {
      const asked = { cells, repeat, again };
      const isVariant = (id: string): boolean => id.includes(' ');
      for (const isLate of [() => true, isVariant]) {
        const each = work(asked);
        let calls = 0;
        do {
          for (let batch = each.next(); batch !== null; batch = each.next()) {
            calls += batch.cells.length;
            each.again(batch, ids(batch.cells).filter(isLate));
          }
        } while (each.turnToAgain(busy) > 0);
        expect(calls).toBeLessThanOrEqual(mostCalls(asked));
        if (repeat === 2) expect(calls).toBe(mostCalls(asked));
      }
    },
  );

  it('is every cell, as often as it was asked for', () => {
    const twice = work({ repeat: 2 });
    expect(twice.total).toBe(12);
    expect(drained(twice)).toEqual([
      ids(cells.slice(0, 3)),
      ids(cells.slice(3)),
      ids(cells.slice(0, 3)),
      ids(cells.slice(3)),
    ]);
  });

  it('turns to what must be called again when all else is done, with the controls', () => {
    const some = work();
    const first = nextOf(some);
    some.again(first, ['a 2']);
    expect(drained(some)).toEqual([ids(cells.slice(3))]);
    expect(some.turnToAgain(busy)).toBe(1);
    expect(some.waiting).toBe(2);
    const second = nextOf(some);
    expect([ids(second.cells), second.attempt, second.repeat]).toEqual([['a', 'a 2'], 2, 1]);
    some.again(second, ['a 2']); // once only
    expect([some.turnToAgain(busy), some.next()]).toEqual([0, null]);
  });

  it.for([
    ['as long as that helps', false, [100, 100, 80, 65], [100, 100, 80, 0]],
    ['or the machine is busy', true, [100, 100, 100, 100, 100, 100], [100, 100, 100, 100, 100, 0]],
    ['and few whatever they come to', false, [50, 50, 50, 50], [50, 50, 50, 50]],
  ] as const)('calls again twice in any case, %s', ([, isBusy, proveNothing, expected]) => {
    const many = family('a', 101);
    const late = work({ cells: many, batchCells: 101, again: 9 });
    const called = proveNothing.map((count) => {
      late.again(nextOf(late), ids(many.slice(1, 1 + count)));
      return late.turnToAgain(() => isBusy);
    });
    expect(called).toEqual(expected);
  });

  it.for([
    ['five times on a quiet machine', false, [50, 50, 50, 50, 50, 50], [50, 50, 50, 50, 50, 0]],
    ['more often while it is busy', true, [50, 50, 50, 50, 50, 50, 1, 1, 1, 1], [50, 50, 50, 50, 50, 50, 1, 1, 1, 0]],
    ['where they are few', true, [300, 240, 192, 153, 122, 97], [300, 240, 192, 153, 122, 0]],
  ] as const)('calls again %s', ([, isBusy, proveNothing, expected]) => {
    const many = family('a', 301);
    const late = work({ cells: many, batchCells: 301, again: 9 });
    const called = expected.map((_, index) => {
      late.again(nextOf(late), ids(many.slice(1, 1 + (proveNothing[index] ?? 0))));
      return late.turnToAgain(() => isBusy);
    });
    expect(called).toEqual(expected);
  });

  it('keeps the rounds of a repeated run apart', () => {
    const twice = work({ repeat: 2, batchCells: 6 });
    const [first, second] = [nextOf(twice), nextOf(twice)];
    twice.again(second, ['b 1']);
    twice.again(first, ['a 1']);
    expect(twice.turnToAgain(busy)).toBe(2);
    expect([nextOf(twice), nextOf(twice)].map((batch) => [batch.repeat, ids(batch.cells)])).toEqual([
      [2, ['b', 'b 1']],
      [1, ['a', 'a 1']],
    ]);
  });
});
