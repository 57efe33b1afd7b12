/** The tutorials of docs/callers.md: their commands as they stand there, and what they say that these print. */
import { describe, expect, it } from 'vitest';
import { findTool } from '../../harness/setup/find-tool.ts';
import { checkout, loosely, runStep, tutorial } from '../helpers/tutorial.ts';
import { scratch } from '../setup/scratch.ts';

const PAGE = new URL('../../docs/callers.md', import.meta.url);

/** @returns the exit status of each step */
async function follow(heading: string): Promise<number[]> {
  await using place = await scratch();
  await checkout(place.dir);
  const statuses: number[] = [];
  for (const { commands, prints } of await tutorial(PAGE, heading)) {
    const { status, printed } = await runStep(commands, place.dir);
    statuses.push(status);
    for (const line of prints) expect(loosely(printed), commands).toContain(loosely(line));
  }
  return statuses;
}

describe('the tutorial for authors of calling applications', () => {
  it('comes to the verdicts that it shows', { timeout: 300_000 }, async () => {
    // With its header line, without it, and what it is.
    expect(await follow('From nothing to a verdict')).toEqual([0, 1, 0]);
  });

  it('comes to them with linphone, too', { timeout: 300_000 }, async (context) => {
    const { state } = await findTool('linphone');
    if (state !== 'found') context.skip('linphone is not installed: apt-get install linphone-cli');
    expect(await follow('One that you did not write')).toEqual([0, 1]);
  });
});
