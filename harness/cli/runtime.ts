import { LabError } from '../errors.ts';
import type { Scenario } from '../model/scenario.ts';
import type { RuntimeId, Transport } from '../model/words.ts';
import type { Runtime } from '../pipeline.ts';
import { Authority } from '../processes/certificates.ts';
import { programLauncher } from '../processes/launcher.ts';
import { starter } from '../processes/starter.ts';
import { labCertificates } from '../runtime/process/lab-certificates.ts';
import { addressServer } from '../runtime/process/live-server.ts';
import { ownServerProcess } from '../runtime/process/own-server.ts';
import { startServerProcess } from '../runtime/process/server-process.ts';
import { type ProcessSiteOptions, processSite } from '../runtime/process/site.ts';
import type { LiveServer } from '../servers/live.ts';
import { serverText } from '../servers/own/own-server.ts';
import type { ListedServer } from '../servers/server.ts';
import { loopbackTrouble } from '../setup/machine.ts';
import { PROGRAMS } from '../setup/programs.ts';
import { ensureTools } from '../setup/tools.ts';
import type { TlsOptions } from '../sip/listener.ts';
import { type CallerChoice, describeCaller, processCaller, requireCallerRuntime } from './caller-option.ts';
import { type DrachtioChoice, describeDrachtio, requireRuntime } from './drachtio-option.ts';
import { programText } from './program-option.ts';
import type { ChosenServer } from './server-option.ts';
import { describeUa, processUa, requireUaRuntime, type UaChoice } from './ua-option.ts';

export type RuntimeChoice = 'auto' | RuntimeId;

interface Surroundings {
  readonly server: ListedServer | LiveServer | ChosenServer;
  /** Of every call that is to be placed. */
  readonly scenarios: readonly Scenario[];
  readonly transport: Transport;
  /** Where everybody stands beside a live server; null: on loopback. */
  readonly bind: string | null;
  readonly drachtio: DrachtioChoice;
  readonly ua: UaChoice;
  readonly caller: CallerChoice;
  /** An existing directory for logs. */
  readonly workDir: string;
  readonly say: (line: string) => void;
  /** Ends what takes long: builds and pulls. */
  readonly signal: AbortSignal;
}

/**
 * Gets ready what the runtime needs, and says in one line which it is and why.
 * @throws {LabError} when it cannot be had
 */
export async function openRuntime(choice: RuntimeChoice, around: Surroundings): Promise<Runtime> {
  const { server } = around;
  if ('address' in server) return openLive(server, around);
  const listed = { ...around, server };
  if (choice === 'docker') return openDocker('as asked for', listed);
  if ('choice' in server && server.choice.kind === 'image') return openDocker('for the image of --server', listed);
  if (choice === 'auto' && around.drachtio.kind === 'image') return openDocker('for the image of --drachtio', listed);
  if (choice === 'auto' && around.ua.kind === 'image') return openDocker('for the image of --ua', listed);
  if (choice === 'auto' && around.caller.kind === 'image') return openDocker('for the image of --caller', listed);
  try {
    return await openProcess(listed);
  } catch (error) {
    // Containers have no program of this machine.
    const isBound =
      choice === 'process' || 'choice' in server || [around.ua, around.caller].some(({ kind }) => kind === 'command');
    if (isBound || !(error instanceof LabError)) throw error;
    const why = `because ${error.message.split('\n', 1)[0]}`;
    return openDocker(why, listed).catch((second: Error) => {
      throw new LabError(`${error.message}\nContainers instead: ${second.message}`, { cause: error });
    });
  }
}

