/** A control port that says what a test tells it to. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { encodeFrame, FrameReader, MAX_FRAME_BYTES } from '../../harness/drachtio/frames.ts';
import type { SipAddress } from '../../harness/model/server.ts';

export interface FakeServer extends AsyncDisposable {
  readonly control: SipAddress;
  /** Of every connection so far, oldest first. */
  readonly sockets: readonly Socket[];
  /** Payloads of all frames that arrived. */
  readonly received: readonly string[];
}

export async function fakeServer(onData: (socket: Socket, payload: string | null) => void): Promise<FakeServer> {
  const sockets: Socket[] = [];
  const received: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const reader = new FrameReader();
    reader.maxBytes = MAX_FRAME_BYTES;
    socket.on('error', () => {});
    socket.on('data', (chunk) =>
      reader.push(chunk, (payload) => {
        received.push(payload.toString('latin1'));
        onData(socket, payload.toString('latin1'));
      }),
    );
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  return {
    control: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    sockets,
    received,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** A control port that answers `authenticate` with these tokens, one list after the other; the last one stays. */
export function authenticating(...replies: readonly string[]): Promise<FakeServer> {
  let asked = 0;
  return fakeServer((socket, payload) => {
    const [id, kind] = payload?.split('|') ?? [];
    if (kind !== 'authenticate') return;
    const reply = replies[Math.min(asked, replies.length - 1)] ?? '';
    asked += 1;
    socket.write(encodeFrame(`uuid|response|${id}|${reply}`));
  });
}
