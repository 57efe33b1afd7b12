/**
 * drachtio-srf with the types that its users need. The library's own types describe several calls wrongly (5.0.29:
 * `request` has the arguments of another method, dialogs lack `connected`), so what we use is written down here.
 */
import { createRequire } from 'node:module';
import { Server, type Socket } from 'node:net';
import Srf from 'drachtio-srf';

// The library refuses to send a status that its table lacks, and sip-status 0.1.0 lacks the one that ends all
// processing at the server: 605, draft-rajesh-sipping-605.
const statusTexts = createRequire(import.meta.resolve('drachtio-srf'))('sip-status') as Record<number, string>;
statusTexts[605] ??= 'Decline Everywhere';

export interface SipRequest {
  readonly method: string;
  readonly uri: string;
  readonly callId: string;
  readonly body: string;
  /** Header value, `''` when absent; repeated headers joined by commas. */
  get(name: string): string;
  has(name: string): boolean;
  on(event: 'cancel', listener: () => void): this;
  /** The request was challenged and has been sent again, with credentials, as the one given. */
  on(event: 'authenticate', listener: (again: SipRequest) => void): this;
  on(event: 'response', listener: (response: SipResponse, ack: () => void) => void): this;
  cancel(callback: (error: unknown) => void): void;
}

export interface SipResponse {
  readonly status: number;
  readonly reason: string;
  /** Of what was received. */
  readonly body: string;
  /** Of what was received; repeated headers joined by commas. */
  get(name: string): string | undefined;
  /** On the responding side. Errors (an unknown transaction after a CANCEL, say) go to the callback. */
  send(
    status: number,
    options: { headers?: Record<string, string>; body?: string },
    callback?: (error: unknown) => void,
    /** A reliable provisional response was acknowledged, RFC 3262. */
    onPrack?: () => void,
  ): void;
}

export interface SipDialog {
  /** Of who calls: the response that began it. */
  readonly res: SipResponse;
  /** Of who calls: what the other side described in it. */
  readonly remote: { readonly sdp: string };
  /** false when the far end hung up before this dialog was handed over. */
  readonly connected: boolean;
  on(event: 'destroy', listener: () => void): this;
  destroy(options: object, callback: (error: unknown) => void): void;
}

export interface RequestOptions {
  readonly method: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** Next hop, `sip:ip:port`. */
  readonly proxy?: string;
  readonly auth?: { readonly username: string; readonly password: string };
}

type Handler = (request: SipRequest, response: SipResponse) => void;

export interface SrfApp {
  invite(handler: Handler): void;
  options(handler: Handler): void;
  message(handler: Handler): void;
  notify(handler: Handler): void;
  prack(handler: Handler): void;
  request(uri: string, options: RequestOptions, callback: (error: unknown, request: SipRequest) => void): void;
  createUAS(
    request: SipRequest,
    response: SipResponse,
    options: { localSdp: string; headers?: Record<string, string> },
    callback: (error: unknown, dialog: SipDialog) => void,
  ): void;
  createUAC(
    uri: string,
    options: {
      proxy: string;
      localSdp: string;
      headers?: Record<string, string>;
      /** A challenge is answered with it. */
      auth?: { username: string; password: string };
    },
    progress: {
      cbRequest?: (error: unknown, request: SipRequest) => void;
      cbProvisional?: (response: SipResponse) => void;
    },
  ): Promise<SipDialog>;
  /** Both legs of a call: the one that came in, answered as the one that goes out is. Rejects when that is refused. */
  createB2BUA(
    request: SipRequest,
    response: SipResponse,
    uri: string,
    options: { proxy: string; headers: Record<string, string>; proxyRequestHeaders: readonly string[] },
  ): Promise<{ uas: SipDialog; uac: SipDialog }>;
  disconnect(): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'close', listener: () => void): void;
}

/**
 * An application on a drachtio-compatible server of this process. The library's way for servers that connect to their
 * applications takes a connection that is there already.
 *
 * @throws the library's own error when the server refuses the secret.
 */
export async function adoptSrf(socket: Socket, secret: string): Promise<SrfApp> {
  const srf = new Srf();
  const connected = new Promise<void>((resolve, reject) => {
    srf.on('connect', (error) => (error ? reject(error) : resolve()));
    srf.on('error', reject);
  });
  const doorway = new Server(); // it never listens
  srf.listen({ server: doorway, secret } as never);
  doorway.emit('connection', socket);
  await connected;
  return srf as unknown as SrfApp;
}

/**
 * An application on a drachtio-compatible server, connected and authenticated: sending before that is an assertion
 * failure in the library.
 *
 * @throws the library's own error when the server refuses the secret or cannot be reached.
 */
export async function connectSrf(options: { host: string; port: number; secret: string }): Promise<SrfApp> {
  const srf = new Srf();
  const connected = new Promise<void>((resolve, reject) => {
    srf.on('connect', (error) => (error ? reject(error) : resolve()));
    srf.on('error', reject);
  });
  // Not again once the connection is lost: a server that comes back knows none of the calls. The library counts from 1.
  const once = { ...options, reconnect: { maxAttempts: 1 } };
  void srf.connect(once);
  await connected;
  return srf as unknown as SrfApp;
}
