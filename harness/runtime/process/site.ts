import { type Application, ApplicationCaller } from '../../callers/application/application-caller.ts';
import type { Caller } from '../../callers/caller.ts';
import { startCallerEdge } from '../../callers/edge/edge.ts';
import { EdgeCaller } from '../../callers/edge/edge-caller.ts';
import { SippCaller } from '../../callers/sipp/sipp-caller.ts';
import { sippProgram } from '../../callers/sipp/sipp-run.ts';
import { DrachtioServer, type WireRecord } from '../../drachtio/index.ts';
import type { SipServer } from '../../endpoints/endpoint.ts';
import { finalStatus, tapDrachtio } from '../../foreign-drachtio/index.ts';
import type { SipAddress, StartedServer } from '../../model/server.ts';
import type { ApplicationRole, EndpointRole, Transport } from '../../model/words.ts';
import { type AllocatedAddresses, allocateAddresses, freePort } from '../../processes/addresses.ts';
import type { Certified } from '../../processes/certificates.ts';
import type { Launcher } from '../../processes/launcher.ts';
import { ACTORS, type Actor, type LabSite, type OpenSite } from '../../run/site.ts';
import type { TlsOptions } from '../../sip/listener.ts';
import { startEdge } from '../../ua/index.ts';

/** Where the server under test is to stand. */
export interface ServerSite {
  /** Loopback address that nobody else uses. */
  readonly host: string;
  readonly voicemail: SipAddress;
  /** An empty directory of its own. */
  readonly workDir: string;
  /** So many accounts it will be asked to make for callees, at most. @default nobody knows */
  readonly mostCallees?: number | undefined;
}

/** Brings the server under test up on its site. @throws {LabError} */
export type ServerFactory = (site: ServerSite) => Promise<StartedServer>;

/** A program of this machine. */
export interface Tool {
  readonly path: string;
  readonly version: string;
}

/** Control ports by role, and the secret of all of them. */
export interface RunningDrachtio {
  readonly servers: ReadonlyMap<EndpointRole, SipAddress>;
  readonly secret: string;
}

type Recorder = (record: WireRecord) => void;

/** A lab of processes on this machine: its server, its callers, and what stands for the rest. */
export interface ProcessSiteOptions {
  readonly startServer: ServerFactory;
  readonly sipp: Tool;
  /** Another caller than SIPp, on that address. */
  readonly caller?: ((host: string) => Caller) | undefined;
  /** An existing directory for the server's files. */
  readonly workDir: string;
  /** Roles whose SIP server is a drachtio server that already runs; the others' are embedded. */
  readonly drachtio?: RunningDrachtio | null;
  /** The user's application that places the calls. */
  readonly application?: Application | null | undefined;
  /** The user agent under test; left out: our own phones. */
  readonly ua?: Launcher | null | undefined;
  /** One address of this machine where everybody stands. @default loopback addresses of this run alone */
  readonly bind?: string | null | undefined;
  /** Where voice mail must be found. @default anywhere */
  readonly voicemailAt?: SipAddress | null | undefined;
  /** What everybody of ours speaks over TLS with; absent: nobody speaks TLS. */
  readonly tls?: TlsOptions | undefined;
  /** The B2BUA's. @default as everybody's */
  readonly b2buaTls?: TlsOptions | undefined;
  /** What is shown to a user agent that speaks TLS, and whom it believes. */
  readonly uaTls?: UaTls | undefined;
  /** Challenges to callers are answered by us, in every way that our phones know, and not by SIPp. @default false */
  readonly answersCallers?: boolean;
}

/** Certificates for who is called by his address. */
export interface UaTls {
  readonly ca: string;
  /** @throws {LabError} */
  issue(names: readonly string[]): Promise<Certified>;
}

const ASK_WITHIN_MS = 2000;

/** They differ in their ports. */
function everybodyAt(host: string): Pick<AllocatedAddresses<Actor>, 'hosts' | 'release'> {
  const hosts = Object.fromEntries(ACTORS.map((actor) => [actor, host]));
  return { hosts: hosts as Record<Actor, string>, release: async () => {} };
}

function behindEdge(sipp: Caller, host: string, { tls, answersCallers = false }: ProcessSiteOptions): Caller {
  if (tls === undefined && !answersCallers) return sipp;
  return new EdgeCaller(sipp, { host, tls, answersChallenges: answersCallers });
}

/** Processes on this machine's loopback, where nothing else is said; SIP servers of the endpoints are embedded in this one. */
export function processSite(options: ProcessSiteOptions): OpenSite {
  const { startServer, sipp, caller, workDir, drachtio, ua, uaTls, b2buaTls, bind, voicemailAt, tls } = options;
  const transports: readonly Transport[] = tls === undefined ? ['udp', 'tcp'] : ['udp', 'tls'];
  return async ({ onTrouble }): Promise<LabSite> => {
    const addresses = bind == null ? await allocateAddresses(ACTORS) : everybodyAt(bind);
    const { hosts } = addresses;
    const tapped = (role: ApplicationRole, record: Recorder): Promise<SipServer> | null => {
      const control = role === 'b2bua' ? undefined : drachtio?.servers.get(role);
      if (drachtio == null || control === undefined) return null;
      return tapDrachtio({ role, control, secret: drachtio.secret, record, onTrouble });
    };
    const application =
      options.application == null
        ? undefined
        : new ApplicationCaller({
            ...options.application,
            host: hosts.application,
            transports,
            startEdge: (server, record) => {
              const { transport } = server;
              const at = { host: hosts.caller, server, record };
              return transport === 'udp'
                ? startEdge(at)
                : startCallerEdge({ ...at, transport, tls, isApplication: true, onTrouble });
            },
            logDir: workDir,
            onTrouble,
          });
    return {
      hosts,
      startServer: (voicemail, mostCallees) => startServer({ host: hosts.server, voicemail, workDir, mostCallees }),
      startSipServer: (role, record) =>
        tapped(role, record) ??
        DrachtioServer.start({
          sip: { ...((role === 'voicemail' ? voicemailAt : null) ?? { host: hosts[role] }), transports },
          recorder: record,
          ...(tls && { tls: role === 'b2bua' ? (b2buaTls ?? tls) : tls }),
        }),
      askOptions: (to, lines) => finalStatus('OPTIONS', lines, to, ASK_WITHIN_MS),
      ua: ua
        ? {
            launcher: ua,
            startEdge: async (server, inner, record) =>
              startEdge({
                host: hosts.ua,
                server,
                transport: server.transport,
                inner,
                tls,
                innerTls: inner === 'tls' ? await uaTls?.issue([hosts.ua]) : undefined,
                record,
              }),
            ca: uaTls?.ca,
            logDir: workDir,
          }
        : undefined,
      caller:
        caller?.(hosts.caller) ??
        behindEdge(
          new SippCaller({
            launch: sippProgram(sipp.path),
            version: sipp.version,
            host: hosts.caller,
            freePort: () => freePort(hosts.caller),
            controlAddress: async () => ({ host: hosts.caller, port: await freePort(hosts.caller) }),
          }),
          hosts.caller,
          options,
        ),
      application,
      [Symbol.asyncDispose]: async () => {
        await application?.[Symbol.asyncDispose]();
        await addresses.release();
      },
    };
  };
}
