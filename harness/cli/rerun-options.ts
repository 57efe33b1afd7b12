import { SERVERS } from '../servers/registry.ts';
import { shellWord } from '../setup/shell-word.ts';
import { callerRerunOptions } from './caller-option.ts';
import { drachtioRerunOptions } from './drachtio-option.ts';
import { liveRerunOptions } from './live-option.ts';
import type { RunCommandOptions } from './run-options.ts';
import { uaRerunOptions } from './ua-option.ts';

/** What a cell must be run again with to be the same cell; never a secret. */
export function rerunOptions(options: RunCommandOptions): string {
  const { server, transport, runtime, drachtio, ua, caller, scenarioDirs } = options;
  return [
    ...serverOptions(server),
    ...(transport === 'udp' ? [] : ['--transport', transport]),
    ...(runtime === 'auto' ? [] : ['--runtime', runtime]),
    ...drachtioRerunOptions(drachtio),
    ...uaRerunOptions(ua),
    ...callerRerunOptions(caller),
    ...scenarioDirs.flatMap((dir) => ['--scenarios', shellWord(dir)]),
  ].join(' ');
}

function serverOptions(server: RunCommandOptions['server']): string[] {
  if ('kind' in server) return liveRerunOptions(server);
  return server === SERVERS[0] ? [] : ['--server', server.id];
}
