import { execFile } from 'node:child_process';
import { access, copyFile, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LabError } from '../../errors.ts';
import type { SipAddress, StartedServer } from '../../model/server.ts';
import type { Transport } from '../../model/words.ts';
import { freePort } from '../../processes/addresses.ts';
import { type StartedProcess, startProcess } from '../../processes/process.ts';
import { READY_WITHIN_MS, type Waiting, waitForHttp, waitForSip } from '../../processes/ready.ts';
import type { ConfigurationFile, Server, ServerGround, TlsFiles } from '../../servers/server.ts';
import { findTool, type Tool, untestedVersion } from '../../setup/find-tool.ts';
import { type Program, programOf } from '../../setup/programs.ts';

const CONTAINERS = fileURLToPath(new URL('../../../containers', import.meta.url));

/** Where a server under test stands as a process of this machine. */
export interface ServerProcessOptions {
  /** Existing directory; configuration and log go here, and everything else that the server writes but its sockets. */
  readonly workDir: string;
  /** Loopback address that nobody else uses. */
  readonly host: string;
  /** Where voice mail listens, UDP. */
  readonly voicemail: SipAddress;
  /** So many accounts it will be asked to make for callees, at most. @default nobody knows */
  readonly mostCallees?: number | undefined;
  /** What phones, voice mail and canaries speak with it. @default udp, or tls where there are certificates */
  readonly transport?: Transport;
  /** The certificates to speak TLS with; left out: UDP and TCP. */
  readonly tls?: TlsFiles | undefined;
  /** Milliseconds from start until SIP over UDP is answered, and as many for what else must be ready. @default the server's own, else READY_WITHIN_MS */
  readonly readyTimeoutMs?: number;
  /** The program. @default what `setup/find-tool.ts` finds */
  readonly bin?: string;
  /**
   * Where its modules are. @default RINGFENCE_KAMAILIO_MODULES, or another program's, in the environment, else a folder `modules`
   * beside the program, else the program's own choice
   */
  readonly modulesDir?: string;
  /** Changes the text of a configuration of ours, to try a server that behaves otherwise. @default none */
  readonly editConfig?: (config: string, name: string) => string;
}

/** A server that is a process of this machine. */
export interface ServerProcess extends StartedServer {
  readonly pid: number;
  readonly logFile: string;
  /** TCP, where it is controlled. */
  readonly control: SipAddress;
  /** What a reader of the results should know, e.g. that nobody tested this version. */
  readonly warnings: readonly string[];
}

/**
 * Brings the server up by its recipe.
 *
 * @throws {LabError} if it is not installed, ends early (with the end of its log), or is not ready in time.
 */
