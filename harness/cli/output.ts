/** Whoever read it is gone: `| head`, a terminal that was closed. What is left of it is for nobody, and no fault of the command. */
const GONE = new Set(['EPIPE', 'EIO']);
const LOST_STATUS = 3;

/**
 * What the command prints may be lost, as on a disk that is full. Its work goes on, which is worth more; in the end it says so, and a
 * command that had all as expected ends with status 3.
 */
export function surviveLostOutput(): void {
  let lost: string | null = null;
  for (const [name, stream] of [['output', process.stdout] as const, ['error', process.stderr] as const]) {
    stream.on('error', ({ code = '', message }: NodeJS.ErrnoException) => {
      if (!GONE.has(code)) lost ??= `what was written to standard ${name} is not complete: ${message}`;
    });
  }
  // That it was lost is told after the write, perhaps when nothing else is left to do.
  process.once('exit', (status) => {
    if (lost === null) return;
    process.stderr.write(`ringfence: ${lost}\n`);
    if (status === 0) process.exitCode = LOST_STATUS;
  });
}
