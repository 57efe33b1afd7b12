/** A machine that lets a process of the server stand: what has a timer must not be lost by it. */
import { describe, expect, it } from 'vitest';
import { TestLab, WAITS } from './lab.ts';

/** Longer than the primary user timer, and so than what team and delegates wait for. */
const STANDS_MS = WAITS.userMs + 200;

/** Every worker sleeps at this place of the configuration, before what stands there. */
const standing =
  (place: string) =>
  (config: string): string => {
    const [before = '', after] = config.split(place, 2);
    if (after === undefined) throw new Error(`not in the configuration any more: ${place}`);
    const asleep = `${before}\tusleep("${STANDS_MS * 1000}");\n${place}${after}`;
    return asleep.replace('loadmodule "mqueue.so"', 'loadmodule "cfgutils.so"\nloadmodule "mqueue.so"');
  };

/** Team and delegates answer at once; on a busy machine that takes its time. */
const override = { waits: { ...WAITS, team2Ms: 10_000 } };

describe('a server whose process stands still before it has relayed the call', () => {
  it('still lets the team and the delegates join', async () => {
    await using lab = await TestLab.start(standing('\tif (!t_relay()) {\n'));
    const { team, delegates } = await lab.run({
      team: { flags: ['team_ring'], others: 'answer', override },
      delegates: { flags: ['delegate_ring'], others: 'answer', override },
    });
    expect([...new Set(team.legs.map(({ role }) => role))]).toEqual(['phone', 'team']);
    expect(team.final).toBe(200);
    expect([...new Set(delegates.legs.map(({ role }) => role))]).toEqual(['phone', 'delegate']);
    expect(delegates.final).toBe(200);
  });
});
