import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { LabError } from '../errors.ts';

/** A 127.x.y.0/24 that no other run on this machine uses, until released or until this process ends. */
export interface AllocatedAddresses<Actor extends string> extends AsyncDisposable {
  /** E.g. `127.83.12.0/24`. */
  readonly network: string;
  /** One loopback address per actor, so that a capture reads like a cast list. */
  readonly hosts: Readonly<Record<Actor, string>>;
  /** Idempotent. */
  release(): Promise<void>;
}

const CLAIM_HOST = 254; // last octet of the address whose bound port marks a block as taken
const MAX_ACTORS = 200;
const ATTEMPTS = 50;

export interface AllocateOptions {
  /** The blocks to try, one after the other: second and third octet. @default random */
  readonly nextBlock?: () => readonly [x: number, y: number];
}

/**
 * Takes a free block and gives each actor an address in it.
 * @param actors Distinct names, at most 200; addresses are given in this order from .1.
 * @throws {LabError} if no block is free, or loopback addresses other than 127.0.0.1 cannot be bound.
 */
export async function allocateAddresses<Actor extends string>(
  actors: readonly Actor[],
  { nextBlock = randomBlock }: AllocateOptions = {},
): Promise<AllocatedAddresses<Actor>> {
  if (actors.length > MAX_ACTORS) throw new LabError(`A block has ${MAX_ACTORS} addresses, not ${actors.length}.`);
  let seen: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const [x, y] = nextBlock();
    try {
      const claim = await bindUdp(`127.${x}.${y}.${CLAIM_HOST}`, 20_000 + ((x * 256 + y) % 10_000));
      const hosts = Object.fromEntries(actors.map((actor, i) => [actor, `127.${x}.${y}.${i + 1}`]));
      const release = async () => close(claim);
      return {
        network: `127.${x}.${y}.0/24`,
        hosts: hosts as Record<Actor, string>,
        release,
        [Symbol.asyncDispose]: release,
      };
    } catch (error) {
      seen = error; // taken by another run: try elsewhere
    }
  }
  throw new LabError(
    `No free loopback block 127.x.y.0/24 after ${ATTEMPTS} attempts (last: ${(seen as Error).message}). ` +
      'Check that addresses such as 127.83.12.1 can be bound on this machine.',
    { cause: seen },
  );
}

/** Not 127.0 to 127.15, where people put things by hand. */
function randomBlock(): readonly [number, number] {
  return [randomInt(16, 251), randomInt(0, 256)];
}

/**
 * Below what systems give to whoever asks for no port in particular (from 32768 on Linux, 49152 elsewhere; RFC 6335 6): no
 * socket that is bound by the way, to all addresses perhaps, gets one before it is used.
 */
const OURS = { from: 10_000, to: 32_768 } as const;
/** By host: what was handed out last. Of two programs that start at the same time neither has bound its port yet. */
const handedOut = new Map<string, Set<number>>();
const REMEMBERED = 2000;

/**
 * A port that is free on `host` for UDP and TCP alike, and is not handed out again soon. Nothing holds it afterwards: use it on
 * an address that nobody else uses.
 * @param preferred Taken if free. @default any
 * @throws {LabError} if there is none.
 */
export async function freePort(host: string, preferred?: number): Promise<number> {
  let seen: unknown;
  for (let attempt = 0; attempt <= ATTEMPTS; attempt += 1) {
    const wanted = attempt === 0 && preferred !== undefined ? preferred : handOut(host);
    try {
      await probe(host, wanted);
      return wanted;
    } catch (error) {
      seen = error;
    }
  }
  throw new LabError(`No port on ${host} is free for both UDP and TCP (last: ${(seen as Error).message}).`, {
    cause: seen,
  });
}

function handOut(host: string): number {
  const known = handedOut.get(host) ?? new Set();
  handedOut.set(host, known);
  let port: number;
  do port = randomInt(OURS.from, OURS.to);
  while (known.has(port));
  known.add(port);
  const [oldest = port] = known;
  if (known.size > REMEMBERED) known.delete(oldest);
  return port;
}

async function probe(host: string, port: number): Promise<void> {
  // Without SO_REUSEADDR: with it, UDP lets two programs bind one port and share its datagrams unnoticed.
  const udp = await bindUdp(host, port);
  try {
    const tcp = createServer();
    tcp.listen({ host, port, exclusive: true });
    await once(tcp, 'listening');
    await new Promise((done) => tcp.close(done));
  } finally {
    await close(udp);
  }
}

async function bindUdp(address: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: false });
  try {
    const listening = once(socket, 'listening');
    socket.bind({ address, port, exclusive: true });
    await listening;
  } catch (error) {
    await close(socket);
    throw error;
  }
  socket.unref();
  return socket;
}

async function close(socket: Socket): Promise<void> {
  try {
    await new Promise<void>((done) => socket.close(done));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SOCKET_DGRAM_NOT_RUNNING') throw error;
  }
}
