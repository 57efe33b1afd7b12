import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type Dockerode from 'dockerode';
import * as tar from 'tar-fs';
import {
  GenericContainer,
  getContainerRuntimeClient,
  type StartedTestContainer,
  type WaitStrategy,
} from 'testcontainers';
import { LabError } from '../../errors.ts';
import { sanitized } from '../../processes/process.ts';

export interface LabContainerOptions {
  /** What it plays in the lab, for messages. */
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** A network's name, or `container:ID` to share that container's network namespace. */
  readonly network: string;
  /** @default the image's own */
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** TCP ports that this process must reach, and the address of the engine's machine to publish them on. */
  readonly publish?: { readonly ports: readonly number[]; readonly hostIp: string };
  /** Names of addresses, for whoever looks one up (`/etc/hosts`). Containers that share its network share them. */
  readonly names?: Readonly<Record<string, string>>;
  /** Directories in memory that the program may write to; the rest of the file system is read-only. */
  readonly writable?: readonly string[];
  /** Files to be there before it starts, by path. With a read-only file system, in volumes of the image alone. */
  readonly files?: Readonly<Record<string, string>>;
  /** Its standard input is kept open, for {@link LabContainer.input}. @default false */
  readonly input?: boolean;
  /** Not all images can live with one. @default true */
  readonly readOnly?: boolean;
  readonly ready: WaitStrategy;
  readonly startTimeoutMs: number;
}

export interface ContainerExec {
  /** Standard output and error as they come. */
  readonly output: Readable;
  /** null when the container ended before the program did. */
  readonly exited: Promise<number | null>;
}

const LOG_TAIL_LINES = 20;

/** A container as the lab wants them: nothing more than it needs, ours by label, its log in every message about it. */
class Contained extends GenericContainer {
  createdId: string | null = null;
  readonly #options: LabContainerOptions;

  constructor(options: LabContainerOptions) {
    super(options.image);
    this.#options = options;
  }

  protected override async beforeContainerCreated(): Promise<void> {
    const { publish, readOnly = true, writable = [], names, input = false } = this.#options;
    this.createOpts.OpenStdin = input;
    this.hostConfig.ReadonlyRootfs = readOnly;
    if (names !== undefined) {
      this.hostConfig.ExtraHosts = Object.entries(names).map(([name, address]) => `${name}:${address}`);
    }
    this.hostConfig.CapDrop = ['ALL'];
    this.hostConfig.SecurityOpt = ['no-new-privileges'];
    this.hostConfig.Tmpfs = Object.fromEntries(writable.map((dir) => [dir, 'rw,mode=1777']));
    // Testcontainers publishes on every interface of the engine's machine.
    for (const port of publish?.ports ?? []) {
      this.hostConfig.PortBindings[`${port}/tcp`] = [{ HostIp: publish?.hostIp ?? '', HostPort: '' }];
    }
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.createdId = id;
    const { files = {}, readOnly = true } = this.#options;
    if (readOnly) await copyIntoVolumes(id, files);
  }
}

