import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';
import { json } from 'node:stream/consumers';
import type Dockerode from 'dockerode';
import type { ContainerRuntimeClient } from 'testcontainers';
import { LabError } from '../../errors.ts';
import { engineAddress, noEngine } from './no-engine.ts';

/** A Docker engine that answers. */
export interface Engine {
  readonly docker: Dockerode;
  /** E.g. `20.10.24`. */
  readonly version: string;
  /** `amd64`, `arm64`, ... */
  readonly arch: string;
  /**
   * Address of the engine's machine that control ports are published on: its loopback, where we are on the same machine;
   * its side of our network, where we are a container of it; all of them, where it is another machine.
   */
  readonly hostIp: string;
}

const OLDEST = '20.10';
const CONTAINER_MARK = '/.dockerenv';
const TIMEOUT_MS = 5_000;

/**
 * Finds the engine as Testcontainers does: DOCKER_HOST, the docker command's context, the usual sockets.
 * @throws {LabError} when none answers, or when it is too old or not Docker's
 */
export async function findEngine({ timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {}): Promise<Engine> {
  // Its clean-up container would have to be pulled; ours is a process and a label (see clean-up.ts).
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
  const socket = existsSync(CONTAINER_MARK) ? socketPath() : null;
  const inside = socket === null ? null : await containerGateway(socket, timeoutMs);
  // Where it takes us for a container, Testcontainers would pull an image to learn this address.
  if (socket !== null) process.env.TESTCONTAINERS_HOST_OVERRIDE ??= inside ?? '127.0.0.1';
  // Read when it is loaded, so not before the environment is set.
  const { getContainerRuntimeClient } = await import('testcontainers');
  const { client, found } = await within(timeoutMs, getContainerRuntimeClient().then(withVersion)).catch(
    async (cause: Error) => {
      throw new LabError(await noEngine(cause, timeoutMs), { cause });
    },
  );
  const docker = client.container.dockerode;
  const { Version, Arch, Components } = found;
  if (Components?.some(({ Name }) => /podman/i.test(Name))) {
    throw new LabError(
      `${engineAddress()} is Podman ${Version}, which Ringfence does not support; it needs Docker ${OLDEST} or newer.`,
    );
  }
  if (older(Version, OLDEST)) {
    throw new LabError(`The Docker engine at ${engineAddress()} is ${Version}, too old: ${OLDEST} or newer is needed.`);
  }
  const { host } = client.info.containerRuntime;
  return { docker, version: Version.split('+')[0] ?? Version, arch: Arch, hostIp: publishOn(host, inside) };
}

async function withVersion(client: ContainerRuntimeClient) {
  return { client, found: await client.container.dockerode.version() };
}

function publishOn(host: string, inside: string | null): string {
  if (['localhost', '127.0.0.1', '::1'].includes(host)) return '127.0.0.1';
  const ours = Object.values(networkInterfaces()).some((each) => each?.some((one) => one.address === host));
  if (ours) return host;
  return inside ?? '0.0.0.0';
}

/**
 * The engine's machine, seen from a container of it that has the engine's socket; null when we are in none. The mark alone
 * does not say so: some virtual machines are made from images and keep it.
 */
async function containerGateway(socket: string, timeoutMs: number): Promise<string | null> {
  const named = await engineName(socket, timeoutMs);
  if (named === null || named === hostname()) return null;
  const route = readFileSync('/proc/net/route', 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
    .find(([, destination]) => destination === '00000000');
  const gateway = route?.[2];
  if (gateway === undefined) return null;
  // Little-endian hexadecimal.
  return [6, 4, 2, 0].map((at) => Number.parseInt(gateway.slice(at, at + 2), 16)).join('.');
}

/** The engine's socket; null where it is reached in another way, or is not there. */
function socketPath(): string | null {
  const path = /^unix:\/\/(.+)$/.exec(process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock')?.[1];
  return path !== undefined && existsSync(path) ? path : null;
}

/** Host name of the engine's machine; null when it does not say. */
async function engineName(path: string, timeoutMs: number): Promise<string | null> {
  try {
    const asked = request({ socketPath: path, path: '/info', signal: AbortSignal.timeout(timeoutMs) }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const { Name } = (await json(response)) as { Name?: unknown };
    return typeof Name === 'string' ? Name : null;
  } catch {
    return null; // whatever is wrong with it is told when it is used
  }
}

function older(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [wantedMajor = 0, wantedMinor = 0] = than.split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
