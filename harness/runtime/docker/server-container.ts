import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { LabError } from '../../errors.ts';
import type { SipAddress, StartedServer } from '../../model/server.ts';
import type { Transport } from '../../model/words.ts';
import type { Certified } from '../../processes/certificates.ts';
import { READY_WITHIN_MS, waitForHttp } from '../../processes/ready.ts';
import type { ConfigurationFile, Server, ServerGround, TlsFiles } from '../../servers/server.ts';
import { type Program, programOf } from '../../setup/programs.ts';
import type { LabContainer } from './lab-container.ts';
import type { Pod } from './pod.ts';
import { begun } from './started.ts';

/** Fixed: the namespace is the lab's own. */
export const SIP_PORT = 5060;
/** Where servers of the pod are controlled, whichever they are; published. */
export const CONTROL_PORT = 8080;

export interface ServerContainerOptions {
  readonly pod: Pod;
  /** Of its program. */
  readonly image: string;
  readonly host: string;
  readonly voicemail: SipAddress;
  /** So many accounts it will be asked to make for callees, at most. @default nobody knows */
  readonly mostCallees?: number | undefined;
  /** What phones and voice mail speak with it. @default udp */
  readonly transport?: Transport | undefined;
  /** TLS is to be spoken with it, by these; left out: UDP and TCP. */
  readonly tls?: (Certified & { readonly ca: string }) | undefined;
  /** Its log is kept here. */
  readonly workDir: string;
  readonly readyTimeoutMs?: number;
}

/**
 * The server under test in the pod's network, brought up by its recipe. SIP does not leave the pod, so whether it answers is
 * asked from inside.
 *
 * @throws {LabError} with the end of its log
 */
export async function startServerContainer(server: Server, options: ServerContainerOptions): Promise<StartedServer> {
  const ground = new ContainerGround(server, options);
  try {
    const { provision, lender, callers, mailboxes } = await server.bringUp(ground);
    const version = await ground.version();
    const stop = (): Promise<void> => ground.stop();
    return {
      id: server.id,
      name: server.name,
      version,
      sip: { ...ground.sip, ...(ground.transport !== 'udp' && { transport: ground.transport }) },
      exited: ground.container.exited,
      provision,
      lender,
      callers,
      mailboxes,
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await ground.stop();
    throw error;
  }
}

class ContainerGround implements ServerGround {
  readonly sip: SipAddress;
  readonly voicemail: SipAddress;
  readonly transport: Transport;
  readonly control: ServerGround['control'];
  readonly workDir: string;
  readonly tls: TlsFiles | undefined;
  readonly mostCallees: number | undefined;
  readonly modulesDir = undefined;
  readonly #server: Server;
  readonly #program: Program;
  readonly #options: ServerContainerOptions;
  /** By path; it is there when the container starts. */
  readonly #made: Record<string, string> = {};
  #container: LabContainer | null = null;
  #stopped: Promise<void> | null = null;

  constructor(server: Server, options: ServerContainerOptions) {
    const { pod, host, voicemail, tls, mostCallees } = options;
    this.mostCallees = mostCallees;
    this.#server = server;
    this.#program = programOf(server.program);
    this.#options = options;
    this.sip = { host, port: SIP_PORT };
    this.voicemail = voicemail;
    this.transport = server.callsOverUdp === true ? 'udp' : (options.transport ?? 'udp');
    this.control = { listen: { host: '0.0.0.0', port: CONTROL_PORT }, reach: pod.address(CONTROL_PORT) };
    this.workDir = `/run/${this.#program.executables[0]}`;
    this.tls = tls && this.#tlsFiles(tls);
  }

  #tlsFiles({ ca, cert, key }: NonNullable<ServerContainerOptions['tls']>): TlsFiles {
    const file = (name: string, pem: string): string => {
      const path = `/etc/ringfence/${name}`;
      this.#made[path] = pem;
      return path;
    };
    return { ca: file('ca.pem', ca), certificate: file('server.pem', cert), key: file('server.key', key) };
  }

  get container(): LabContainer {
    if (this.#container === null) throw new LabError(`${this.#server.name} was not started by its recipe`);
    return this.#container;
  }

  async configuration(file: ConfigurationFile): Promise<string> {
    if (file.from === 'package') return file.path;
    const path = `/etc/ringfence/${basename(file.name)}`;
    if (file.from === 'made') this.#made[path] = file.text;
    return path;
  }

  /** Some engines mount a folder in memory with the rights that the image's folder has: everybody's is this one (seen on 20.10). */
  async socketDir(): Promise<string> {
    return '/tmp';
  }

  async start(args: readonly string[]): Promise<void> {
    const { pod, image } = this.#options;
    const readyTimeoutMs = this.#readyTimeoutMs;
    const container = await pod.start({
      name: this.#program.title,
      image,
      command: args,
      writable: [this.workDir, '/tmp'],
      files: this.#made,
      ready: begun(), // whether it is ready is asked below
      startTimeoutMs: readyTimeoutMs,
    });
    this.#container = container;
    const { host, port } = this.sip;
    const { said, status } = await this.#exec(['sip-ready', host, String(port), String(readyTimeoutMs)]);
    if (status !== 0) {
      // A program that is executed in a container dies with it, with one status or another.
      const story = (await container.ended()) ?? `${said}; its log ends:\n${await container.logTail()}`;
      throw new LabError(`${this.#server.name} in its container did not get ready: ${story}`);
    }
  }

  get #readyTimeoutMs(): number {
    return this.#options.readyTimeoutMs ?? this.#server.readyTimeoutMs ?? READY_WITHIN_MS;
  }

  answersHttp(): Promise<void> {
    return waitForHttp(this.control.reach, { timeoutMs: this.#readyTimeoutMs, gone: this.container.exited });
  }

  async run(command: readonly string[]): Promise<string> {
    const { said, status } = await this.#exec(command);
    if (status !== 0) throw new LabError(`${command.join(' ')} in the container of ${this.#server.name}: ${said}`);
    return said;
  }

  async version(): Promise<string> {
    const { executables, versionArgs, version } = this.#program;
    const { said } = await this.#exec([executables[0] ?? '', ...versionArgs]);
    return version.exec(said)?.[1] ?? 'unknown';
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    if (this.#container === null) return;
    const log = await this.#container.log().catch((error: Error) => error.message);
    await writeFile(join(this.#options.workDir, `${this.#program.executables[0]}.log`), log);
    await this.#container.stop();
  }

  async #exec(command: readonly string[]): Promise<{ said: string; status: number | null }> {
    const asked = await this.container.exec(command);
    const [said, status] = await Promise.all([text(asked.output), asked.exited]);
    return { said: said.trim(), status };
  }
}
