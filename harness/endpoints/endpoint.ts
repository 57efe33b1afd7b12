import type { Socket } from 'node:net';
import type { SipAddress } from '../model/server.ts';
import type { ApplicationRole } from '../model/words.ts';
import { adoptSrf, connectSrf, type SipRequest, type SipResponse, type SrfApp } from './srf.ts';

/** A drachtio-compatible server, wherever it runs: embedded in this process, in a container, or the real one. */
export interface SipServer {
  /** Where it speaks SIP. */
  readonly sip: SipAddress;
  /** Where applications connect, as seen from this process. */
  readonly control: SipAddress;
  readonly secret: string;
  /** `control`: its record is what its control protocol tells, see WireRecord. @default 'wire' */
  readonly seenBy?: 'wire' | 'control';
  /** A control connection inside this process, where the server is in it. */
  connect?(): Socket;
  /**
   * Settles when all that was on the wire until now is on record, where the record comes another way than the application's
   * messages: a 200 may be at the caller before its record is here. Never rejects.
   */
  recorded?(): Promise<void>;
  /** Idempotent. */
  stop(): Promise<void>;
}

/**
 * One role of the lab: a drachtio-srf application in this process, with a SIP server of its own (a real one deals requests
 * round-robin to all applications, so roles may not share).
 */
export class Endpoint implements AsyncDisposable {
  readonly role: ApplicationRole;
  readonly sip: SipAddress;
  readonly app: SrfApp;
  /** What its record is: see {@link SipServer}. */
  readonly seenBy: 'wire' | 'control';
  readonly #server: SipServer;
  #stopped = false;

  private constructor(role: ApplicationRole, server: SipServer, app: SrfApp, onTrouble: (text: string) => void) {
    this.role = role;
    this.sip = server.sip;
    this.app = app;
    this.seenBy = server.seenBy ?? 'wire';
    this.#server = server;
    let lost = false;
    const lose = (how: string): void => {
      if (!this.#stopped && !lost) onTrouble(`the ${role} application lost its SIP server: ${how}`);
      lost = true;
    };
    app.on('error', (error) => lose(error.message));
    app.on('close', () => lose('the control connection was closed'));
    app.options((_request, response) => answer(response, 200));
  }

  /** Stops the server with itself, or when the application cannot connect to it. */
  static async start(options: {
    readonly role: ApplicationRole;
    readonly server: SipServer;
    /** The endpoint went deaf: a fault of the lab, never of the server under test. */
    readonly onTrouble: (text: string) => void;
  }): Promise<Endpoint> {
    const { server } = options;
    try {
      const app =
        server.connect === undefined
          ? await connectSrf({ ...server.control, secret: server.secret })
          : await adoptSrf(server.connect(), server.secret);
      return new Endpoint(options.role, server, app, options.onTrouble);
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** See {@link SipServer.recorded}. */
  async recorded(): Promise<void> {
    await this.#server.recorded?.();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    try {
      this.app.disconnect();
    } catch {
      // The library asserts that it still has a connection (5.0.29); one that is lost needs no end.
    }
    await this.#server.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/**
 * Sends a response. That a transaction is gone by then (the caller gave up in the same moment) is an event of the call
 * and stands in the wire record; it is no error of the application.
 */
export function answer(response: SipResponse, status: number): void {
  response.send(status, {}); // with a callback, or headers, the library would parse or copy whole messages
}

/** The user part of a SIP URI, or of the first URI in a header value; '' when there is none. */
export function userOf(value: string): string {
  return /sips?:([^@;>\s]+)@/i.exec(value)?.[1] ?? '';
}

/** SDP for PCMU audio. @param port where it is wanted. @default one that nobody listens at: the lab proves signalling */
export function audioSdp(host: string, port = 9): string {
  const lines = [
    'v=0',
    `o=- 1 1 IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0`,
    'a=rtpmap:0 PCMU/8000',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** The mailbox or phone that a request is for. */
export function calledUser(request: SipRequest): string {
  return userOf(request.uri) || userOf(request.get('To'));
}
