import { describe, expect, it } from 'vitest';
import { ServerClock } from '../../harness/foreign-drachtio/server-clock.ts';

/** 2027-01-15 08:00:00.500 UTC. */
const NOW = 1_800_000_000_500;
const MIDNIGHT = NOW - (NOW % 86_400_000) + 86_400_000;

const timeOfDay = (epochMs: number): string => new Date(epochMs).toISOString().slice(11, 23);

describe("a server's clock", () => {
  it.for([
    ['is ours', 0],
    ['is eight milliseconds behind', -8],
    ['is five seconds ahead', 5000],
    ['is in another time zone', 7 * 3_600_000],
    ['is in one of the other day', -11 * 3_600_000],
  ] as const)('that %s dates every frame by the one that came soonest', ([, aheadMs]) => {
    const clock = new ServerClock();
    const dated = (seenEpochMs: number, underWayMs: number): number =>
      clock.epochOf(timeOfDay(seenEpochMs + aheadMs), seenEpochMs + underWayMs) - seenEpochMs;
    // Nothing is known yet: when it was read.
    expect(dated(NOW, 30)).toBe(30);
    expect(dated(NOW + 100, 1)).toBe(1);
    expect(dated(NOW + 200, 646)).toBe(1);
    expect(dated(NOW + 300, 4000)).toBe(1);
  });

  it('goes over midnight', () => {
    const clock = new ServerClock();
    clock.epochOf(timeOfDay(NOW), NOW);
    expect(clock.epochOf('23:59:59.990000', MIDNIGHT + 5)).toBe(MIDNIGHT - 10);
  });

  it('may be set while the run goes on', () => {
    const clock = new ServerClock();
    clock.epochOf(timeOfDay(NOW), NOW);
    expect(clock.epochOf(timeOfDay(NOW + 10_000), NOW + 100)).toBe(NOW + 100);
    // Back again: found out when as many frames have come as are remembered.
    let datedMs = 0;
    for (let frame = 0; frame < 1001; frame += 1) datedMs = clock.epochOf(timeOfDay(NOW + frame), NOW + frame) - NOW;
    expect(datedMs).toBe(1000);
  });

  it.for(['', 'noon', '8:00:00', '08:00:00.', '08:00'])('that says "%s" tells nothing: when it was read', (time) => {
    expect(new ServerClock().epochOf(time, NOW)).toBe(NOW);
  });
});
