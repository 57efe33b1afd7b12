import type { Socket } from 'node:net';
import { UsageError } from '../errors.ts';
import { randomIds } from '../sip/ids.ts';
import { HostResolver } from '../sip/resolver.ts';
import { sipTimers, systemClock, TimerSet } from '../sip/timers.ts';
import { TransactionLayer, type TransactionUser } from '../sip/transaction-layer.ts';
import { Transport } from '../sip/transport.ts';
import type { SocketAddress } from '../sip/wire.ts';
import { addressError, type BoundAddress, bindAddress, contactsOf, isSecure } from './addresses.ts';
import { isAppResponse } from './app-message.ts';
import { attempt } from './attempt.ts';
import { CallRecords } from './cdr.ts';
import { type Context, hostPort } from './context.ts';
import type { Command, ControlConnection } from './control-connection.ts';
import { ControlServer } from './control-server.ts';
import { Dialogs } from './dialogs.ts';
import { innerSockets } from './inner-socket.ts';
import type { DrachtioServerOptions } from './options.ts';
import { Proxies } from './proxy/proxies.ts';
import { Uac } from './uac.ts';
import { Uas } from './uas.ts';

const SECRET_DIGITS = 32;

/**
 * A SIP user agent that speaks the control protocol of drachtio server 0.9, so that drachtio-srf applications run on it
 * unchanged. One control port, any number of applications.
 */
export class DrachtioServer implements AsyncDisposable {
  /** The first of {@link contacts}. */
  readonly sip: SocketAddress;
  readonly contacts: readonly BoundAddress[];
  readonly control: SocketAddress;
  readonly secret: string;
  readonly #controlServer: ControlServer;
  readonly #stop: () => void;

  private constructor(
    control: SocketAddress,
    parts: Pick<DrachtioServer, 'sip' | 'contacts' | 'secret'> & { controlServer: ControlServer; stop: () => void },
  ) {
    this.sip = parts.sip;
    this.contacts = parts.contacts;
    this.control = control;
    this.secret = parts.secret;
    this.#controlServer = parts.controlServer;
    this.#stop = parts.stop;
  }

  /** A control connection for an application in this process: the same protocol, without TCP. */
  connect(): Socket {
    const [ours, theirs] = innerSockets();
    this.take(ours);
    return theirs;
  }

  /** An application that has come in elsewhere, at a port that several servers share. Nothing has been read of it. */
  take(application: Socket): void {
    this.#controlServer.take(application);
  }

  /**
   * @throws {LabError} when an address cannot be bound; the message names it and says what to do
   * @throws {UsageError} when the secret could not be told from the rest of a control frame
   */
  static async start(options: DrachtioServerOptions): Promise<DrachtioServer> {
    const { clock = systemClock, ids = randomIds(), secret = randomIds().hex(SECRET_DIGITS) } = options;
    if (secret === '' || /[|\r\n]/.test(secret)) {
      throw new UsageError(
        'the secret of a drachtio server is empty or has a bar or a line end in it: choose another one',
      );
    }
    const [first, ...more] = 'host' in options.sip ? [options.sip] : options.sip;
    const timerSet = new TimerSet(clock);
    const { recorder, hooks } = options;
    if (options.tls === undefined && [first, ...more].some(({ transports }) => transports?.some(isSecure))) {
      throw new UsageError('tls and wss need a certificate: give `tls` with `key` and `cert`');
    }
    const addresses = { ...bindAddress(first), more: more.map(bindAddress) };
    const transport = await Transport.bind({ ...addresses, tls: options.tls, timers: timerSet, recorder, hooks }).catch(
      (cause) => {
        throw addressError('SIP', addresses, cause);
      },
    );
    const timers = sipTimers(options.timers);
    const resolver = new HostResolver(options);
    const layer = new TransactionLayer(
      { transport, timers, timerSet, ids },
      deferred(() => user),
    );
    const next = (verb: string): ControlConnection | undefined => control?.next(verb);
    const records = new CallRecords(clock, next);
    const context: Context = { ids, timers, timerSet, transport, layer, resolver, dialogs: new Dialogs(), records };
    const uac = new Uac(context);
    const uas: Uas = new Uas(context, next);
    const proxies = new Proxies(context);
    const user: TransactionUser = {
      onRequest: (transaction) => {
        if (!proxies.passOn(transaction)) uas.onRequest(transaction);
      },
      onAck: (ack, peer) => {
        if (!proxies.passOnAck(ack, peer)) uas.onAck(ack, peer);
      },
      onCancel: (invite, cancel, peer) => {
        if (!proxies.cancel(invite)) uas.onCancel(invite, cancel, peer);
      },
      onStrayResponse: (response) => uac.onStrayResponse(response),
    };
    let control: ControlServer | undefined;
    const stop = (): void => {
      control?.stop();
      transport.stop();
      timerSet.stop();
      layer.stop();
      resolver.stop();
    };
    const { host: controlHost = '127.0.0.1', port: controlPort = 0, tls: controlTls } = options.control ?? {};
    const hostports = transport.listeners.map(({ protocol, local }) => `${protocol}/${hostPort(local)}`).join(',');
    try {
      control = await ControlServer.listen(
        { host: controlHost, port: controlPort, secret, ids, timerSet, hostports, tls: controlTls },
        {
          onSip: (connection, command) => serve(connection, command, { uac, uas, proxies }),
          onClosed: (connection) => {
            uac.onClosed(connection);
            uas.onClosed(connection);
          },
        },
      );
    } catch (cause) {
      stop();
      throw addressError('control', { host: controlHost, port: controlPort }, cause);
    }
    for (const application of options.applications ?? []) control.call(application);
    const { port: boundPort } = control;
    return new DrachtioServer(
      { host: controlHost, port: boundPort },
      { sip: transport.local, contacts: contactsOf(transport), secret, controlServer: control, stop },
    );
  }

  /** Closes all sockets and timers at once. Idempotent. */
  async stop(): Promise<void> {
    this.#stop();
  }

  /** As `stop()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

interface Halves {
  readonly uac: Uac;
  readonly uas: Uas;
  readonly proxies: Proxies;
}

function serve(connection: ControlConnection, command: Command, { uac, uas, proxies }: Halves): void {
  attempt(connection, command, () => {
    if (command.kind === 'proxy') proxies.proxy(connection, command, (id) => uas.take(connection, id));
    else if (isAppResponse(command.message)) uas.respond(connection, command);
    else uac.send(connection, command);
  });
}

/** The transaction layer and its user need each other. */
function deferred(user: () => TransactionUser): TransactionUser {
  return {
    onRequest: (transaction) => user().onRequest(transaction),
    onAck: (ack, peer) => user().onAck(ack, peer),
    onCancel: (invite, cancel, peer) => user().onCancel(invite, cancel, peer),
    onStrayResponse: (response, peer) => user().onStrayResponse(response, peer),
  };
}
