import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';

const USUAL_SOCKET = '/var/run/docker.sock';

/** Where an engine is looked for first, in words. */
export function engineAddress(): string {
  return process.env.DOCKER_HOST ?? 'the usual sockets (DOCKER_HOST is not set)';
}

/**
 * Why no engine answers, and what to do. Testcontainers says only that it found none (12.2), so the address is tried here.
 */
export async function noEngine(cause: Error, timeoutMs: number): Promise<string> {
  const address = process.env.DOCKER_HOST ?? `unix://${USUAL_SOCKET}`;
  const code = await refusal(address, timeoutMs);
  if (code === 'EACCES' || code === 'EPERM') {
    return (
      `The Docker engine at ${address} may not be used by this user (permission denied). Add it to the group of the socket ` +
      '(usually: sudo usermod -aG docker "$USER", then log in again), name another engine with DOCKER_HOST, or use --runtime process.'
    );
  }
  const seen = code === null ? cause.message : `${cause.message} (${SEEN[code] ?? code})`;
  return `No Docker engine answers at ${engineAddress()}: ${seen}. ${remedy()}`;
}

const SEEN: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'no such host',
  address: 'not an address: it is unix:///PATH, tcp://HOST:PORT or the like',
};

function remedy(): string {
  return process.platform === 'linux'
    ? 'Install and start one (Debian, Ubuntu: apt-get install docker.io), name one with DOCKER_HOST, or use --runtime process.'
    : 'Start Docker Desktop, or name an engine with DOCKER_HOST.';
}

/** @returns the error code of a connection to it; null when it takes one, or cannot be tried like this. */
async function refusal(address: string, timeoutMs: number): Promise<string | null> {
  const to = connectable(address);
  if (to === null || to === 'address') return to;
  const socket = connect(to);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? null;
  } finally {
    socket.destroy();
  }
}

function connectable(address: string): NetConnectOpts | 'address' | null {
  const path = /^unix:\/\/(\/.+)$/.exec(address)?.[1];
  if (path !== undefined) return { path };
  const url = URL.parse(address);
  if (url === null) return 'address';
  return url.protocol === 'tcp:' && url.port !== '' ? { host: url.hostname, port: Number(url.port) } : null;
}
