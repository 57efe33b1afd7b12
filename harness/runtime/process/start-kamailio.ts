import { type KamailioSettings, kamailioServer } from '../../servers/kamailio/kamailio.ts';
import { type ServerProcess, type ServerProcessOptions, startServerProcess } from './server-process.ts';

export type KamailioOptions = ServerProcessOptions & KamailioSettings;

/** Kamailio with the lab's routing, as a process of this machine. @throws {LabError} as {@link startServerProcess} */
export function startKamailio(options: KamailioOptions): Promise<ServerProcess> {
  return startServerProcess(kamailioServer(options), options);
}
