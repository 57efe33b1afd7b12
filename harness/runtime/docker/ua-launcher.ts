import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { UaLauncher } from '../../ua/index.ts';
import type { LabContainer } from './lab-container.ts';
import type { Pod } from './pod.ts';
import { begun } from './started.ts';

const START_TIMEOUT_MS = 20_000;
const KILL_AFTER_S = 3;

/**
 * A user agent under test in containers of the pod, one for each instance. Its image follows docs/user-agents.md: what it
 * does and what it says is the same as for a process.
 */
export function containerLauncher(
  pod: Pod,
  { id, image }: { readonly id: string; readonly image: string },
): UaLauncher {
  return {
    id,
    async start({ env, logFile, onLine }) {
      const container = await pod.start({
        name: `user agent ${id}`,
        image,
        env,
        readOnly: false, // somebody else's image
        writable: ['/tmp'],
        ready: begun(),
        startTimeoutMs: START_TIMEOUT_MS,
      });
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
      return { exited, stop: () => ended(container, exited) };
    },
  };
}

async function ended(container: LabContainer, exited: Promise<string>): Promise<void> {
  await container.stop(KILL_AFTER_S);
  await exited;
}
