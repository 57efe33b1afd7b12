import { randomBytes } from 'node:crypto';
import { Wait } from 'testcontainers';
import { ApplicationCaller } from '../../callers/application/application-caller.ts';
import { describeApplication } from '../../callers/application/describe.ts';
import type { Caller } from '../../callers/caller.ts';
import { EdgeCaller } from '../../callers/edge/edge-caller.ts';
import { SippCaller } from '../../callers/sipp/sipp-caller.ts';
import type { SipServer } from '../../endpoints/endpoint.ts';
import { LabError } from '../../errors.ts';
import { realDrachtioContainer, tapDrachtio } from '../../foreign-drachtio/index.ts';
import type { Scenario } from '../../model/scenario.ts';
import { APPLICATION_ROLES, type ApplicationRole, type Transport } from '../../model/words.ts';
import type { Certified } from '../../processes/certificates.ts';
import { READY_WITHIN_MS } from '../../processes/ready.ts';
import { ACTORS, type Actor, type LabSite, type OpenSite } from '../../run/site.ts';
import type { OwnServer } from '../../servers/own/own-server.ts';
import { startOwnServer } from '../../servers/own/start.ts';
import type { Server } from '../../servers/server.ts';
import type { TlsOptions } from '../../sip/listener.ts';
import type { WireRecord } from '../../sip/wire.ts';
import { type EdgePlace, RemoteSipHost } from '../../sip-host/index.ts';
import type { StartedEdge } from '../../ua/index.ts';
import type { LabContainer } from './lab-container.ts';
import { Pod } from './pod.ts';
import { containerLauncher } from './program-launcher.ts';
import { CONTROL_PORT, SIP_PORT, startServerContainer } from './server-container.ts';
import { startSippContainer } from './sipp-container.ts';
import { runs } from './started.ts';

export interface DockerSiteOptions {
  /** The server under test; `images.server` has its program. */
  readonly server: Server | OwnInImage;
  readonly images: { readonly server: string; readonly sipp: string; readonly drachtio: string };
  /** The real drachtio server instead of ours, a container for each endpoint; null: ours. */
  readonly realDrachtio: { readonly image: string } | null;
  /** The user agent under test: what the user typed, and its image. Null: our own phones. */
  readonly ua: { readonly id: string; readonly image: string } | null;
  /** The user's application that places the calls: what the user typed, and its image. Null: SIPp places all. */
  readonly caller: { readonly id: string; readonly image: string } | null;
  /** What phones and voice mail speak with the server. @default udp */
  readonly transport?: Transport;
  /** Certificates, where that is TLS. */
  readonly tls?: SiteCertificates | undefined;
  /** Every container and network of the run carries them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Address of the engine's machine to publish control ports on: its loopback, unless it is another machine. */
  readonly hostIp: string;
  /** An existing directory for logs. */
  readonly workDir: string;
}

/** PEM, of one authority. */
export interface SiteCertificates {
  readonly ca: string;
  readonly server: Certified;
  readonly ours: TlsOptions;
  /** To who calls through it, it is the server. */
  readonly b2bua: TlsOptions;
  /** For who is called by an address. @throws {LabError} */
  issue(names: readonly string[]): Promise<Certified>;
}

/** The user's: `id` is what was typed, `scenarios` those of every call that is to be placed. */
export interface OwnInImage {
  readonly own: OwnServer;
  readonly id: string;
  readonly scenarios: readonly Scenario[];
}

/** Ports inside the pod. Fixed: its network namespace is the lab's own, and published ports are declared beforehand. */
const HOST_PORT = 9020;
/** Of a real drachtio server: each has a container, and a port, of its own. */
const controlPort = (role: ApplicationRole): number => HOST_PORT + 1 + APPLICATION_ROLES.indexOf(role);
const ASK_WITHIN_MS = 2_000;

/** 127.88.0.1 and so on, in the pod's own loopback. */
const HOSTS = Object.fromEntries(ACTORS.map((actor, i) => [actor, `127.88.0.${i + 1}`])) as Record<Actor, string>;

/**
 * Containers in one pod: the server under test, SIPp, and a host for the endpoints' SIP servers. The applications on
 * them, phones and voice mail, stay in this process and reach their servers through the host's published port.
 */
