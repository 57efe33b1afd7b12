import { once } from 'node:events';
import { connect } from 'node:net';
import { LabError } from '../../errors.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { SipAddress } from '../../model/server.ts';
import { freePort } from '../../processes/addresses.ts';
import type { Launcher } from '../../processes/launcher.ts';
import { askSip } from '../../processes/ready.ts';
import { OWN_SERVER_PAGE } from '../../servers/own/contract.ts';
import type { OwnServer } from '../../servers/own/own-server.ts';
import { type OwnServerSite, startOwnServer } from '../../servers/own/start.ts';
import type { ServerFactory } from './site.ts';

export interface OwnProcessOptions extends Pick<OwnServerSite, 'readyTimeoutMs' | 'silentMs'> {
  readonly launcher: Launcher;
  /** Of every call that is to be placed. */
  readonly scenarios: readonly Scenario[];
  /** Calls go over TCP. @default false */
  readonly overTcp?: boolean;
}

const CONNECT_WITHIN_MS = 2_000;

/** The user's own server as a process of this machine. The factory throws a {@link LabError} as {@link startOwnServer}, and when calls cannot go over TCP. */
export function ownServerProcess(server: OwnServer, options: OwnProcessOptions): ServerFactory {
  return async ({ host, voicemail, workDir }) => {
    const listen = { host, port: await freePort(host, 5060) };
    const started = await startOwnServer(server, {
      ...options,
      listen,
      voicemail,
      logDir: workDir,
      answers: async (timeoutMs) => (await askSip(listen, { from: host, timeoutMs })) !== null,
    });
    if (options.overTcp !== true) return started;
    const refused = await tcpTrouble(listen);
    if (refused === null) return started;
    await started.stop();
    throw new LabError(
      `${options.launcher.id} answers at ${host}:${listen.port} over UDP, and not over TCP (${refused}): call it over UDP, or see ${OWN_SERVER_PAGE}, RINGFENCE_LISTEN`,
    );
  };
}

/** Why nobody can connect there; null: one can. */
async function tcpTrouble({ host, port }: SipAddress): Promise<string | null> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_WITHIN_MS) });
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    socket.destroy();
  }
}
