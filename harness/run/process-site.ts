import { type SippLauncher, sippProgram } from '../caller/sipp-run.ts';
import { DrachtioServer, type WireRecord } from '../drachtio/index.ts';
import { allocateAddresses, freePort } from '../lab/addresses.ts';
import type { SipAddress, StartedServer } from '../model/server.ts';
import { ACTORS, type LabSite, type OpenSite } from './site.ts';

/** Where the server under test is to stand. */
export interface ServerSite {
  /** Loopback address that nobody else uses. */
  readonly host: string;
  readonly voicemail: SipAddress;
  /** An empty directory of its own. */
  readonly workDir: string;
}

/** Brings the server under test up on its site. @throws {LabError} */
export type ServerFactory = (site: ServerSite) => Promise<StartedServer>;

export interface ProcessSiteOptions {
  readonly startServer: ServerFactory;
  readonly sippBin: string;
  /** An existing directory for the server's files. */
  readonly workDir: string;
}

/** Processes on this machine's loopback; SIP servers of the endpoints are embedded in this one. */
export function processSite({ startServer, sippBin, workDir }: ProcessSiteOptions): OpenSite {
  const launchSipp: SippLauncher = sippProgram(sippBin);
  return async (): Promise<LabSite> => {
    const addresses = await allocateAddresses(ACTORS);
    const { hosts } = addresses;
    return {
      hosts,
      startServer: (voicemail) => startServer({ host: hosts.server, voicemail, workDir }),
      startSipServer: (role, record: (record: WireRecord) => void) =>
        DrachtioServer.start({ sip: { host: hosts[role] }, recorder: record }),
      launchSipp,
      callerPort: () => freePort(hosts.sipp),
      [Symbol.asyncDispose]: () => addresses.release(),
    };
  };
}
