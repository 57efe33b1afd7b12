import type { Socket } from 'node:net';
import { FrameError, FrameReader } from '../drachtio/frames.ts';
import type { DrachtioServer } from '../drachtio/index.ts';

const NINE = 0x39;
const ZERO = 0x30;

/** A frame of drachtio's begins with its length in decimal digits, one of the harness with a byte that is 0. */
export function isOfApplication(first: Buffer): boolean {
  const [byte = 0] = first;
  return byte >= ZERO && byte <= NINE;
}

/**
 * The applications of all servers of a host come in at one port, each with the secret of the server that it means: of every port
 * that is published an engine makes much (docs/decisions.md, "Containers share one network namespace").
 */
export class Applications {
  readonly #servers = new Map<string, DrachtioServer>();

  /** Until it is stopped. @returns the server, which is stopped with it */
  letIn(server: DrachtioServer): Pick<DrachtioServer, 'sip' | typeof Symbol.asyncDispose> {
    this.#servers.set(server.secret, server);
    return {
      sip: server.sip,
      [Symbol.asyncDispose]: async () => {
        this.#servers.delete(server.secret);
        await server.stop();
      },
    };
  }

  /** Reads no more of it than its first frame, and leaves that to the server. Closes one that means none. */
  serve(socket: Socket): void {
    const reader = new FrameReader();
    const pieces: Buffer[] = [];
    const read = (piece: Buffer): void => {
      pieces.push(piece);
      try {
        reader.push(piece, (payload) => {
          reader.discard();
          socket.off('data', read);
          this.#hand(socket, Buffer.concat(pieces), secretIn(payload));
        });
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        socket.destroy();
      }
    };
    socket.on('data', read);
  }

  #hand(socket: Socket, begun: Buffer, secret: string | undefined): void {
    const server = this.#servers.get(secret ?? '');
    if (server === undefined) {
      socket.destroy();
      return;
    }
    socket.pause();
    socket.unshift(begun);
    server.take(socket);
    socket.resume();
  }
}

/** `id|authenticate|secret`, and more behind another bar. */
function secretIn(payload: Buffer): string | undefined {
  const [, kind, secret] = payload.toString('latin1').split('|');
  return kind === 'authenticate' ? secret : undefined;
}
