import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('watchdog.sh', import.meta.url));

const listed = new Set<number>();
let keeper: ChildProcess | undefined;

/**
 * Lists a process group with the watchdog, a shell in a session of its own that outlives us by two seconds at most.
 * A signal handler cannot do this: nothing of ours runs after `kill -9`.
 */
export function watchGroup(group: number): void {
  listed.add(group);
  if (keeper === undefined) keeper = startKeeper();
  else tell(`+ ${group}`);
}

/** The group has ended; its number may soon belong to somebody else. */
export function unwatchGroup(group: number): void {
  if (listed.delete(group)) tell(`- ${group}`);
}

function tell(line: string): void {
  keeper?.stdin?.write(`${line}\n`);
}

function startKeeper(): ChildProcess {
  // What is listed goes with the fork: written to the pipe afterwards, it would be lost if we died in between.
  const child = spawn('/bin/sh', [SCRIPT, ...[...listed].map(String)], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.once('exit', (_code, signal) => {
    keeper = undefined;
    if (signal === null || listed.size === 0) return;
    keeper = startKeeper(); // somebody killed the watchdog: a new one takes over what is still listed
  });
  child.once('error', () => {}); // no /bin/sh: `stop()` is then all that ends a child
  child.stdin?.on('error', () => {}); // EPIPE of a watchdog that is gone; `exit` follows
  child.unref();
  // The pipe must not keep our event loop alive. `unref` exists on it, the stream type does not say so.
  (child.stdin as (NodeJS.WritableStream & { unref?: () => void }) | null)?.unref?.();
  return child;
}