export function dockerSite(options: DockerSiteOptions): OpenSite {
  const { server, images, realDrachtio, ua, caller, transport, tls, labels, hostIp, workDir } = options;
  const own = tls?.ours;
  return async ({ onTrouble }): Promise<LabSite> => {
    await using resources = new AsyncDisposableStack();
    let stopping = false;
    const trouble = (why: string): void => {
      if (!stopping) onTrouble(why);
    };
    const ports = [
      HOST_PORT,
      ...('own' in server ? [] : [CONTROL_PORT]),
      ...(realDrachtio === null ? [] : APPLICATION_ROLES.map(controlPort)),
    ];
    const pod = resources.use(await Pod.start({ image: images.sipp, labels, ports, hostIp, names: HOSTS }));
    void pod.exited.then(trouble);

    let sipHost: RemoteSipHost | undefined;
    let hostContainer: LabContainer | undefined;
    const startHost = async (): Promise<RemoteSipHost> => {
      const secret = randomBytes(16).toString('hex');
      const container = resources.use(
        await pod.start({
          name: 'drachtio',
          image: images.drachtio,
          entrypoint: ['node', 'harness/sip-host/main.ts', String(HOST_PORT)],
          env: { RINGFENCE_SECRET: secret },
          writable: ['/tmp'],
          ready: Wait.forLogMessage('ready'),
          startTimeoutMs: READY_WITHIN_MS,
        }),
      );
      hostContainer = container;
      return RemoteSipHost.connect({
        address: pod.address(HOST_PORT),
        secret,
        timeoutMs: READY_WITHIN_MS,
        onLost: async (why) => {
          if (!stopping) trouble(`the host of the endpoints' SIP servers is lost: ${why}; ${await container.exited}`);
        },
      });
    };
    const [host, sipp] = await Promise.all([
      startHost().then((started) => resources.use(started)),
      startSippContainer({ pod, image: images.sipp, clockAheadMs: () => sipHost?.clockAheadMs ?? 0 }).then(
        (started) => {
          resources.use(started.container);
          return started;
        },
      ),
    ]);
    sipHost = host;
    void sipp.container.exited.then(trouble);

    const application =
      caller === null
        ? undefined
        : resources.use(
            new ApplicationCaller({
              ...(await describeApplication(containerLauncher(pod, { ...caller, role: 'caller' }), {
                logDir: workDir,
              })),
              host: HOSTS.application,
              transports: tls === undefined ? ['udp', 'tcp'] : ['udp', 'tls'],
              startEdge: (to, record) => {
                const { transport: spoken, ...at } = to;
                return edge(
                  host,
                  'caller',
                  { server: at, transport: spoken, of: 'application', tls: own, onTrouble },
                  record,
                );
              },
              logDir: workDir,
              onTrouble,
            }),
          );

    let callers = 0;
    const kept = resources.move();
    const stop = async (): Promise<void> => {
      stopping = true;
      await application?.[Symbol.asyncDispose]();
      await Promise.all([host.stop(), hostContainer?.stop(0), sipp.container.stop(0)]);
      await kept.disposeAsync();
    };
    return {
      hosts: HOSTS,
      startServer: (voicemail, mostCallees) => {
        const image = images.server;
        if (!('own' in server))
          return startServerContainer(server, {
            pod,
            image,
            host: HOSTS.server,
            voicemail,
            mostCallees,
            transport,
            workDir,
            ...(tls && { tls: { ...tls.server, ca: tls.ca } }),
          });
        const listen = { host: HOSTS.server, port: SIP_PORT };
        return startOwnServer(server.own, {
          launcher: containerLauncher(pod, { id: server.id, image, role: 'server' }),
          listen,
          voicemail,
          logDir: workDir,
          scenarios: server.scenarios,
          answers: async (timeoutMs) => (await host.askOptions(listen, [], timeoutMs)) !== null,
        });
      },
      startSipServer: (role, record) =>
        realDrachtio === null
          ? ownSipServer({ host, pod, role, record, tls: role === 'b2bua' ? tls?.b2bua : own })
          : realSipServer({ pod, role, record, image: realDrachtio.image, onTrouble }),
      ua:
        ua === null
          ? undefined
          : {
              launcher: containerLauncher(pod, { ...ua, role: 'user agent' }),
              startEdge: async (to, inner, record) => {
                const innerTls = inner === 'tls' ? await tls?.issue([HOSTS.ua]) : undefined;
                return edge(host, 'ua', { server: to, transport: to.transport, inner, tls: own, innerTls }, record);
              },
              ca: tls?.ca,
              logDir: workDir,
            },
      askOptions: (to, lines) => host.askOptions(to, lines, ASK_WITHIN_MS),
      application,
      caller: behindEdge(
        new SippCaller({
          launch: sipp.launch,
          version: sipp.version,
          host: HOSTS.caller,
          controlAddress: async () => null, // inside the pod
          freePort: async () => {
            callers += 1;
            return SIP_PORT + callers - 1;
          },
        }),
        host,
        own,
      ),
      [Symbol.asyncDispose]: stop,
    };
  };
}