/** Testcontainers copies to `/`, which the engine forbids where that is read-only, whichever folder the files are for. */
async function copyIntoVolumes(id: string, files: Readonly<Record<string, string>>): Promise<void> {
  const { container: containers } = await getContainerRuntimeClient();
  for (const [path, paths] of Map.groupBy(Object.keys(files), dirname)) {
    const folder = await mkdtemp(join(tmpdir(), 'ringfence-files-'));
    try {
      for (const each of paths) await writeFile(join(folder, basename(each)), files[each] ?? '', { mode: 0o644 });
      const pack = tar.pack(folder, {
        entries: paths.map((each) => basename(each)),
        map: (header) => ({ ...header, uid: 0, gid: 0 }),
      });
      await containers.getById(id).putArchive(pack, { path });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** A running container of the lab. */
export class LabContainer implements AsyncDisposable {
  readonly name: string;
  readonly id: string;
  /** Settles when it has ended, with how and with the end of its log. Never rejects. */
  readonly exited: Promise<string>;
  readonly #container: Dockerode.Container;
  readonly #started: StartedTestContainer;
  #removed: Promise<void> | undefined;

  private constructor(name: string, container: Dockerode.Container, started: StartedTestContainer) {
    this.name = name;
    this.id = container.id;
    this.#container = container;
    this.#started = started;
    this.exited = container.wait().then(
      async ({ StatusCode }: { StatusCode: number }) =>
        `the ${name} container ended with exit status ${StatusCode}; its log ends:\n${await this.logTail()}`,
      (error: Error) => `the engine lost the ${name} container: ${error.message}`,
    );
  }

  /** @throws {LabError} with the end of its log when it ends early or is not ready in time; it is removed then. */
  static async start(options: LabContainerOptions): Promise<LabContainer> {
    const { name, labels, network, entrypoint, command, env = {}, publish, files = {}, ready } = options;
    const copied = options.readOnly === false ? Object.entries(files) : [];
    const wanted = new Contained(options)
      .withLabels({ ...labels })
      .withNetworkMode(network)
      .withEnvironment({ ...env })
      .withExposedPorts(...(publish?.ports ?? []))
      .withCopyContentToContainer(copied.map(([target, content]) => ({ target, content })))
      .withDefaultLogDriver()
      .withWaitStrategy(ready)
      .withStartupTimeout(options.startTimeoutMs) as Contained;
    if (entrypoint !== undefined) wanted.withEntrypoint([...entrypoint]);
    if (command !== undefined) wanted.withCommand([...command]);
    const { container: containers } = await getContainerRuntimeClient();
    try {
      const started = await wanted.start();
      return new LabContainer(name, containers.getById(started.getId()), started);
    } catch (cause) {
      const why = (cause as Error).message;
      if (wanted.createdId === null) throw new LabError(`The ${name} container did not start: ${why}`, { cause });
      const dead = containers.getById(wanted.createdId);
      const story = await logTail(dead);
      await dead.remove({ force: true, v: true }).catch(() => {}); // the engine may have lost it, and said so above
      throw new LabError(`The ${name} container did not get ready: ${why}; its log ends:\n${story}`, { cause });
    }
  }

  /** Where a published port is reached from this process. */
  address(port: number): { readonly host: string; readonly port: number } {
    return { host: this.#started.getHost(), port: this.#started.getMappedPort(port) };
  }

  /**
   * How it ended; null where it still runs. What is executed in a container dies with it, and the engine may take it for running
   * a moment longer.
   *
   * @param withinMs it has so long to end. @default 1_000
   */
  async ended(withinMs = 1_000): Promise<string | null> {
    const deadline = new AbortController();
    const inTime = delay(withinMs, null, deadline).catch(() => null);
    const how = await Promise.race([this.exited, inTime]);
    deadline.abort();
    return how;
  }

  logTail(): Promise<string> {
    return logTail(this.#container);
  }

  /** Everything it prints, from its start to its end. */
  async output(): Promise<Readable> {
    const stream = (await this.#container.logs({ stdout: true, stderr: true, follow: true })) as unknown as Readable;
    const output = new PassThrough();
    this.#container.modem.demuxStream(stream, output, output);
    for (const event of ['end', 'close', 'error']) stream.on(event, () => output.end());
    return output;
  }

  /** What is written goes to its standard input. */
  async input(): Promise<Writable> {
    return (await this.#container.attach({ stream: true, stdin: true, hijack: true })) as unknown as Writable;
  }

  /** Everything it has printed. */
  async log(): Promise<string> {
    return readLog(this.#container, 'all');
  }

  /** @throws {LabError} when the container does not run. */
  async exec(
    command: readonly string[],
    options: { readonly env?: Readonly<Record<string, string>>; readonly workingDir?: string } = {},
  ): Promise<ContainerExec> {
    try {
      const exec = await this.#container.exec({
        Cmd: [...command],
        AttachStdout: true,
        AttachStderr: true,
        Env: Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`),
        ...(options.workingDir !== undefined && { WorkingDir: options.workingDir }),
      });
      const stream = await exec.start({ hijack: true, stdin: false });
      const output = new PassThrough();
      this.#container.modem.demuxStream(stream, output, output);
      const over = Promise.race([once(stream, 'end'), once(stream, 'close')]).catch(() => {});
      const exited = over.then(async () => {
        output.end();
        const { ExitCode, Running } = await exec.inspect().catch(() => ({ ExitCode: null, Running: false }));
        return Running ? null : ExitCode;
      });
      return { output, exited };
    } catch (cause) {
      // One that does not run any more has a story of its own. The engine says so with 409, or 500 when it died just now.
      const why = (await this.ended()) ?? (cause as Error).message;
      throw new LabError(`Cannot run ${command[0]} in the ${this.name} container: ${why}`, { cause });
    }
  }

  /** Copies a directory of this machine to a new one, `name`, of a volume. `owner` is a user id in the container. */
  async copyIn(
    from: string,
    to: { readonly volume: string; readonly name: string; readonly owner: number },
  ): Promise<void> {
    const pack = tar.pack(from, {
      map: (header) => ({ ...header, name: `${to.name}/${header.name}`, uid: to.owner, gid: to.owner }),
    });
    await this.#container.putArchive(pack, { path: to.volume });
  }

  /** Copies a directory of the container, which may have ended, into one of this machine. */
  async copyOut(from: string, to: string): Promise<void> {
    const archive = await this.#container.getArchive({ path: `${from}/.` });
    await pipeline(archive, tar.extract(to));
  }

  /** SIGTERM, SIGKILL when that does not end it in time; then it is removed. Idempotent. */
  stop(killAfterS = 1): Promise<void> {
    this.#removed ??= (async () => {
      await this.#container.stop({ t: killAfterS }).catch(ifThere);
      // Asked for the log of one that has ended, the engine (20.10) makes its file again, also in a folder that it is removing.
      await this.exited;
      await this.#container.remove({ force: true, v: true }).catch(ifThere);
    })();
    return this.#removed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** 304: it does not run any more; 404: it is gone; 409: somebody is just removing it. */
function ifThere(error: unknown): void {
  if (![304, 404, 409].includes((error as { statusCode?: number }).statusCode ?? 0)) throw error;
}

async function logTail(container: Dockerode.Container): Promise<string> {
  return (await readLog(container, LOG_TAIL_LINES).catch((error: Error) => `(no log: ${error.message})`)).trimEnd();
}

async function readLog(container: Dockerode.Container, lines: number | 'all'): Promise<string> {
  const tail = lines === 'all' ? {} : { tail: lines };
  const multiplexed = (await container.logs({ stdout: true, stderr: true, follow: false, ...tail })) as Buffer;
  return sanitized(demultiplexed(multiplexed));
}

const STREAM_HEADER_BYTES = 8;

/** Without a terminal, the engine prefixes each piece with its stream and its length. */
function demultiplexed(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at + STREAM_HEADER_BYTES <= bytes.length; ) {
    const end = at + STREAM_HEADER_BYTES + bytes.readUInt32BE(at + 4);
    pieces.push(bytes.subarray(at + STREAM_HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(pieces);
}
