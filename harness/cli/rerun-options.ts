import { SERVERS } from '../servers/registry.ts';
import { shellWord } from '../setup/shell-word.ts';
import { callerRerunOptions } from './caller-option.ts';
import { drachtioRerunOptions } from './drachtio-option.ts';
import { liveRerunOptions } from './live-option.ts';
import type { RunCommandOptions } from './run-options.ts';
import { uaRerunOptions } from './ua-option.ts';

/** What a cell must be run again with to be the same cell; never a secret. */
export function rerunOptions({
  server,
  runtime,
  drachtio,
  ua,
  caller,
  paths,
  set,
  scenarioDirs,
}: RunCommandOptions): string {
  return [
    ...serverOptions(server),
    ...(runtime === 'auto' ? [] : ['--runtime', runtime]),
    ...drachtioRerunOptions(drachtio),
    ...uaRerunOptions(ua),
    ...callerRerunOptions(caller),
    ...paths.filter((path) => path !== 'direct').flatMap((path) => ['--path', path]),
    ...(set === null ? [] : ['--set', set]),
    ...scenarioDirs.flatMap((dir) => ['--scenarios', shellWord(dir)]),
  ].join(' ');
}

function serverOptions(server: RunCommandOptions['server']): string[] {
  if ('kind' in server) return liveRerunOptions(server);
  return server === SERVERS[0] ? [] : ['--server', server.id];
}
