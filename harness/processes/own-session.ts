import type { ChildProcess } from 'node:child_process';
import { statOf } from './stat.ts';

const PF_EXITING = 0x4;
const SIGNAL = 0x7f;
/** Each one more wants one more signal in the millisecond that it takes. */
const AGAIN = 5;

/**
 * A process with a session of its own (`detached`), so that Ctrl-C, which a terminal sends to a whole group, does not end it.
 * Until setsid(2) it is in our group all the same: a signal to that group waits with it, and ends it when libuv lets signals in,
 * just before exec(2). That is a millisecond in which a Ctrl-C does fall (seen). Such a process is started again; nobody has said a word to it.
 *
 * Whoever starts has waited for exec(2) when it returns, so that the process has ended by then or is safe.
 */
export function inOwnSession<Child extends ChildProcess>(start: () => Child): Child {
  let child = start();
  for (let again = 0; again < AGAIN && endedBySignal(child); again++) child = start();
  return child;
}

/** Node tells it later, by `exit`. */
function endedBySignal({ pid }: ChildProcess): boolean {
  const stat = pid === undefined ? null : statOf(pid);
  return stat !== null && (stat.flags & PF_EXITING) !== 0 && (stat.exitCode & SIGNAL) !== 0;
}
