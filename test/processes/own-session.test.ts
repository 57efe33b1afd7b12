import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const FIXTURE = fileURLToPath(new URL('fixtures/interrupted.ts', import.meta.url));
const STARTED_AGAIN = 5;

it('no process of ours ends by a Ctrl-C that falls before it has a session of its own', async () => {
  const child = spawn(process.execPath, [FIXTURE, String(STARTED_AGAIN)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // a group of its own, as a shell makes one
  });
  const closed = once(child, 'close');
  expect(await text(child.stdout)).toBe('answers');
  expect(await closed).toEqual([0, null]);
});
