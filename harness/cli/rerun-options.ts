import { shellWord } from '../setup/shell-word.ts';
import { callerRerunOptions } from './caller-option.ts';
import { drachtioRerunOptions } from './drachtio-option.ts';
import { headerRerunOptions } from './header-option.ts';
import type { RunCommandOptions } from './run-options.ts';
import { type ServerChoice, serverRerunOptions } from './server-option.ts';
import { uaRerunOptions } from './ua-option.ts';

/** What a cell must be run again with to be the same cell; never a secret. */
export function rerunOptions(
  server: ServerChoice,
  { transport, runtime, drachtio, ua, caller, paths, set, scenarioDirs, headers }: Omit<RunCommandOptions, 'servers'>,
): string {
  return [
    ...serverRerunOptions(server),
    ...(transport === 'udp' ? [] : ['--transport', transport]),
    ...(runtime === 'auto' ? [] : ['--runtime', runtime]),
    ...drachtioRerunOptions(drachtio),
    ...uaRerunOptions(ua),
    ...callerRerunOptions(caller),
    ...paths.filter((path) => path !== 'direct').flatMap((path) => ['--path', path]),
    ...set.flatMap((id) => ['--set', id]),
    ...headerRerunOptions(headers),
    ...scenarioDirs.flatMap((dir) => ['--scenarios', shellWord(dir)]),
  ].join(' ');
}
