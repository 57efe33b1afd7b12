import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Listener, OnReceived, Peer } from './listener.ts';
import type { SocketAddress } from './wire.ts';

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

export class UdpListener implements Listener {
  readonly protocol = 'udp';
  readonly local: SocketAddress;
  readonly #socket: Socket;

  private constructor(socket: Socket, local: SocketAddress, onReceived: OnReceived) {
    this.#socket = socket;
    this.local = local;
    socket.on('message', (bytes, { address: host, port }) => onReceived(bytes, { protocol: 'udp', host, port, local }));
    socket.on('error', () => {}); // a datagram that could not leave is lost, as others are
  }

  /** Rejects with the system's error when the address cannot be bound. */
  static async bind({ host, port }: SocketAddress, onReceived: OnReceived): Promise<UdpListener> {
    const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    try {
      socket.bind(port, host);
      await once(socket, 'listening');
    } catch (error) {
      socket.close();
      throw error;
    }
    return new UdpListener(socket, { host, port: socket.address().port }, onReceived);
  }

  send(bytes: Buffer, { host, port }: Peer, onFailed: (error: Error) => void): void {
    this.#socket.send(bytes, port, host, (error) => error && onFailed(error));
  }

  stop(): void {
    this.#socket.close();
  }
}
