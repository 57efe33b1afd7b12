import { spawn } from 'node:child_process';

export interface Ended {
  /** Exit status, the signal that ended it, or why it did not start. */
  readonly status: number | string;
  /** Both outputs; empty when they were shown. */
  readonly output: string;
}

export interface RunProgramOptions {
  readonly cwd: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Pass the outputs through instead of keeping them. */
  readonly show: boolean;
}

/** Runs a program to its end, without input. Its failure is a result, not an error. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, env, show }: RunProgramOptions,
): Promise<Ended> {
  return new Promise((resolve) => {
    const stdio = show ? 'inherit' : 'pipe';
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', stdio, stdio] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', (error) => resolve({ status: error.message, output }));
    child.on('close', (code, signal) => resolve({ status: code ?? signal ?? 'an unknown end', output }));
  });
}
