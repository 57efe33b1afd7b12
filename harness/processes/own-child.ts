import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { inOwnSession } from './own-session.ts';

/**
 * A part of this program in a process of its own, with a channel for messages. It has a session of its own, so that Ctrl-C,
 * which a terminal sends to a whole group, ends none of what the run goes on with; with its parent it ends because the channel
 * closes, so every such part does `process.once('disconnect', ...)`.
 *
 * @param path absolute, of a module
 */
export function forkOwn(path: string, options: ForkOptions = {}): ChildProcess {
  return inOwnSession(() => fork(path, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true, ...options }));
}
