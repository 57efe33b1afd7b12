/** `./ringfence` with --watch, as a user runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));

export interface Watching extends AsyncDisposable {
  /** Where the page is. */
  readonly url: string;
  /** All that was printed when the command ended. */
  readonly ended: Promise<{ readonly exitStatus: number | null; readonly stdout: string; readonly stderr: string }>;
  interrupt(): void;
}

/** Settles when it has said where its page is. @throws {Error} when it ends before */
export async function watching(args: readonly string[]): Promise<Watching> {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, NO_COLOR: '1' } });
  let [stdout, stderr] = ['', ''];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const look = (): void => {
    const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(stdout + stderr)?.[0];
    if (url !== undefined) resolve(url);
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    look();
  });
  const ended = once(child, 'close').then(([exitStatus]) => {
    reject(new Error(`it ended with ${exitStatus} and told no address:\n${stderr}`));
    return { exitStatus: exitStatus as number | null, stdout, stderr };
  });
  const url = await promise;
  return {
    url,
    ended,
    interrupt: () => child.kill('SIGINT'),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
