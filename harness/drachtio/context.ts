import type { IdSource } from '../sip/ids.ts';
import type { HostResolver } from '../sip/resolver.ts';
import type { SipTimers, TimerSet } from '../sip/timers.ts';
import type { TransactionLayer } from '../sip/transaction-layer.ts';
import type { Peer, Transport } from '../sip/transport.ts';
import { parseUri, SIP_PORT, type SipUri } from '../sip/uri.ts';
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
  /** Where DNS may say that, too: what can be spoken, and from where. */
  readonly protocols?: ReadonlyMap<Protocol, SocketAddress> | undefined;
}

/** `host:port`, IPv6 in brackets. */
export function hostPort({ host, port }: SocketAddress): string {
  return `${inUri(host)}:${port}`;
}

export function ownContact(local: SocketAddress, protocol: Protocol): string {
  const name = protocol === 'wss' ? 'ws' : protocol;
  return `<${protocol === 'wss' ? 'sips' : 'sip'}:${hostPort(local)}${protocol === 'udp' ? '' : `;transport=${name}`}>`;
}

export function ownVia(local: SocketAddress, protocol: Protocol, branch: string): string {
  const sentBy = local.port === SIP_PORT ? inUri(local.host) : hostPort(local);
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
  for (const name of transportsOf(parsed, known, transport)) {
    const { protocol } = transport.listeners.find((one) => one.protocol === name) ?? {};
    if (protocol === undefined) continue;
    // A browser has no address: it is where its connection is (RFC 7118 1).
    const there = isWeb(protocol) && known?.protocol === protocol ? known : { host, port };
    const local = transport.localFor(protocol, there.host, known?.local);
    if (local === undefined) continue;
    const isOpen = parsed.scheme === 'sip' && !parsed.params.has('transport') && there.port === undefined && !known;
    const protocols = isOpen ? spokenFrom(transport) : undefined;
    return { host: there.host, port: there.port, protocol, local, ...(protocols && { protocols }) };
  }
  return 'no transport';
}

/** What a URI may be reached by, the best first: RFC 3261 26.2.2, RFC 7118 4. */
function transportsOf({ scheme, params }: SipUri, known: Peer | undefined, transport: Transport): readonly string[] {
  const wanted = params.get('transport')?.toLowerCase();
  if (scheme === 'sips') return [wanted === 'ws' ? 'wss' : 'tls'];
  if (wanted === 'ws') return known?.protocol === 'wss' ? ['wss', 'ws'] : ['ws', 'wss'];
  if (wanted !== undefined) return [wanted];
  return [...(known ? [known.protocol] : []), 'udp', ...transport.listeners.map(({ protocol }) => protocol)];
}

function spokenFrom({ listeners }: Transport): ReadonlyMap<Protocol, SocketAddress> {
  return new Map(listeners.toReversed().map(({ protocol, local }) => [protocol, local]));
}

function isWeb(protocol: Protocol): boolean {
  return protocol === 'ws' || protocol === 'wss';
}

/** RFC 5923 in spirit: a dialog over TCP stays on its connection where that leads to the same host. */
export function peerOf(hop: NextHop, { host, port }: SocketAddress, known: Peer | undefined): Peer {
  const { protocol, local, host: name } = hop;
  const reuse = known?.connection?.usable && known.protocol === protocol && known.host === host;
  const connection = reuse ? known.connection : undefined;
  return { protocol, host, port, local, ...(connection && { connection }), ...(name !== host && { name }) };
}

function inUri(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
