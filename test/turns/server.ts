/** Where the workers of vitest ask whether a file of theirs may begin. Whoever is connected has asked; who dies leaves. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idleFor, Room, type RoomOptions } from './room.ts';

/** Longer than the beginning of a lab, which computes. */
const LOOK_EVERY_MS = 2000;
/** Processors that a file of labs keeps busy: a quarter, measured over all of them. */
const FILE_NEEDS = 0.25;

export interface TurnServer extends AsyncDisposable {
  /** A socket in the file system. */
  readonly path: string;
}

export async function serveTurns({
  lookEveryMs = LOOK_EVERY_MS,
  timeFor = idleFor(FILE_NEEDS),
  ...room
}: Omit<RoomOptions, 'timeFor'> &
  Partial<Pick<RoomOptions, 'timeFor'>> & { readonly lookEveryMs?: number }): Promise<TurnServer> {
  const turns = new Room({ ...room, timeFor });
  const dir = await mkdtemp(join(tmpdir(), 'ringfence-turns-'));
  const path = join(dir, 'socket');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const leave = turns.ask(() => socket.write('go'));
    socket.on('error', () => {}); // it closes then
    socket.on('close', () => {
      sockets.delete(socket);
      leave();
    });
    socket.resume();
  });
  server.listen(path);
  await once(server, 'listening');
  const looks = setInterval(() => turns.look(), lookEveryMs);
  return {
    path,
    async [Symbol.asyncDispose]() {
      clearInterval(looks);
      for (const socket of sockets) socket.destroy();
      server.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Settles when it is this file's turn. @returns to be called when it is over. Rejects where nobody gives turns, or does any more. */
export async function takeTurn(path: string): Promise<() => void> {
  const socket = connect(path);
  await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  if (socket.destroyed) throw new Error(`whoever gives turns at ${path} has ended`);
  socket.on('error', () => {}); // the server has ended first
  socket.unref();
  return () => socket.destroy();
}
