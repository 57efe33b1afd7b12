import { describe, expect, it } from 'vitest';
import { Commands } from '../../harness/foreign-drachtio/commands.ts';

const LONG_MS = 60_000;

/** Whether it has settled, once everything else has had its turn. */
async function isSettled(waiting: Promise<void>): Promise<boolean> {
  let settled = false;
  void waiting.then(() => {
    settled = true;
  });
  await new Promise(setImmediate);
  return settled;
}

describe('commands of an application', () => {
  it('are settled when all are answered that were open when somebody asked, whatever was asked since', async () => {
    const commands = new Commands();
    expect(await isSettled(commands.settled(LONG_MS))).toBe(true);
    for (const id of ['a', 'b']) commands.asked(id);
    const settled = commands.settled(LONG_MS);
    commands.asked('c');
    commands.answered('b');
    commands.answered('nobody knows');
    expect(await isSettled(settled)).toBe(false);
    commands.answered('a');
    expect(await isSettled(settled)).toBe(true);
    const later = commands.settled(LONG_MS);
    expect(await isSettled(later)).toBe(false);
    commands.answered('c');
    await later;
  });

  it('are waited for no longer than somebody wants to', async () => {
    const commands = new Commands();
    commands.asked('a');
    await commands.settled(1);
    expect(await isSettled(commands.settled(LONG_MS))).toBe(false);
    commands.answered('a');
  });
});
