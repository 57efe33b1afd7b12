import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions as TlsServerOptions } from 'node:tls';
import { METHODS } from '../sip/header-names.ts';
import type { IdSource } from '../sip/ids.ts';
import type { TimerSet } from '../sip/timers.ts';
import { RECORDS } from './cdr.ts';
import { type Command, ControlConnection } from './control-connection.ts';
import { refusal } from './leader.ts';
import type { ControlTls, ListeningApplication } from './options.ts';

/** What the control port knows of the SIP side. */
export interface SipSide {
  onSip(connection: ControlConnection, command: Command): void;
  onClosed(connection: ControlConnection): void;
}

export interface ControlOptions {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly ids: IdSource;
  readonly timerSet: TimerSet;
  /** `udp/ip:port,tcp/ip:port`. */
  readonly hostports: string;
  /** undefined: TCP as it is. */
  readonly tls?: ControlTls | undefined;
}

/** Of the drachtio server whose protocol this is, as measured; the library pings from `v0.8.2` on. */
const VERSION = 'v0.9.10';
const BACKLOG = 4096;
const AUTHENTICATE_WITHIN_MS = 10_000;
const CONNECT_AGAIN_AFTER_MS = 1_000;

/** The control port: who may speak, and who gets which request. */
export class ControlServer {
  readonly port: number;
  readonly #server: Server;
  readonly #options: ControlOptions;
  readonly #secretHash: Buffer;
  readonly #sip: SipSide;
  readonly #connections = new Set<ControlConnection>();
  /** Applications of each verb; who is first is next. */
  readonly #routes = new Map<string, ControlConnection[]>();
  /** Those that we have connected to: they name no verbs. */
  readonly #called = new WeakSet<ControlConnection>();
  #stopped = false;

  private constructor(server: Server, port: number, options: ControlOptions, sip: SipSide) {
    this.#server = server;
    this.port = port;
    this.#options = options;
    this.#secretHash = hash(Buffer.from(options.secret, 'utf8'));
    this.#sip = sip;
    server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => this.take(socket));
    server.on('error', () => {}); // accept failed for want of descriptors; open connections go on
  }

  /** Rejects with the system's error when the address cannot be bound. */
  static async listen(options: ControlOptions, sip: SipSide): Promise<ControlServer> {
    const server = options.tls === undefined ? createServer() : createTlsServer(tlsServerOptions(options.tls));
    server.listen({ host: options.host, port: options.port, backlog: BACKLOG });
    await once(server, 'listening');
    return new ControlServer(server, (server.address() as { port: number }).port, options, sip);
  }

  /** An application that listens: it authenticates itself as any other, and gets requests of every method. */
  call(application: ListeningApplication): void {
    if (this.#stopped) return;
    const socket = connect(application);
    this.#called.add(this.take(socket));
    socket.once('close', () => this.#options.timerSet.after(CONNECT_AGAIN_AFTER_MS, () => this.call(application)));
  }

  /** An application that has come in by another way than the port. */
  take(socket: Socket): ControlConnection {
    const connection: ControlConnection = new ControlConnection(socket, this.#options.ids, {
      onCommand: (command) => this.#command(connection, command),
      onClosed: () => this.#closed(connection),
    });
    this.#connections.add(connection);
    this.#options.timerSet.after(AUTHENTICATE_WITHIN_MS, () => {
      if (!connection.authenticated) connection.destroy();
    });
    return connection;
  }

  /** The application whose turn it is for a verb. undefined: none wants it. */
  next(verb: string): ControlConnection | undefined {
    const applications = this.#routes.get(verb);
    const connection = applications?.shift();
    if (connection) applications?.push(connection);
    return connection;
  }

  /** Closes every connection at once. */
  stop(): void {
    this.#stopped = true;
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
  }

  #command(connection: ControlConnection, command: Command): void {
    if (command.kind === 'authenticate') this.#authenticate(connection, command);
    else if (!connection.authenticated) {
      connection.reply(command, 'NO|not authenticated');
      connection.close();
    } else if (command.kind === 'sip' || command.kind === 'proxy') this.#sip.onSip(connection, command);
    else this.#serve(connection, command);
  }

  #serve(connection: ControlConnection, command: Command): void {
    const [verb = ''] = command.tokens;
    switch (command.kind) {
      case 'ping':
        connection.reply(command, 'OK|pong');
        return;
      case 'route':
        if (!isKnown(verb)) {
          connection.reply(command, refusal(`nothing of the kind will ever come: ${verb}`));
          return;
        }
        this.#register(connection, verb);
        connection.reply(command, 'OK');
        return;
      case 'remove_route':
        this.#unregister(connection, verb);
        connection.reply(command, 'OK');
        return;
      default:
        connection.reply(command, 'NO|Unknown message type');
        connection.close();
    }
  }

  #authenticate(connection: ControlConnection, command: Command): void {
    // Of hashes, so that neither length nor content of the secret shows in the time taken.
    if (!timingSafeEqual(hash(Buffer.from(command.tokens[0] ?? '', 'latin1')), this.#secretHash)) {
      connection.reply(command, 'NO|incorrect secret');
      connection.close();
      return;
    }
    connection.authenticate();
    const { hostports } = this.#options;
    connection.reply(command, `OK|${hostports}|${VERSION}|${hostports}`);
    if (this.#called.has(connection)) for (const method of METHODS) this.#register(connection, method.toLowerCase());
  }

  /** Once per connection, however often it is asked: the library repeats its verbs with each new one. */
  #register(connection: ControlConnection, verb: string): void {
    if (connection.routes.has(verb)) return;
    connection.routes.add(verb);
    const applications = this.#routes.get(verb);
    if (applications) applications.push(connection);
    else this.#routes.set(verb, [connection]);
  }

  #unregister(connection: ControlConnection, verb: string): void {
    if (!connection.routes.delete(verb)) return;
    const left = (this.#routes.get(verb) ?? []).filter((other) => other !== connection);
    if (left.length > 0) this.#routes.set(verb, left);
    else this.#routes.delete(verb);
  }

  #closed(connection: ControlConnection): void {
    this.#connections.delete(connection);
    for (const verb of connection.routes) this.#unregister(connection, verb);
    this.#sip.onClosed(connection);
  }
}

/** A request that this server passes up, or a record that it makes. */
function isKnown(verb: string): boolean {
  return METHODS.has(verb.toUpperCase()) || RECORDS.has(verb);
}

function tlsServerOptions({ key, cert, ca, wantsCertificate = false }: ControlTls): TlsServerOptions {
  const others = { requestCert: wantsCertificate, rejectUnauthorized: wantsCertificate };
  return { key, cert, ...others, ...(ca !== undefined && { ca }), handshakeTimeout: AUTHENTICATE_WITHIN_MS };
}

function hash(secret: Buffer): Buffer {
  return createHash('sha256').update(secret).digest();
}
