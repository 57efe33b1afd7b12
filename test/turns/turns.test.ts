import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runVitest } from '../../harness/cli/vitest-run.ts';
import { idleFor, Room } from './room.ts';
import { serveTurns, takeTurn } from './server.ts';

/** Files ask in the order of their names, a letter each. */
function asked(names: string, { time = 1, ...options }: { always: number; most: number; time?: number }) {
  const room = new Room({ ...options, timeFor: () => time });
  const begun: string[] = [];
  const over = new Map([...names].map((name) => [name, room.ask(() => begun.push(name))]));
  return { room, begun, end: (name: string) => over.get(name)?.() };
}

describe('the files of labs', () => {
  it('begin at once, some of them, and one more at each look while there is time', () => {
    const { room, begun } = asked('abcdef', { always: 2, most: 4 });
    expect(begun.join('')).toBe('ab');
    room.look();
    expect(begun.join('')).toBe('abc');
    room.look();
    room.look();
    room.look();
    expect(begun.join('')).toBe('abcd');
  });

  it('are several more where there is time for several, and never more than may be', () => {
    const { room, begun } = asked('abcdefgh', { always: 1, most: 6, time: 3 });
    room.look();
    expect(begun.join('')).toBe('abcd');
    room.look();
    expect(begun.join('')).toBe('abcdef');
  });

  it('wait where there is no time, until one of those is over', () => {
    const { room, begun, end } = asked('abcd', { always: 2, most: 4, time: 0 });
    room.look();
    expect(begun.join('')).toBe('ab');
    end('a');
    expect(begun.join('')).toBe('abc');
  });

  it('that are more than begin in any case make no room for another when one is over', () => {
    const { room, begun, end } = asked('abcd', { always: 1, most: 3 });
    room.look();
    end('a');
    expect(begun.join('')).toBe('ab');
    end('b');
    expect(begun.join('')).toBe('abc');
  });

  it('that do not come any more are not waited for', () => {
    const { begun, end } = asked('abc', { always: 1, most: 3 });
    end('b');
    end('a');
    expect(begun.join('')).toBe('ac');
  });
});

describe('time that nobody uses', () => {
  it('is for as many as fit into it since the last look', () => {
    let [idleMs, allMs] = [5000, 10_000];
    const timeFor = idleFor(0.5, () => ({ idleMs, allMs, processors: 2 }));
    const left = (idle: number, all: number): number => {
      [idleMs, allMs] = [idleMs + idle, allMs + all];
      return timeFor();
    };
    expect([left(4000, 4000), left(999, 4000), left(1000, 4000), left(0, 4000), left(0, 0)]).toEqual([4, 0, 1, 0, 0]);
  });

  it('is of this machine, where nobody says otherwise: no more than all of it', () => {
    const timeFor = idleFor(1);
    // Until the clocks of the processors have gone on; this one is busy.
    const end = Date.now() + 100;
    while (Date.now() < end);
    const free = timeFor();
    expect(Number.isInteger(free)).toBe(true);
    expect(free).toBeLessThan(cpus().length);
  });
});

describe('workers', () => {
  it('wait for each other, and for none that has died', async () => {
    await using turns = await serveTurns({ always: 1, most: 1 });
    const over = await takeTurn(turns.path);
    const [second, third] = [takeTurn(turns.path), takeTurn(turns.path)];
    over();
    const next = await Promise.race([second, third]);
    next();
    for (const end of await Promise.all([second, third])) end();
  });

  it('are more while the machine has time', async () => {
    await using turns = await serveTurns({ always: 1, most: 2, timeFor: () => 1, lookEveryMs: 10 });
    const ends = await Promise.all([takeTurn(turns.path), takeTurn(turns.path)]);
    for (const end of ends) end();
  });

  it('go on after a file that does not load', async () => {
    const own = Object.keys(process.env).filter((key) => key.startsWith('VITEST'));
    const tally = await runVitest({
      root: fileURLToPath(new URL('fixtures', import.meta.url)),
      filters: [],
      env: Object.fromEntries(own.map((key) => [key, ''])),
      tell: () => {},
    });
    expect(tally).toMatchObject({
      passed: 1,
      failures: [expect.stringMatching(/first-does-not-load.*no such thing at load time/)],
    });
  });

  it('are told when there is nobody to ask, or not any more', async () => {
    const turns = await serveTurns({ always: 1, most: 1 });
    await takeTurn(turns.path);
    const second = takeTurn(turns.path);
    const told = expect(second).rejects.toThrow(/has ended|ECONNRESET/);
    await turns[Symbol.asyncDispose]();
    await told;
    await expect(takeTurn('/nowhere/socket')).rejects.toThrow('ENOENT');
  });
});
