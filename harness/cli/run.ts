import { join, resolve } from 'node:path';
import type { Config } from '../model/config.ts';
import { WORK_ROOT } from '../place.ts';
import { parseRunOptions, RUN_HELP, type RunCommandOptions } from './run-options.ts';
import { withConfig } from './with-config.ts';

export interface RunOptions extends RunCommandOptions {
  /** Has a folder for each run. */
  readonly reportsDir: string;
}

/** What `ringfence.config.ts` may say of a run; `reports` is no option of the command line. */
const CONFIG_KEYS = [
  ...([
    'scenarios',
    'server',
    'accounts',
    'expect',
    'bind',
    'caller',
    'ua',
    'drachtio',
    'transport',
    'runtime',
  ] as const),
  ...(['rate', 'concurrency', 'repeat', 'history', 'singleFile', 'allure'] as const),
];

/** `./ringfence run`. Returns the exit status that RUN_HELP describes. */
export async function runCommand(args: string[]): Promise<number> {
  const options = await withConfig(args, CONFIG_KEYS, runOptionsOf);
  if (options === null) {
    process.stdout.write(RUN_HELP);
    return 0;
  }
  // Whoever mistypes an option need not wait for what calls are placed with.
  const { runCalls } = await import('./run-calls.ts');
  return runCalls(options);
}

function runOptionsOf(args: string[], { reports }: Config): RunOptions | null {
  const options = parseRunOptions(args);
  return options && { ...options, reportsDir: reports === undefined ? join(WORK_ROOT, 'reports') : resolve(reports) };
}