/** Beside a server that somebody else runs, everything of ours is a process. */
async function openLive(server: LiveServer, { workDir, say, drachtio, bind }: Surroundings): Promise<Runtime> {
  requireRuntime(drachtio, 'process');
  const tools = await ensureTools({ need: ['sipp'], say });
  const over = (server.address.transport ?? 'udp').toUpperCase();
  say(`runtime: process, beside the live server ${server.name}, over ${over}; SIPp ${tools.sipp.version} is here`);
  for (const warning of tools.warnings) say(`warning: ${warning}`);
  say(describeDrachtio(drachtio));
  return {
    id: 'process',
    openSite: processSite({
      startServer: ({ host }) => addressServer(server, { from: host }),
      sipp: tools.sipp,
      workDir,
      drachtio: drachtio.kind === 'running' ? drachtio : null,
      bind,
      voicemailAt: server.voicemailAt,
      tls: server.tls === null ? undefined : await tlsBeside(server.tls),
      answersCallers: true,
    }),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Who connects to our phones is shown something in any case; whom we connect to, only what the accounts file has. */
async function tlsBeside({ ca, name, own }: NonNullable<LiveServer['tls']>): Promise<TlsOptions> {
  const believed = { name, ...(ca !== null && { ca }) };
  if (own !== null) return { key: own.key, cert: own.certificate, ...believed };
  await using authority = await Authority.found();
  return { ...(await authority.issue({ names: ['ringfence.invalid'] })), isShownToServers: false, ...believed };
}

type OfListed = Surroundings & { readonly server: ListedServer | ChosenServer };

async function openProcess(around: OfListed): Promise<Runtime> {
  const { server, workDir, say, drachtio, ua: choice } = around;
  requireRuntime(drachtio, 'process');
  await requireLoopback();
  starter.begin(); // it is there when the programs have been found
  const application = await processCaller(around.caller, workDir);
  const ua = await processUa(choice, around);
  const certificates = around.transport === 'tls' ? await labCertificates() : null;
  const { sipp, startServer } =
    'choice' in server
      ? await ownProcess(server, around)
      : await listedProcess(server, { say, transport: around.transport, tls: certificates?.server });
  say(describeDrachtio(drachtio));
  say(describeUa(choice));
  const placedBy = describeCaller(around.caller, application);
  if (placedBy !== null) say(placedBy);
  const running = drachtio.kind === 'running' ? drachtio : null;
  return {
    id: 'process',
    openSite: processSite({
      startServer,
      tls: certificates?.ours,
      uaTls: certificates?.ua,
      b2buaTls: certificates?.b2bua,
      sipp,
      workDir,
      drachtio: running,
      ua,
      application,
    }),
    [Symbol.asyncDispose]: async () => certificates?.[Symbol.asyncDispose](),
  };
}

/** Where it is down, sockets can be opened on it all the same, and nothing that is sent arrives. */
async function requireLoopback(): Promise<void> {
  const trouble = await loopbackTrouble();
  if (trouble !== null) throw new LabError(`the lab stands on loopback addresses, and cannot here: ${trouble}`);
}

type ServerAndSipp = Pick<ProcessSiteOptions, 'startServer' | 'sipp'>;

async function listedProcess(
  server: ListedServer,
  {
    say,
    transport,
    tls,
  }: Pick<Surroundings, 'say' | 'transport'> & Pick<Parameters<typeof startServerProcess>[1], 'tls'>,
): Promise<ServerAndSipp> {
  const tools = await ensureTools({
    need: ['sipp', server.program],
    parts: tls !== undefined && server.program === 'kamailio' ? ['kamailioTls'] : [],
    say,
  });
  const program = tools[server.program];
  const { title } = PROGRAMS[server.program];
  say(`runtime: process, because SIPp ${tools.sipp.version} and ${title} ${program.version} are here`);
  for (const warning of tools.warnings) say(`warning: ${warning}`);
  return {
    sipp: tools.sipp,
    startServer: (site) => startServerProcess(server, { ...site, bin: program.path, transport, tls }),
  };
}

/** The user's own program, as a process. */
async function ownProcess(server: ChosenServer, { say, scenarios, transport }: Surroundings): Promise<ServerAndSipp> {
  const { choice, description } = server;
  if (choice.kind !== 'command') throw new LabError(`--server ${programText(choice)} needs containers`);
  const { sipp, warnings } = await ensureTools({ need: ['sipp'], say });
  say(`runtime: process, beside ${choice.text}; SIPp ${sipp.version} is here`);
  say(`server: ${serverText(description)}`);
  for (const warning of warnings) say(`warning: ${warning}`);
  const launcher = programLauncher(choice.text, choice);
  return { sipp, startServer: ownServerProcess(server, { launcher, scenarios, overTcp: transport === 'tcp' }) };
}

async function openDocker(why: string, around: OfListed): Promise<Runtime> {
  const { server, workDir, say, signal, drachtio, ua, caller } = around;
  requireRuntime(drachtio, 'docker');
  requireUaRuntime(ua, 'docker');
  requireCallerRuntime(caller, 'docker');
  // Its libraries take a moment to load, and most runs have no container.
  const { dockerSite, ensureImages, ensurePulled, findEngine, Owner } = await import('../runtime/docker/index.ts');
  const engine = await findEngine();
  say(`runtime: docker, ${why}: engine ${engine.version}`);
  say(describeDrachtio(drachtio));
  say(describeUa(ua));
  const placedBy = describeCaller(caller, null);
  if (placedBy !== null) say(placedBy);
  const certificates = around.transport === 'tls' ? await labCertificates() : undefined;
  const owner = await Owner.start(engine.docker);
  try {
    const { docker, hostIp, arch } = engine;
    const need = [
      ...('choice' in server ? [] : [server.program]),
      'sipp',
      'drachtio',
      ...(ua.kind === 'baresip' ? (['baresip'] as const) : []),
    ] as const;
    const images = await ensureImages(docker, { need, arch, say, signal });
    const given = [drachtio, ua, caller, ...('choice' in server ? [server.choice] : [])].flatMap((each) =>
      each.kind === 'image' ? [each.image] : [],
    );
    for (const ref of given) await ensurePulled(docker, ref, { say, signal });
    return {
      id: 'docker',
      openSite: dockerSite({
        ...('choice' in server
          ? {
              server: { own: server, id: programText(server.choice), scenarios: around.scenarios },
              images: { ...images, server: imageOf(server) },
            }
          : { server, images: { ...images, server: images[server.program] } }),
        realDrachtio: drachtio.kind === 'image' ? { image: drachtio.image } : null,
        ua: uaImage(ua, images.baresip),
        caller: caller.kind === 'image' ? { id: programText(caller), image: caller.image } : null,
        transport: around.transport,
        tls: certificates && {
          ...certificates.ua,
          ours: certificates.ours,
          b2bua: certificates.b2bua,
          server: certificates.serverPem,
        },
        labels: owner.labels,
        hostIp,
        workDir,
      }),
      [Symbol.asyncDispose]: async () => {
        await owner[Symbol.asyncDispose]();
        await certificates?.[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await owner[Symbol.asyncDispose]();
    await certificates?.[Symbol.asyncDispose]();
    throw error;
  }
}

function imageOf({ choice }: ChosenServer): string {
  if (choice.kind === 'image') return choice.image;
  throw new LabError(`--server ${programText(choice)} is a process, and needs --runtime process`);
}

function uaImage(choice: UaChoice, baresip: string): { readonly id: string; readonly image: string } | null {
  if (choice.kind === 'baresip') return { id: 'baresip', image: baresip };
  return choice.kind === 'image' ? { id: `image:${choice.image}`, image: choice.image } : null;
}
