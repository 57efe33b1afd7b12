import type { WireRecord } from '../drachtio/index.ts';
import { UsageError } from '../errors.ts';

/** A frame of the server, taken apart: the leader's tokens, and the SIP message behind it. */
export interface ServerFrame {
  readonly tokens: readonly string[];
  readonly message: Buffer;
}

/** When that was, by the server's time of day. */
export type Dated = (time: string) => number;

const EMPTY = Buffer.alloc(0);

/** @throws {UsageError} when it cannot be put into a control frame */
export function requireSecret(secret: string): void {
  if (secret !== '' && !/[|\r\n]/.test(secret)) return;
  throw new UsageError('the secret of a drachtio server is empty, or has a bar or a line end in it');
}

export function readServerFrame(payload: Buffer): ServerFrame {
  const end = payload.indexOf('\r\n', 0, 'latin1');
  const leader = payload.toString('latin1', 0, end < 0 ? payload.length : end);
  return { tokens: leader.split('|'), message: end < 0 ? EMPTY : payload.subarray(end + 2) };
}

/**
 * The message on the wire that a frame tells of; null when it tells of none.
 *
 *   uuid|sip|network|bytes|protocol|address|port|time|...                   the server received it
 *   uuid|sip|application|bytes|protocol|address|port|time|unsolicited|...   the server sent it of its own accord
 *   uuid|response|id|OK|application|bytes|protocol|address|port|time|...|Msg sent:|...   it sent what the application asked for
 *
 * A response that the server made for its own application (a request that nobody answered) has 0 bytes: it never was
 * on a wire. Everything behind the time may hold what a peer wrote, bars included, and is not relied on.
 */
export function recordOf({ tokens, message }: ServerFrame, sip: WireRecord['local'], dated: Dated): WireRecord | null {
  if (message.length === 0) return null;
  const meta = metaOf(tokens);
  if (meta === null) return null;
  const [source, bytes, protocol, host = '', port, time = ''] = meta;
  if (Number(bytes) === 0) return null;
  const direction = source === 'network' ? 'in' : 'out';
  const isRequest = message.toString('latin1', 0, 8) !== 'SIP/2.0 ';
  // Of a request that went out the server tells its own socket, not whom it went to.
  const remote = direction === 'out' && isRequest ? { host: '', port: 0 } : { host, port: Number(port) };
  return {
    source: 'control',
    direction,
    atEpochMs: dated(time),
    protocol: protocol === 'tcp' ? 'tcp' : 'udp',
    local: sip,
    remote,
    bytes: message,
  };
}

function metaOf(tokens: readonly string[]): readonly string[] | null {
  const [, kind, source] = tokens;
  if (kind === 'sip') return source === 'network' || source === 'application' ? tokens.slice(2) : null;
  const sent = kind === 'response' && tokens[3] === 'OK' && tokens[4] === 'application' && tokens.includes('Msg sent:');
  return sent ? tokens.slice(4) : null;
}
