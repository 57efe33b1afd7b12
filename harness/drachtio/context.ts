import type { IdSource } from '../sip/ids.ts';
import type { HostResolver } from '../sip/resolver.ts';
import type { SipTimers, TimerSet } from '../sip/timers.ts';
import type { TransactionLayer } from '../sip/transaction-layer.ts';
import type { Peer, Transport } from '../sip/transport.ts';
import { parseUri } from '../sip/uri.ts';
import type { Protocol, SocketAddress } from '../sip/wire.ts';
import { RefusedError } from './app-message.ts';
import type { CallRecords } from './cdr.ts';
import type { Dialogs } from './dialogs.ts';

/** What the two halves of the user agent share. */
export interface Context {
  readonly ids: IdSource;
  readonly timers: SipTimers;
  readonly timerSet: TimerSet;
  readonly transport: Transport;
  readonly layer: TransactionLayer;
  readonly resolver: HostResolver;
  readonly dialogs: Dialogs;
  readonly records: CallRecords;
}

/** Where a request goes, before its name is resolved, and from which address of ours. */
export interface NextHop {
  readonly host: string;
  /** undefined: DNS may say. */
  readonly port: number | undefined;
  readonly protocol: Protocol;
  readonly local: SocketAddress;
}

/** `host:port`, IPv6 in brackets. */
export function hostPort({ host, port }: SocketAddress): string {
  return `${inUri(host)}:${port}`;
}

export function ownContact(local: SocketAddress, protocol: Protocol): string {
  return `<sip:${hostPort(local)}${protocol === 'udp' ? '' : `;transport=${protocol}`}>`;
}

export function ownVia(local: SocketAddress, protocol: Protocol, branch: string): string {
  const sentBy = local.port === 5060 ? inUri(local.host) : hostPort(local);
  return `SIP/2.0/${protocol.toUpperCase()} ${sentBy};rport;branch=${branch}`;
}

/** Applications write `localhost` for the address of their server, which they need not know. */
export function withOwnAddress(value: string, local: SocketAddress): string {
  if (!value.includes('localhost')) return value;
  const own = `$1${hostPort(local)}`;
  return value.replace(/(sips?:(?:[^@\s<>;]*@)?)localhost(?::\d+)?(?=[\s;?>,]|$)/gi, own);
}

/** @throws {RefusedError} when the URI is none, or asks for a transport that this server lacks */
export function nextHopOf(uri: string, context: Context): NextHop {
  const hop = hopOf(uri, context);
  if (hop === 'no URI') throw new RefusedError(`invalid request-uri: ${uri}`);
  if (hop === 'no transport') throw new RefusedError(`requested protocol/transport not available: ${uri}`);
  return hop;
}

/** Where a URI leads, or why it leads nowhere from here: peers write what they like. `known`: who is spoken with already. */
export function hopOf(uri: string, { transport }: Context, known?: Peer): NextHop | 'no URI' | 'no transport' {
  const parsed = parseUri(uri);
  if (parsed === undefined || parsed.port === 0) return 'no URI';
  const host = parsed.params.get('maddr') || parsed.host;
  const { port } = parsed;
  if (parsed.scheme === 'sips') return 'no transport';
  const wanted = parsed.params.get('transport')?.toLowerCase();
  const usual = [...(known ? [known.protocol] : []), 'udp', ...transport.listeners.map(({ protocol }) => protocol)];
  for (const name of wanted === undefined ? usual : [wanted]) {
    const { protocol } = transport.listeners.find((one) => one.protocol === name) ?? {};
    if (protocol === undefined) continue;
    const local = transport.localFor(protocol, host, known?.local);
    if (local) return { host, port, protocol, local };
  }
  return 'no transport';
}

/** RFC 5923 in spirit: a dialog over TCP stays on its connection where that leads to the same host. */
export function peerOf({ protocol, local }: NextHop, { host, port }: SocketAddress, known: Peer | undefined): Peer {
  const reuse = known?.connection?.usable && known.protocol === protocol && known.host === host;
  return { protocol, host, port, local, ...(reuse && known.connection && { connection: known.connection }) };
}

function inUri(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
