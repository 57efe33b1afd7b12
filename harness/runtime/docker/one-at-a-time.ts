import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * Does something that other processes of this machine may be about to do as well, one of them after the other. Who is at it
 * listens on a socket that has no file: the system takes it back from whoever dies. Where there are none, as outside of
 * Linux, nobody waits.
 *
 * @throws what `work` throws; the signal's reason when it is aborted while others are at it
 */
export async function oneAtATime<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (process.platform !== 'linux') return work();
  // Such a name has 107 bytes at most.
  const path = `\0ringfence ${createHash('sha256').update(name).digest('hex')}`;
  for (;;) {
    const waiting = new Set<Socket>();
    const turn = await listening(path, waiting);
    if (turn === null) {
      await theirEnd(path, signal);
      continue;
    }
    try {
      return await work();
    } finally {
      turn.close();
      for (const socket of waiting) socket.destroy();
    }
  }
}

/** null: somebody else is. */
async function listening(path: string, waiting: Set<Socket>): Promise<Server | null> {
  const server = createServer((socket) => void waiting.add(socket.on('error', () => {})));
  try {
    await once(server.listen(path), 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null;
    throw error;
  }
}

async function theirEnd(path: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const socket = connect(path).on('error', () => {}); // gone by now, which is what is waited for
  const { promise: over, resolve } = Promise.withResolvers<void>();
  socket.once('close', () => resolve());
  const abort = (): void => void socket.destroy();
  signal.addEventListener('abort', abort);
  socket.resume();
  await over;
  signal.removeEventListener('abort', abort);
  signal.throwIfAborted();
}
