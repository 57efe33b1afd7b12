/** docs/own-server.md, "Bring your own server": its commands as they stand there, and what it says that they print. */
import { describe, expect, it } from 'vitest';
import { checkout, loosely, runStep, tutorial } from '../helpers/tutorial.ts';
import { scratch } from '../setup/scratch.ts';

const PAGE = new URL('../../docs/own-server.md', import.meta.url);

describe('the tutorial for authors of servers', () => {
  it('comes to the verdicts that it shows', { timeout: 300_000 }, async () => {
    await using place = await scratch();
    await checkout(place.dir);
    const steps = await tutorial(PAGE, 'Bring your own server');
    const statuses: number[] = [];
    for (const { commands, prints } of steps) {
      const { status, printed } = await runStep(commands, place.dir);
      statuses.push(status);
      for (const line of prints) expect(loosely(printed), commands).toContain(loosely(line));
    }
    // What it is, as it is, and without the line that obeys the header.
    expect(statuses).toEqual([0, 0, 1]);
  });
});
