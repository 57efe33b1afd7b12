import { Socket } from 'node:net';

/**
 * Two ends of a connection inside this process: what is written at one is read at the other, without the system's TCP in
 * between. drachtio-srf asks that its socket be a net.Socket; these are, with no handle below.
 */
export function innerSockets(): [Socket, Socket] {
  const [one, other] = [new InnerSocket(), new InnerSocket()];
  one.peer = other;
  other.peer = one;
  return [one, other];
}

class InnerSocket extends Socket {
  peer: InnerSocket | null = null;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.peer?.push(chunk);
    done();
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    for (const { chunk } of chunks) this.peer?.push(chunk);
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.peer?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { peer } = this;
    this.peer = null;
    // As over TCP, the other end learns of it a little later.
    setImmediate(() => peer?.destroy());
    done(error);
  }

  override setNoDelay(): this {
    return this;
  }

  override setKeepAlive(): this {
    return this;
  }
}
