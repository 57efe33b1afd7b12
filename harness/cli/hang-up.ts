import { isatty } from 'node:tty';

const STANDARD_STREAMS = [0, 1, 2];

/**
 * Tells when the terminal that the command was started in is gone: a window that was closed, a connection that was lost. Its shell
 * says so, and the system once more. Node ends at that by itself, whatever there was to put in order; with this it does not.
 * A command without a terminal goes on, as nohup(1) would have it, whose work Node undoes when it begins.
 */
export function onHangUp(listener: () => void): void {
  const hasTerminal = STANDARD_STREAMS.some((fd) => isatty(fd)); // looked at now: one that is gone is none
  process.on('SIGHUP', () => {
    if (hasTerminal) listener();
  });
}

/** For a command that runs until somebody ends it: Ctrl-C, SIGTERM, or a terminal that is gone. */
export async function untilEnded(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    onHangUp(resolve);
  });
}