/** What SIPp lacks is spoken in front of it, in the pod as well. */
function behindEdge(sipp: Caller, host: RemoteSipHost, tls: TlsOptions | undefined): Caller {
  if (tls === undefined) return sipp;
  let edges = 0;
  return new EdgeCaller(sipp, {
    host: HOSTS.caller,
    tls,
    startEdge: async ({ host: at, server, transport, credentials, record, onTrouble }) => {
      edges += 1;
      const name = `caller-edge-${edges}`;
      const place = { host: at, server, transport, tls, credentials, of: 'caller', onTrouble } as const;
      const sip = await host.openEdge(name, place, record);
      const inner = transport === 'udp' ? 'udp' : 'tcp';
      return { sip, transport: inner, [Symbol.asyncDispose]: () => host.close(name) };
    },
  });
}

async function edge(
  host: RemoteSipHost,
  actor: 'ua' | 'caller',
  at: Omit<EdgePlace, 'host'> & { readonly onTrouble?: (text: string) => void },
  record: (record: WireRecord) => void,
): Promise<StartedEdge> {
  const sip = await host.openEdge(actor, { host: HOSTS[actor], ...at }, record);
  const stop = (): Promise<void> => host.close(actor);
  return { sip, stop, [Symbol.asyncDispose]: stop };
}

/** Ours, opened in the host's container. */
async function ownSipServer(options: {
  readonly host: RemoteSipHost;
  readonly pod: Pod;
  readonly role: ApplicationRole;
  readonly record: (record: WireRecord) => void;
  readonly tls: TlsOptions | undefined;
}): Promise<SipServer> {
  const { host, pod, role, record, tls } = options;
  const secret = randomBytes(16).toString('hex');
  const sip = await host.open(
    role,
    {
      sip: { host: HOSTS[role], port: SIP_PORT, transports: ['udp', tls === undefined ? 'tcp' : 'tls'] },
      secret,
      ...(tls && { tls }),
    },
    record,
  );
  return {
    sip,
    control: pod.address(HOST_PORT),
    secret,
    recorded: () => host.recorded(),
    stop: () => host.close(role),
  };
}

/** The real one in a container of its own. What it tells its application is the record of the role. */
async function realSipServer(options: {
  readonly pod: Pod;
  readonly role: ApplicationRole;
  readonly record: (record: WireRecord) => void;
  readonly image: string;
  readonly onTrouble: (text: string) => void;
}): Promise<SipServer> {
  const { pod, role, record, image, onTrouble } = options;
  const secret = randomBytes(16).toString('hex');
  const port = controlPort(role);
  const { args, files, env } = realDrachtioContainer({
    sip: { host: HOSTS[role], port: SIP_PORT },
    controlPort: port,
    secret,
  });
  const container = await pod.start({
    name: `drachtio of ${role}`,
    image,
    command: args,
    env,
    files: Object.fromEntries(files.map(({ path, content }) => [path, content])),
    readOnly: false, // somebody else's image; and into a read-only one no file could be copied
    ready: runs(),
    startTimeoutMs: READY_WITHIN_MS,
  });
  try {
    const tapped = await tapDrachtio({
      role,
      control: pod.address(port),
      secret,
      record,
      onTrouble,
      reachable: false,
      readyWithinMs: READY_WITHIN_MS,
      gone: container.exited,
    });
    const stop = async (): Promise<void> => {
      await tapped.stop();
      await container.stop();
    };
    return { ...tapped, stop };
  } catch (cause) {
    const hasEnded = (await container.ended(0)) !== null; // and its story is told
    const story = hasEnded ? '' : `; the log of its container ends:\n${await container.logTail()}`;
    await container.stop();
    throw new LabError(`${(cause as Error).message}${story}`, { cause });
  }
}
