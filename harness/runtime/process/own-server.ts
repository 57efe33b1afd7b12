import type { Scenario } from '../../model/scenario.ts';
import { freePort } from '../../processes/addresses.ts';
import type { Launcher } from '../../processes/launcher.ts';
import { askSip } from '../../processes/ready.ts';
import type { OwnServer } from '../../servers/own/own-server.ts';
import { type OwnServerSite, startOwnServer } from '../../servers/own/start.ts';
import type { ServerFactory } from './site.ts';

export interface OwnProcessOptions extends Pick<OwnServerSite, 'readyTimeoutMs' | 'silentMs'> {
  readonly launcher: Launcher;
  /** Of every call that is to be placed. */
  readonly scenarios: readonly Scenario[];
}

/** The user's own server as a process of this machine. */
export function ownServerProcess(server: OwnServer, options: OwnProcessOptions): ServerFactory {
  return async ({ host, voicemail, workDir }) => {
    const listen = { host, port: await freePort(host, 5060) };
    return startOwnServer(server, {
      ...options,
      listen,
      voicemail,
      logDir: workDir,
      answers: async (timeoutMs) => (await askSip(listen, { from: host, timeoutMs })) !== null,
    });
  };
}
