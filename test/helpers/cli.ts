/** `./ringfence` as a user runs it, without the bootstrap: the packages of this checkout are there. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Finished {
  readonly exitStatus: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Ends what hangs, before the test's own limit does: a run of a second takes a minute beside a dozen others. */
const TIMEOUT_MS = 280_000;
const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));

export async function ringfence(
  args: readonly string[],
  options: { cwd?: string; timeoutMs?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      {
        cwd: options.cwd,
        timeout: options.timeoutMs ?? TIMEOUT_MS,
        killSignal: 'SIGKILL',
        env: { ...process.env, NO_COLOR: '1', ...options.env },
      },
      (error, stdout, stderr) =>
        resolve({ exitStatus: error === null ? 0 : (error.code ?? error.signal ?? 'unknown'), stdout, stderr }),
    );
  });
}
