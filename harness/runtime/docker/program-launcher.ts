import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { Launcher } from '../../processes/launcher.ts';
import { READY_WITHIN_MS } from '../../processes/ready.ts';
import type { LabContainer } from './lab-container.ts';
import type { Pod } from './pod.ts';
import { begun } from './started.ts';

const KILL_AFTER_S = 3;

/**
 * A program of the user's in containers of the pod, one for each instance. Its image follows docs/user-agents.md,
 * docs/callers.md or docs/own-server.md: what it does and what it says is the same as for a process.
 */
export function containerLauncher(
  pod: Pod,
  {
    id,
    image,
    role,
  }: { readonly id: string; readonly image: string; readonly role: 'user agent' | 'caller' | 'server' },
): Launcher {
  return {
    id,
    async start({ env, logFile, onLine, input = false, file: given }) {
      const path = given && `/etc/ringfence/${given.name}`;
      const container = await pod.start({
        name: `${role} ${id}`,
        image,
        env: { ...env, ...(given && path && { [given.variable]: path }) },
        files: given && path ? { [path]: given.text } : {},
        input,
        readOnly: false, // somebody else's image
        writable: ['/tmp'],
        ready: begun(),
        startTimeoutMs: READY_WITHIN_MS,
      });
      const stdin = input ? await container.input() : null;
      // One that ended does not read any more: that it ended is told otherwise.
      stdin?.on('error', () => {});
      const output = await container.output();
      const file = createWriteStream(logFile, { flags: 'a' });
      const lines = createInterface({ input: output, crlfDelay: Number.POSITIVE_INFINITY });
      lines.on('line', (line) => {
        file.write(`${line}\n`);
        onLine(line);
      });
      const told = finished(output).catch(() => {}); // an engine that is lost ends the container's story, too
      const exited = container.exited.then(async (how) => {
        await told;
        file.end();
        return how;
      });
      const write = (line: string): void => void stdin?.write(`${line}\n`);
      return { exited, write, stop: () => ended(container, exited) };
    },
  };
}

async function ended(container: LabContainer, exited: Promise<string>): Promise<void> {
  await container.stop(KILL_AFTER_S);
  await exited;
}