export async function startServerProcess(server: Server, options: ServerProcessOptions): Promise<ServerProcess> {
  const ground = await ProcessGround.open(server, options);
  try {
    const { provision, lender, callers, mailboxes } = await server.bringUp(ground);
    const { child, version } = ground;
    const stop = (): Promise<void> => ground.stop();
    return {
      id: server.id,
      name: server.name,
      version,
      sip: { ...ground.sip, ...(ground.transport !== 'udp' && { transport: ground.transport }) },
      control: ground.control.listen,
      logFile: ground.logFile,
      pid: child.pid,
      warnings: [untestedVersion(server.program, version) ?? []].flat(),
      exited: ground.exited,
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

class ProcessGround implements ServerGround {
  readonly sip: SipAddress;
  readonly control: ServerGround['control'];
  readonly voicemail: SipAddress;
  readonly workDir: string;
  readonly transport: Transport;
  readonly tls: TlsFiles | undefined;
  readonly mostCallees: number | undefined;
  readonly modulesDir: string | undefined;
  readonly logFile: string;
  readonly version: string;
  readonly #server: Server;
  readonly #program: Program;
  readonly #options: ServerProcessOptions;
  readonly #bin: string;
  #child: StartedProcess | null = null;
  #socketDir: string | null = null;

  private constructor(
    server: Server,
    options: ServerProcessOptions,
    at: Pick<ProcessGround, 'version' | 'sip' | 'modulesDir'> & { readonly bin: string; readonly control: SipAddress },
  ) {
    const { workDir, voicemail, tls, mostCallees } = options;
    this.mostCallees = mostCallees;
    this.#server = server;
    this.#program = programOf(server.program);
    this.#options = options;
    this.#bin = at.bin;
    this.version = at.version;
    this.sip = at.sip;
    this.control = { listen: at.control, reach: at.control };
    this.voicemail = voicemail;
    this.workDir = workDir;
    const asked = options.transport ?? (tls === undefined ? 'udp' : 'tls');
    this.transport = server.callsOverUdp === true ? 'udp' : asked;
    this.tls = tls;
    this.modulesDir = at.modulesDir;
    this.logFile = join(workDir, `${this.#program.executables[0]}.log`);
  }

  static async open(server: Server, options: ServerProcessOptions): Promise<ProcessGround> {
    const { host } = options;
    const [{ path: bin, version }, sipPort] = await Promise.all([
      findServer(server, options.bin),
      freePort(host, options.tls === undefined ? 5060 : 5061),
    ]);
    const control = { host, port: await freePort(host) };
    const modulesDir = options.modulesDir ?? (await modulesOf(server, bin));
    return new ProcessGround(server, options, { bin, version, sip: { host, port: sipPort }, control, modulesDir });
  }

  get child(): StartedProcess {
    if (this.#child === null) throw new LabError(`${this.#server.name} was not started by its recipe`);
    return this.#child;
  }

  get exited(): Promise<string> {
    return endOf(this.#program.executables[0] ?? this.#program.title, this.child);
  }

  /** A copy: the report keeps what was run, and the server needs to read nothing but its directory. */
  async configuration(file: ConfigurationFile): Promise<string> {
    if (file.from === 'ours') {
      const text = await readFile(join(CONTAINERS, this.#program.executables[0] ?? '', file.name), 'utf8');
      const copy = join(this.workDir, file.name);
      await writeFile(copy, this.#options.editConfig?.(text, file.name) ?? text);
      return copy;
    }
    if (file.from === 'made') {
      const path = join(this.workDir, file.name);
      await writeFile(path, file.text);
      return path;
    }
    const copy = join(this.workDir, basename(file.path));
    try {
      await copyFile(file.path, copy);
    } catch (cause) {
      const { debianPackage, title } = this.#program;
      throw new LabError(
        `${title}'s own configuration cannot be read: ${(cause as Error).message}. Debian's and Ubuntu's package ${debianPackage} installs it; --runtime docker has an image with it.`,
        { cause },
      );
    }
    return copy;
  }

  async socketDir(): Promise<string> {
    this.#socketDir ??= await mkdtemp(join(tmpdir(), 'rf-'));
    return this.#socketDir;
  }

  async start(args: readonly string[]): Promise<void> {
    this.#child = await startProcess({
      command: this.#bin,
      args,
      cwd: this.workDir,
      // Whoever asks for the name of an address it listens on must not wait for a resolver that is dead (resolv.conf(5)).
      env: { RES_OPTIONS: 'timeout:1 attempts:1', ...process.env },
      logFile: this.logFile,
      killAfterMs: 1_000, // it has nothing to save; under load a shutdown was once seen to hang
      install: `apt-get install ${this.#program.debianPackage}`,
    });
    await waitForSip(this.sip, this.#waiting);
  }

  answersHttp(): Promise<void> {
    return waitForHttp(this.control.reach, this.#waiting);
  }

  get #readyTimeoutMs(): number {
    return this.#options.readyTimeoutMs ?? this.#server.readyTimeoutMs ?? READY_WITHIN_MS;
  }

  get #waiting(): Waiting {
    return { timeoutMs: this.#readyTimeoutMs, gone: this.exited };
  }

  /** Beside the program, or on PATH. */
  async run([program = '', ...args]: readonly string[]): Promise<string> {
    const beside = join(dirname(this.#bin), program);
    const path = await access(beside).then(
      () => beside,
      () => program,
    );
    try {
      const { stdout } = await promisify(execFile)(path, args, { timeout: this.#readyTimeoutMs });
      return stdout;
    } catch (cause) {
      throw new LabError(`${program} ${args.join(' ')}: ${(cause as Error).message}`, { cause });
    }
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
    if (this.#socketDir !== null) await rm(this.#socketDir, { recursive: true, force: true });
  }
}

async function findServer({ program }: Server, bin: string | undefined): Promise<Tool> {
  const { title, debianPackage } = programOf(program);
  const found = await findTool(program, bin === undefined ? {} : { path: bin });
  if (found.state === 'found') return found;
  const seen = found.state === 'missing' ? 'it is not installed' : `it does not say its version:\n${found.why}`;
  throw new LabError(
    `Cannot start ${title}${bin === undefined ? '' : ` (${bin})`}: ${seen}. Try: apt-get install ${debianPackage}`,
  );
}

/** Packages that were unpacked, and not installed, have them where the program does not look. */
async function modulesOf({ program }: Server, bin: string): Promise<string | undefined> {
  const { variable } = programOf(program);
  const named = variable && process.env[`${variable}_MODULES`];
  if (named) return named;
  const beside = join(dirname(bin), 'modules');
  return realpath(beside).catch(() => undefined);
}

async function endOf(program: string, child: StartedProcess): Promise<string> {
  const { code, signal, logTail } = await child.exited;
  return `${program} ended with ${signal ?? `exit status ${code}`}; its log ends:\n${logTail}`;
}
