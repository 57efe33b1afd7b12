import type { IdSource } from '../sip/ids.ts';
import type { HostResolver } from '../sip/resolver.ts';
import type { SipTimers, TimerSet } from '../sip/timers.ts';
import type { TransactionLayer } from '../sip/transaction-layer.ts';
import type { Peer, Transport } from '../sip/transport.ts';
import { parseUri, SIP_PORT } from '../sip/uri.ts';
import type { Protocol } from '../sip/wire.ts';
import { RefusedError } from './app-message.ts';
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
}

/** Where a request goes, before its name is resolved. */
export interface NextHop {
  readonly host: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** `host:port`, IPv6 in brackets; the default port is left out. */
export function hostPort({ host, port }: { host: string; port: number }): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === SIP_PORT ? name : `${name}:${port}`;
}

export function ownContact({ transport }: Context, protocol: Protocol): string {
  const { host, port } = transport.local;
  const name = host.includes(':') ? `[${host}]` : host;
  return `<sip:${name}:${port}${protocol === 'tcp' ? ';transport=tcp' : ''}>`;
}

export function ownVia({ transport }: Context, protocol: Protocol, branch: string): string {
  return `SIP/2.0/${protocol.toUpperCase()} ${hostPort(transport.local)};rport;branch=${branch}`;
}

/** Applications write `localhost` for the address of their server, which they need not know. */
export function withOwnAddress(value: string, { transport }: Context): string {
  if (!value.includes('localhost')) return value;
  const { host, port } = transport.local;
  return value.replace(/(sips?:(?:[^@\s<>;]*@)?)localhost(?::\d+)?(?=[\s;?>,]|$)/gi, `$1${host}:${port}`);
}

/** @throws {RefusedError} when the URI is none, or asks for a transport that this server lacks */
export function nextHopOf(uri: string, { transport }: Context, preferred: Protocol = 'udp'): NextHop {
  const parsed = parseUri(uri);
  if (parsed === undefined) throw new RefusedError(`invalid request-uri: ${uri}`);
  const wanted = parsed.params.get('transport')?.toLowerCase();
  const fallback = transport.protocols.includes(preferred) ? preferred : transport.protocols[0];
  const protocol = wanted ?? fallback;
  if (
    parsed.scheme === 'sips' ||
    (protocol !== 'udp' && protocol !== 'tcp') ||
    !transport.protocols.includes(protocol)
  ) {
    throw new RefusedError(`requested protocol/transport not available: ${uri}`);
  }
  return { host: parsed.params.get('maddr') || parsed.host, port: parsed.port ?? SIP_PORT, protocol };
}

/** RFC 5923 in spirit: a dialog over TCP stays on its connection where that leads to the same host. */
export function peerOf(hop: NextHop, address: string, known: Peer | undefined): Peer {
  const { port, protocol } = hop;
  const reuse =
    protocol === 'tcp' && known?.connection?.usable && known.host === address ? known.connection : undefined;
  return { protocol, host: address, port, ...(reuse && { connection: reuse }) };
}
