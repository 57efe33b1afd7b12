import { commandLine } from '../../harness/cli/command-line.ts';
import type { Finished } from './cli.ts';

let turn: Promise<unknown> = Promise.resolve();

/**
 * A command of `./ringfence` without a process of its own, a third of a second less each: for what ends before anything
 * begins. One at a time, for what it tells goes to this process's output.
 */
export function commandHere(args: readonly string[]): Promise<Finished> {
  const own = turn.then(() => told(args));
  turn = own.catch(() => {});
  return own;
}

async function told(args: readonly string[]): Promise<Finished> {
  const said = { stdout: '', stderr: '' };
  const restore = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const write = stream.write;
    stream.write = (text: string | Uint8Array): boolean => {
      said[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
      return true;
    };
    return () => {
      stream.write = write;
    };
  });
  try {
    return { exitStatus: await commandLine(args), ...said };
  } finally {
    for (const each of restore) each();
  }
}
