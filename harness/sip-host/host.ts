import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { startCallerEdge } from '../callers/edge/edge.ts';
import { DrachtioServer } from '../drachtio/index.ts';
import { finalStatus } from '../foreign-drachtio/index.ts';
import { nowEpochMs } from '../now.ts';
import type { SocketAddress, WireRecord } from '../sip/wire.ts';
import { startEdge } from '../ua/edge.ts';
import { Applications, isOfApplication } from './applications.ts';
import { FrameReader, frame } from './frames.ts';
import type { Answer, Request } from './messages.ts';

export interface HostOptions {
  readonly address: SocketAddress;
  readonly secret: string;
}

interface Stoppable extends AsyncDisposable {
  readonly sip: SocketAddress;
}

/**
 * Where SIP servers run that the harness cannot run in its own process, because the lab's network is not its own: in a
 * container. Serves one harness; everything it started ends with its connection.
 */
export class SipHost implements AsyncDisposable {
  readonly address: SocketAddress;
  readonly #server: Server;
  readonly #secret: string;
  readonly #sockets = new Set<Socket>();
  readonly #applications = new Applications();

  private constructor(server: Server, { address, secret }: HostOptions) {
    this.#server = server;
    this.#secret = secret;
    const bound = server.address();
    this.address = { host: address.host, port: typeof bound === 'object' && bound !== null ? bound.port : 0 };
    server.on('connection', (socket) => this.#serve(socket));
  }

  /** @throws when the address cannot be bound. */
  static async listen(options: HostOptions): Promise<SipHost> {
    const server = createServer({ noDelay: true });
    server.listen(options.address);
    await once(server, 'listening');
    return new SipHost(server, options);
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}); // `close` follows
    socket.on('close', () => this.#sockets.delete(socket));
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      if (isOfApplication(first)) this.#applications.serve(socket);
      else this.#serveHarness(socket);
      socket.resume();
    });
  }

  #serveHarness(socket: Socket): void {
    const session = new Session(socket, this.#secret, this.#applications);
    const reader = new FrameReader();
    socket.on('data', (piece: Buffer) => {
      try {
        for (const { head } of reader.push(piece)) void session.on(head as Request);
      } catch {
        socket.destroy(); // not our protocol
      }
    });
    socket.on('close', () => void session.end());
  }
}

/** One connection: a harness, once it has said the secret. */
class Session {
  readonly #socket: Socket;
  readonly #secret: string;
  readonly #applications: Applications;
  readonly #started = new Map<string, Stoppable>();
  #known = false;

  constructor(socket: Socket, secret: string, applications: Applications) {
    this.#socket = socket;
    this.#secret = secret;
    this.#applications = applications;
  }

  async on(request: Request): Promise<void> {
    if (request.type === 'hello' && request.secret === this.#secret) this.#known = true;
    else if (!this.#known || request.type === 'hello') this.#socket.destroy();
    else if (request.type === 'clock') this.#say({ type: 'clock', id: request.id, atEpochMs: nowEpochMs() });
    else await this.#obey(request);
  }

  async end(): Promise<void> {
    await Promise.allSettled([...this.#started.values()].map((each) => each[Symbol.asyncDispose]()));
  }

  async #obey(request: Exclude<Request, { type: 'hello' | 'clock' }>): Promise<void> {
    const { id } = request;
    try {
      if (request.type === 'ask-options') {
        const { headerLines, to, withinMs } = request;
        this.#say({ type: 'status', id, status: await finalStatus('OPTIONS', headerLines, to, withinMs) });
        return;
      }
      const { name } = request;
      if (request.type === 'close') {
        await this.#started.get(name)?.[Symbol.asyncDispose]();
        this.#started.delete(name);
        this.#say({ type: 'done', id, sip: null });
        return;
      }
      const started = await this.#start(request);
      this.#started.set(name, started);
      this.#say({ type: 'done', id, sip: started.sip });
    } catch (error) {
      this.#say({ type: 'failed', id, why: (error as Error).message });
    }
  }

  async #start(request: Extract<Request, { type: 'open' | 'open-edge' }>): Promise<Stoppable> {
    const recorder = (record: WireRecord): void => this.#tell(request.name, record);
    if (request.type === 'open') {
      const { sip, secret, tls } = request;
      const server = await DrachtioServer.start({ sip, secret, recorder, ...(tls && { tls }) });
      return this.#applications.letIn(server);
    }
    const { name, host, server, transport = 'udp', inner, tls, innerTls, of = 'user agent', credentials } = request;
    const at = { host, server, transport, tls, record: recorder };
    const isApplication = of === 'application';
    if (of === 'user agent' || (isApplication && transport === 'udp')) return startEdge({ ...at, inner, innerTls });
    const onTrouble = (text: string): void => this.#say({ type: 'trouble', name, text });
    return startCallerEdge({ ...at, credentials, isApplication, onTrouble });
  }

  #tell(name: string, { direction, atEpochMs, protocol, local, remote, bytes }: WireRecord): void {
    this.#say({ type: 'record', name, direction, atEpochMs, protocol, local, remote }, bytes);
  }

  #say(answer: Answer, body?: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(frame(answer, body));
  }
}
