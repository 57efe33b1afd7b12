import type { WireRecord } from '../drachtio/index.ts';
import type { Role, SeenMessage } from '../model/observation.ts';
import { headerKey, parseMessage, tagOf } from '../sip/index.ts';
import { detached } from './detached.ts';
import type { Mentions } from './mentions.ts';

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
  /** Tag of the To header field; null where there is none. */
  readonly toTag: string | null;
  /** Branch of the topmost Via: names the transaction (RFC 3261 17.1.3, 17.2.3). */
  readonly branch: string;
  readonly startLine: string;
  readonly bytes: Buffer;
  readonly source?: WireRecord['source'];
}

/** Something that was on the wire at an endpoint, as far as it can be read. */
export interface WireItem {
  readonly role: Role;
  readonly direction: 'in' | 'out';
  readonly atEpochMs: number;
  readonly bytes: Buffer;
  /** null: no SIP message. */
  readonly message: WireMessage | null;
  /** What it says of whose it may be, once somebody has asked. */
  mentions: Mentions | undefined;
}

/** Plainly of a registration, which is no part of a call; whoever reads decides of the others. */
function isRegistration(bytes: Buffer): boolean {
  const head = bytes.toString('latin1', 0, Math.min(bytes.length, HEAD_BYTES));
  return (head.startsWith('REGISTER ') || head.startsWith('SIP/2.0 ')) && /\r\nCSeq: \d+ REGISTER\r\n/.test(head);
}

/** Whose registration a response of the server's has confirmed; undefined: nobody's. */
function registeredBy(bytes: Buffer): string | undefined {
  const head = bytes.toString('latin1', 0, Math.min(bytes.length, HEAD_BYTES));
  if (!head.startsWith('SIP/2.0 200 ')) return undefined;
  return /^(?:To|t)\s*:[^\r]*?sips?:([^@;>\s]+)@/im.exec(head)?.[1];
}

/** Of a registration of ours, all that stands before its CSeq and the CSeq itself are within these. */
const HEAD_BYTES = 600;

/** A record as it was made: bytes, unread. */
export interface RawItem {
  readonly role: Role;
  readonly direction: 'in' | 'out';
  readonly atEpochMs: number;
  readonly bytes: Buffer;
  readonly source?: WireRecord['source'] | undefined;
}

/**
 * Every message at every endpoint, as bytes below any parser, until somebody takes it to read it. Reading belongs where
 * it takes no time from the calls.
 */
export class WireLog {
  #records: RawItem[] = [];
  #size = 0;
  readonly #registered = new Map<string, number>();

  /** The recorder of an endpoint. @param besides tells what somebody else has on record */
  recorder(role: Role, besides?: (record: WireRecord) => boolean): (record: WireRecord) => void {
    return (record) => {
      if (besides?.(record)) return;
      const { direction, atEpochMs, bytes, source } = record;
      // Of a hop on the way it is asked what it was told when the call was given up, and no more.
      if (source === 'hop' && bytes.toString('latin1', 0, 7) !== 'CANCEL ') return;
      this.#size += 1;
      if (isRegistration(bytes)) {
        const user = direction === 'in' ? registeredBy(bytes) : undefined;
        if (user !== undefined && !this.#registered.has(user)) this.#registered.set(user, atEpochMs);
        return;
      }
      this.#records.push({ role, direction, atEpochMs, bytes, source });
    };
  }

  /** Messages so far, taken or not. */
  get size(): number {
    return this.#size;
  }

  /** When each of them was first told that it is registered, once. Who was not, or has been asked for before, is left out. */
  takeRegistered(users: readonly string[]): Map<string, number> {
    const found = users.flatMap((user) => {
      const atEpochMs = this.#registered.get(user);
      return atEpochMs === undefined ? [] : [[user, atEpochMs] as const];
    });
    for (const [user] of found) this.#registered.delete(user);
    return new Map(found);
  }

  /** What was recorded since the last time. */
  take(): RawItem[] {
    const taken = this.#records;
    this.#records = [];
    return taken;
  }
}

/** What an endpoint sent goes to the server; what it received came from there. */
export function readItem(
  role: Role,
  direction: 'in' | 'out',
  atEpochMs: number,
  bytes: Buffer,
  source?: WireRecord['source'],
): WireItem {
  const item = { role, direction, atEpochMs, bytes, mentions: undefined };
  const parsed = tryParse(bytes);
  if (parsed === null) return { ...item, message: null };
  const cseq = parsed.header('CSeq') ?? '';
  const toTag = tagOf(parsed.header('To') ?? '');
  return {
    ...item,
    message: {
      atEpochMs,
      from: direction === 'out' ? role : 'server',
      to: direction === 'out' ? 'server' : role,
      callId: detached(parsed.header('Call-ID') ?? ''),
      cseq,
      method: parsed.kind === 'request' ? parsed.method : null,
      cseqMethod: cseq.split(/\s+/)[1] ?? '',
      status: parsed.kind === 'response' ? parsed.status : null,
      requestUser: parsed.kind === 'request' ? detached(userPart(parsed.requestUri)) : '',
      toTag: toTag === undefined ? null : detached(toTag),
      branch: detached(/;\s*branch\s*=\s*([^\s;,]+)/i.exec(parsed.header('Via') ?? '')?.[1] ?? ''),
      startLine: detached(parsed.startLine),
      bytes,
      ...(source && { source }),
    },
  };
}

/** Value of the first header field of that name, in any spelling; '' when there is none. */
export function headerOf({ bytes }: WireMessage, name: string): string {
  return tryParse(bytes)?.fields.find((field) => headerKey(field.name) === headerKey(name))?.value ?? '';
}

/** Names of its header fields, long and in lower case. */
export function headerKeysOf({ bytes }: WireMessage): ReadonlySet<string> {
  return new Set(tryParse(bytes)?.fields.map(({ name }) => headerKey(name)) ?? []);
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
    return null; // whoever asks must say what becomes of bytes that are no message
  }
}

function userPart(nameAddr: string): string {
  return /sips?:([^@;>\s]+)@/i.exec(nameAddr)?.[1] ?? '';
}
