import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { FrameError, FrameReader, MAX_FRAME_BYTES } from '../drachtio/frames.ts';
import type { WireRecord } from '../drachtio/index.ts';
import type { SipServer } from '../endpoints/endpoint.ts';
import type { SipAddress } from '../model/server.ts';
import { nowEpochMs } from '../now.ts';
import { requireAlone } from './alone.ts';
import { askAddress } from './ask-address.ts';
import { Commands } from './commands.ts';
import { readServerFrame, recordOf } from './control-frames.ts';
import { ServerClock } from './server-clock.ts';

/** Of a command: it stands first, and is a UUID. */
const LONGEST_ID = 64;

export interface TapOptions {
  /** For messages: `voicemail`. */
  readonly role: string;
  /** Where the server listens for applications. */
  readonly control: SipAddress;
  readonly secret: string;
  /** Sees every SIP message that the server tells its application of. Must not throw. */
  readonly record: (record: WireRecord) => void;
  /** The server went away, or what it says cannot be read any more. */
  readonly onTrouble: (text: string) => void;
  /**
   * Whether SIP can be sent to the server from here, to find out if another application is connected. Leave it out only
   * for a server that nobody else can know of. @default true
   */
  readonly reachable?: boolean;
  /** For the server to name its SIP address. @default 5000 */
  readonly readyWithinMs?: number;
  /** Settles with its story if the server ends before it is ready. @default nobody knows */
  readonly gone?: Promise<string>;
  /** For the server to refuse a call that nobody takes. @default 2000 */
  readonly refuseWithinMs?: number;
  /** For the server to say that it has done what its application asked for. @default 2000 */
  readonly doneWithinMs?: number;
}

/** A SIP server that somebody else runs. `stop()` leaves it running. */
export interface TappedServer extends SipServer {
  readonly seenBy: 'control';
  /** As the server says it, e.g. `v0.9.10`. */
  readonly version: string;
}

/**
 * A drachtio server that is not ours, with a relay before its control port: byte for byte in both directions, and what
 * the server says on its way is the record of the role. One application only.
 *
 * @throws {LabError} when the server cannot be used; the message says why and what to do
 * @throws {UsageError} when the secret cannot be put into a control frame
 */
export async function tapDrachtio(options: TapOptions): Promise<TappedServer> {
  const { control, secret, reachable = true } = options;
  const { readyWithinMs = 5000, gone, refuseWithinMs = 2000, doneWithinMs = 2000 } = options;
  const { sip, version } = await askAddress({ control, secret, readyWithinMs, gone });
  if (reachable) await requireAlone({ sip, control, refuseWithinMs });
  const sockets = new Set<Socket>();
  const commands = new Commands();
  let stopping = false;
  const relay = createServer({ noDelay: true }, (application) => {
    const server = connect({ ...control, noDelay: true });
    const reader = tapReader(options, sip, commands);
    const lost = (how: string): void => {
      // An application whose calls the server does not know any more would only pretend to be there.
      relay.close();
      if (!stopping && !application.readableEnded && !application.destroyed) {
        stopping = true;
        options.onTrouble(`the drachtio server of ${options.role} on ${control.host}:${control.port} ${how}`);
      }
      application.destroy();
      server.destroy();
    };
    for (const socket of [application, server]) {
      sockets.add(socket);
      socket.on('error', () => {}); // `close` follows
      socket.on('close', () => sockets.delete(socket));
    }
    application.on('data', commandReader(commands));
    application.pipe(server);
    server.pipe(application);
    server.on('data', (chunk) => {
      const unread = reader(chunk);
      if (unread !== null) lost(`sent what is no frame of its protocol: ${unread}`);
    });
    // Its end comes first; after that the application's would be an answer to it.
    for (const event of ['end', 'close']) server.on(event, () => lost('closed its control connection'));
    application.on('close', () => server.destroy());
  });
  relay.listen({ host: '127.0.0.1', port: 0 });
  await once(relay, 'listening');
  return {
    sip,
    control: { host: '127.0.0.1', port: (relay.address() as AddressInfo).port },
    secret,
    seenBy: 'control',
    version,
    recorded: () => commands.settled(doneWithinMs),
    stop: async () => {
      stopping = true;
      relay.close();
      for (const socket of sockets) socket.destroySoon();
    },
  };
}

/** Reads what the application asks for. What is no frame is for the server to refuse. */
function commandReader(commands: Commands): (chunk: Buffer) => void {
  const frames = new FrameReader();
  frames.maxBytes = MAX_FRAME_BYTES;
  return (chunk) => {
    try {
      frames.push(chunk, (payload) => {
        const [id = ''] = payload.toString('latin1', 0, LONGEST_ID).split('|', 1);
        commands.asked(id);
      });
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      frames.discard();
    }
  };
}

/** Reads what passes. Returns what is wrong with it, null while nothing is. */
function tapReader({ record }: TapOptions, sip: SipAddress, commands: Commands): (chunk: Buffer) => string | null {
  const clock = new ServerClock();
  const frames = new FrameReader();
  frames.maxBytes = MAX_FRAME_BYTES;
  return (chunk) => {
    try {
      frames.push(chunk, (payload) => {
        const frame = readServerFrame(payload);
        const seen = recordOf(frame, sip, (time) => clock.epochOf(time, nowEpochMs()));
        if (seen !== null) record(seen);
        const [, kind, id = ''] = frame.tokens;
        if (kind === 'response') commands.answered(id);
      });
      return null;
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      frames.discard();
      return error.message;
    }
  };
}
