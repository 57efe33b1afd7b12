import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { systemTrouble } from '../errors.ts';
import { findExecutable } from './find-tool.ts';

/** Every actor of the lab has its own loopback address; this one stands for them all. */
export const LOOPBACK_SAMPLE = '127.1.2.3';

/** @returns null when TCP can listen on the address and be reached there, else the reason: where loopback is down, only that fails. */
export async function loopbackTrouble(address: string = LOOPBACK_SAMPLE, timeoutMs = 5_000): Promise<string | null> {
  const server = createServer();
  try {
    server.listen(0, address);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const reached = connect({ port, host: address, timeout: timeoutMs });
    try {
      reached.once('timeout', () =>
        reached.destroy(new Error(`connect ${address}:${port}: no answer in ${timeoutMs} ms`)),
      );
      await once(reached, 'connect');
    } finally {
      reached.destroy();
    }
    return null;
  } catch (error) {
    return systemTrouble(error) ?? (error as Error).message;
  } finally {
    server.close();
  }
}

/**
 * Files that a program started from this shell may open; null where the limit is unlimited or unknown.
 * Asked of the parent: Node.js raises its own limit when it starts.
 */
export async function openFilesLimit(): Promise<number | null> {
  const limits = await readFile(`/proc/${process.ppid}/limits`, 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}

/** @returns version of the Docker engine that answers, else what was seen instead. */
export async function dockerEngine(timeoutMs = 3_000): Promise<{ version: string } | { absent: string }> {
  const docker = await findExecutable(['docker']);
  if (docker === null) return { absent: 'no docker command' };
  return new Promise((resolve) => {
    execFile(
      docker,
      ['version', '--format', '{{.Server.Version}}'],
      { timeout: timeoutMs },
      (error, stdout, stderr) => {
        const version = stdout.trim();
        if (error === null && version !== '') resolve({ version });
        else resolve({ absent: stderr.trim().split('\n').at(-1) || 'the docker command does not answer' });
      },
    ).stdin?.end();
  });
}

/** Which npm packages `./ringfence` has installed here; null: none, or not by it. */
export async function npmPackages(packageRoot: URL): Promise<'production' | 'all' | null> {
  const stamp = await readFile(new URL('node_modules/.ringfence-stamp', packageRoot), 'utf8').catch(() => '');
  const [installed, ...lock] = stamp.split('\n');
  if (installed !== 'production' && installed !== 'all') return null;
  const current = await readFile(new URL('package-lock.json', packageRoot), 'utf8').catch(() => '');
  return lock.join('\n') === current ? installed : null;
}
