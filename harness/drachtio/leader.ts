import type { SipMessage } from '../sip/message.ts';
import type { Clock } from '../sip/timers.ts';
import type { Peer } from '../sip/transport.ts';
import type { Protocol, SocketAddress } from '../sip/wire.ts';

/** Who made a message, how long it is on the wire, and whom it came from or goes to. */
export interface Meta {
  readonly source: 'network' | 'application';
  /** 0: made by this server, never on the wire. */
  readonly bytes: number;
  readonly protocol: Protocol;
  /** undefined for a message that was never on the wire. */
  readonly address: SocketAddress | undefined;
  readonly atEpochMs: number;
  readonly transactionId: string;
}

/** Of a message that came in. */
export function metaOfReceived(
  message: SipMessage,
  { protocol, host, port }: Peer,
  transactionId: string,
  clock: Clock,
): Meta {
  const bytes = message.bytes.length;
  return { source: 'network', bytes, protocol, address: { host, port }, atEpochMs: clock.nowEpochMs(), transactionId };
}

/** Of a message that goes out. `address`: our own for a request, the peer's for a response. */
export function metaOfSent(
  message: SipMessage,
  address: SocketAddress,
  protocol: Protocol,
  transactionId: string,
  clock: Clock,
): Meta {
  const bytes = message.bytes.length;
  return { source: 'application', bytes, protocol, address, atEpochMs: clock.nowEpochMs(), transactionId };
}

function metaTokens({ source, bytes, protocol, address, atEpochMs, transactionId }: Meta): string {
  const from = address === undefined ? '|' : `${address.host}|${address.port}`;
  return `${source}|${bytes}|${protocol}|${from}|${timeOfDay(atEpochMs)}|${transactionId}`;
}

/** Leader of a message passed up to the application, without its id. */
export function sipLeader(meta: Meta, dialogId: string, receivedOn?: SocketAddress): string {
  const end = receivedOn === undefined ? '' : `${receivedOn.host}|${receivedOn.port}|`;
  return `sip|${metaTokens(meta)}|${dialogId}|${end}`;
}

/** Reply to a request of the application: what has been sent. */
export function requestEcho(meta: Meta): string {
  return `OK|${metaTokens(meta)}|Msg sent:|`;
}

/** Reply to a response of the application: what has been sent. */
export function responseEcho(meta: Meta, dialogId: string): string {
  return `OK|${metaTokens(meta)}|${dialogId}||Msg sent:|`;
}

/** Reply to an application that has passed a request on: what a target said. `from` undefined: nobody did. */
export function proxyProgress(response: SipMessage, from: Peer | undefined, clock: Clock): string {
  const unsent = { source: 'network', bytes: 0, protocol: 'udp', address: undefined, transactionId: '' } as const;
  const meta = from ? metaOfReceived(response, from, '', clock) : { ...unsent, atEpochMs: clock.nowEpochMs() };
  return `${metaTokens(meta)}||continue`;
}

/** `|`, line ends and whatever else is not printable ASCII would break the leader line. */
export function refusal(reason: string): string {
  return `NOK|${reason.replace(/[^\x20-\x7e]|\|/g, '?').slice(0, 300)}`;
}

/** `HH:MM:SS.micro`, UTC. */
export function timeOfDay(epochMs: number): string {
  const microseconds = String(Math.floor((epochMs % 1000) * 1000)).padStart(6, '0');
  const seconds = Math.floor(epochMs / 1000) % 86_400;
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${microseconds}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
