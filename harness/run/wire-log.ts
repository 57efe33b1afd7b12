import type { WireRecord } from '../drachtio/index.ts';
import type { Role, SeenMessage } from '../model/observation.ts';
import { parseMessage } from '../sip/index.ts';
import { type CallKey, keyOfUser } from './identity.ts';

/** A message with the facts that legs and flows are made of. Times are milliseconds since the epoch. */
export interface WireMessage {
  readonly atEpochMs: number;
  readonly from: Role;
  readonly to: Role;
  readonly callId: string;
  readonly cseq: string;
  /** null in a response. */
  readonly method: string | null;
  /** Method of the CSeq: what a response answers. */
  readonly cseqMethod: string;
  /** null in a request. */
  readonly status: number | null;
  /** User part of the Request-URI; '' in a response. */
  readonly requestUser: string;
  readonly startLine: string;
  readonly bytes: Buffer;
  /** See WireRecord. */
  readonly source?: 'control';
}

/**
 * Every message at every endpoint, as bytes below any parser, kept until the run is over. Reading them while calls are
 * under way would take time from the calls.
 */
export class WireLog {
  readonly #records: { readonly role: Role; readonly record: WireRecord }[] = [];

  /** The recorder of an endpoint. */
  recorder(role: Role): (record: WireRecord) => void {
    return (record) => this.#records.push({ role, record });
  }

  /** Messages so far. */
  get size(): number {
    return this.#records.length;
  }

  /** The messages of each call of the run, in order of time. Registrations are not part of a call. */
  byCall(token: string): Map<CallKey, WireMessage[]> {
    return groupByCall(
      this.#records.map(({ role, record }) =>
        readMessage(role, record.direction, record.atEpochMs, record.bytes, record.source),
      ),
      token,
    );
  }
}

type Read = { readonly message: WireMessage; readonly users: readonly string[] } | null;

/** What an endpoint sent goes to the server; what it received came from there. Null for bytes that are no SIP message. */
export function readMessage(
  role: Role,
  direction: 'in' | 'out',
  atEpochMs: number,
  bytes: Buffer,
  source?: 'control',
): Read {
  const parsed = tryParse(bytes);
  if (parsed === null) return null;
  const cseq = parsed.header('CSeq') ?? '';
  const requestUri = parsed.kind === 'request' ? parsed.requestUri : '';
  const requestUser = userPart(requestUri);
  return {
    message: {
      atEpochMs,
      from: direction === 'out' ? role : 'server',
      to: direction === 'out' ? 'server' : role,
      callId: parsed.header('Call-ID') ?? '',
      cseq,
      method: parsed.kind === 'request' ? parsed.method : null,
      cseqMethod: cseq.split(/\s+/)[1] ?? '',
      status: parsed.kind === 'response' ? parsed.status : null,
      requestUser,
      startLine: parsed.startLine,
      bytes,
      ...(source && { source }),
    },
    users: [requestUser, userPart(parsed.header('To') ?? ''), userPart(parsed.header('From') ?? '')],
  };
}

export function groupByCall(read: Iterable<Read>, token: string): Map<CallKey, WireMessage[]> {
  const calls = new Map<CallKey, WireMessage[]>();
  for (const item of read) {
    if (item === null || item.message.cseqMethod === 'REGISTER') continue;
    const key = item.users.map((user) => keyOfUser(user, token)).find((found) => found !== null);
    if (key == null) continue;
    const call = calls.get(key);
    if (call === undefined) calls.set(key, [item.message]);
    else call.push(item.message);
  }
  for (const call of calls.values()) call.sort((a, b) => a.atEpochMs - b.atEpochMs);
  return calls;
}

/** The message as results and reports keep it. */
export function toSeenMessage(message: WireMessage, startEpochMs: number): SeenMessage {
  return {
    atMs: message.atEpochMs - startEpochMs,
    from: message.from,
    to: message.to,
    startLine: message.startLine.replace(/\p{Cc}/gu, '\ufffd'), // the peer may have put control characters in it
    cseq: message.cseq,
    callId: message.callId,
    raw: message.bytes.toString('latin1'),
  };
}

function tryParse(bytes: Buffer): ReturnType<typeof parseMessage> | null {
  try {
    return parseMessage(bytes);
  } catch {
    return null; // garbage is no part of any call; the recorder of the endpoint has it all the same
  }
}

function userPart(nameAddr: string): string {
  return /sips?:([^@;>\s]+)@/i.exec(nameAddr)?.[1] ?? '';
}
