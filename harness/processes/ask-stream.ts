/** Whether a SIP server is there, over TCP and TLS, and whether its certificate may be believed. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls';
import { LabError } from '../errors.ts';
import { routeTo, type ServerAddress, type ServerTls } from '../model/server.ts';
import { questionTo } from './ready.ts';

export type NamedTls = ServerTls & { readonly name: string };

export interface AskOptions {
  /** An address of this machine. */
  readonly from: string;
  readonly timeoutMs: number;
  /** Address of record that it comes from. @default nobody's */
  readonly as?: string | undefined;
  /** Where it is TLS that is spoken. */
  readonly tls: NamedTls | null;
}

/**
 * Opens a connection and sends an OPTIONS over it.
 *
 * @returns its answer, as it came; null when there was none in time
 * @throws {LabError} when there is no connection, nothing on it that speaks TLS, a certificate that is not to be believed (then
 * nothing is sent), or it does not take ours
 */
export async function askOverStream(address: ServerAddress, options: AskOptions): Promise<Buffer | null> {
  const { from, timeoutMs, tls, as } = options;
  const { host, port, transport = 'tcp' } = address;
  const signal = AbortSignal.timeout(timeoutMs);
  const socket = tls === null ? connect({ host, port, localAddress: from }) : tlsSocket(address, from, tls);
  let isOpen = false;
  try {
    await once(socket, tls === null ? 'connect' : 'secureConnect', { signal });
    isOpen = true;
    if (tls !== null) requireBelieved(socket as TLSSocket, address, tls);
    socket.write(questionTo(address, transport, { host: from, port: socket.localPort ?? 0 }, { as })());
    return await answerOn(socket, signal);
  } catch (error) {
    if (error instanceof LabError) throw error;
    if (signal.aborted && (isOpen || tls === null)) return null;
    throw new LabError(
      `${routeTo(address)} cannot be spoken to from ${from}: ${signal.aborted ? `no handshake of TLS was over within ${timeoutMs / 1000} s${IS_IT_TLS}` : whyOf(error as SocketError, tls)}`,
      {
        cause: error,
      },
    );
  } finally {
    socket.destroy();
  }
}

/** Whether to believe it is decided when it has shown what it has. */
function tlsSocket({ host, port }: ServerAddress, localAddress: string, { ca, name, own }: NamedTls): TLSSocket {
  const remote = { host, port, localAddress };
  return connectTls({
    ...remote,
    ...(ca !== null && { ca }),
    ...(own !== null && { cert: own.certificate, key: own.key }),
    rejectUnauthorized: false,
    ...(isIP(name) === 0 && { servername: name }),
    checkServerIdentity: () => undefined,
  });
}

async function answerOn(socket: Socket, signal: AbortSignal): Promise<Buffer> {
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {}); // it may come after the answer
  socket.once('error', ended.reject);
  socket.once('close', () => ended.reject(new Error('it closed the connection without an answer')));
  let received = Buffer.alloc(0);
  while (!received.includes('\r\n\r\n')) {
    const [chunk] = (await Promise.race([once(socket, 'data', { signal }), ended.promise])) as [Buffer];
    received = Buffer.concat([received, chunk]);
  }
  return received;
}

const REMEDIES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired: whoever runs the server has to renew it',
  CERT_NOT_YET_VALID: 'it is not valid yet: is the clock of this machine right?',
};
const UNKNOWN_AUTHORITY =
  'nobody who is believed vouches for it: name the file with the certificate of its authority as tls.ca in the accounts file, if that is to be believed';

/** @throws {LabError} that says what was shown */
function requireBelieved(socket: TLSSocket, address: ServerAddress, { name }: NamedTls): void {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) throw new LabError(`${routeTo(address)} showed no certificate`);
  const code = socket.authorized ? undefined : String(socket.authorizationError);
  const misnamed = checkServerIdentity(name, certificate.toLegacyObject());
  if (code === undefined && misnamed === undefined) return;
  const why =
    code === undefined
      ? `it is not for ${name}: if it is the server's all the same, say whom it names as tls.name in the accounts file, or address it by that name`
      : (REMEDIES[code] ?? UNKNOWN_AUTHORITY);
  throw new LabError(
    `the certificate of ${routeTo(address)} is not to be believed, and nobody is called: ${why}. It showed: ${shown(certificate)}${code === undefined ? '' : ` (${code})`}`,
  );
}

/** Whose it is, for which names, from whom, and from when to when. */
function shown({ subject, subjectAltName, issuer, validFrom, validTo }: X509Certificate): string {
  const line = (name: string): string => (name ?? '').replaceAll('\n', ', ') || 'nobody';
  const names = subjectAltName === undefined ? 'no names' : subjectAltName;
  return `${line(subject)}; for ${names}; from ${line(issuer)}; valid from ${validFrom} to ${validTo}`;
}

const IS_IT_TLS = ': is this its port for TLS, 5061 as a rule?';

type SocketError = Error & { readonly code?: string; readonly reason?: string };

/** The alerts of RFC 8446 6.2, and what else comes of a handshake that fails. */
function whyOf(error: SocketError, tls: NamedTls | null): string {
  const { code = '', message } = error;
  if (tls === null || !/SSL|TLS|EPROTO|ECONNRESET|closed/i.test(`${code} ${message}`)) return message;
  if (/wrong version number|packet length too long|http request/i.test(message))
    return `what answers there does not speak TLS (${error.reason ?? code})${IS_IT_TLS}`;
  if (tls.own === null)
    return `it ended the handshake (${code || message})${IS_IT_TLS} If it is, it may want a certificate of whoever calls: give tls.certificate and tls.key in the accounts file`;
  const [first = ''] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(tls.own.certificate) ?? [];
  return `it did not accept the handshake (${code || message}). It was shown our certificate: ${shown(new X509Certificate(first))}; does the server believe who vouches for that?`;
}
