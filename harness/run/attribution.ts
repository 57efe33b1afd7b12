/**
 * Which call does a message belong to? Nothing that reaches an endpoint is dropped: it is attributed by whatever names the
 * call or its callee, or it is a stray, which takes the proof from every call that it may have been of. Pure.
 */
import type { Stray } from '../model/observation.ts';
import { type CallKey, partiesNamed } from './identity.ts';
import { type Mentions, mentionsOf } from './mentions.ts';
import type { WireItem, WireMessage } from './wire-log.ts';

/** What reached an endpoint and cannot be attributed. */
export interface StrayItem {
  readonly item: WireItem;
  readonly kind: Stray['kind'];
  /** The only calls that it may be of, because it names several; null: any. */
  readonly candidates: ReadonlySet<CallKey> | null;
}

export interface Attributed {
  /** The messages of each call, in order of time. Registrations are not part of a call. */
  readonly calls: ReadonlyMap<CallKey, readonly WireMessage[]>;
  readonly strays: readonly StrayItem[];
}

/** Requests of a call, in or before its dialog. */
const CALL_METHODS: ReadonlySet<string> = new Set(['INVITE', 'ACK', 'CANCEL', 'BYE', 'PRACK', 'UPDATE', 'REFER']);
/** They ask whether somebody is there, or what he is; they bring neither a call nor a notice. */
const HARMLESS_METHODS: ReadonlySet<string> = new Set(['OPTIONS', 'REGISTER', 'SUBSCRIBE']);

/** @param items what was on the wire at the callers and at the endpoints, in order of time */
export function attribute(items: readonly WireItem[], token: string): Attributed {
  const marks = callersMarks(items, token);
  const calls = new Map<CallKey, WireMessage[]>();
  const take = (key: CallKey, message: WireMessage): void => {
    const call = calls.get(key);
    if (call === undefined) calls.set(key, [message]);
    else call.push(message);
  };

  const named: { readonly item: WireItem; readonly message: WireMessage; readonly owner: CallKey }[] = [];
  const unnamed: { readonly item: WireItem; readonly candidates: ReadonlySet<CallKey> | null }[] = [];
  for (const item of items) {
    const { message } = item;
    if (message?.cseqMethod === 'REGISTER') continue;
    const owners = ownersOf(item, marks, token);
    const [owner] = owners;
    if (message !== null && owner !== undefined && owners.length === 1) {
      named.push({ item, message, owner });
      take(owner, message);
    } else {
      unnamed.push({ item, candidates: owners.length === 0 ? null : new Set(owners) });
    }
  }

  // What names nobody may stand in a dialog whose other messages do: an ACK after a renamed INVITE, say.
  const asked = new Set(unnamed.map(({ item }) => item.message?.callId));
  const dialogs = new Map<string, CallKey>();
  for (const { item, message, owner } of named) {
    if (asked.has(message.callId)) dialogs.set(dialogId(item.role, message), owner);
  }
  const strays: StrayItem[] = [];
  for (const { item, candidates } of unnamed) {
    const owner = item.message === null ? undefined : dialogs.get(dialogId(item.role, item.message));
    if (item.message !== null && owner !== undefined) {
      take(owner, item.message);
      continue;
    }
    const kind = item.direction === 'in' ? kindOf(item) : null;
    if (kind !== null) strays.push({ item, kind, candidates });
  }
  for (const call of calls.values()) call.sort((a, b) => a.atEpochMs - b.atEpochMs);
  return { calls, strays };
}

interface Marks {
  readonly callIds: ReadonlyMap<string, CallKey>;
  readonly branches: ReadonlyMap<string, CallKey>;
}

/** The callers are ours and name their callees as planned: what they sent says whose Call-ID and branch it is. */
function callersMarks(items: readonly WireItem[], token: string): Marks {
  const callIds = new Map<string, CallKey>();
  const branches = new Map<string, CallKey>();
  for (const { role, direction, message } of items) {
    if (role !== 'caller' || direction !== 'out' || message?.method !== 'INVITE') continue;
    const [called] = partiesNamed(message.startLine, token);
    if (called === undefined) continue;
    callIds.set(message.callId, called.key);
    branches.set(message.branch, called.key);
  }
  return { callIds, branches };
}

/**
 * The call's own Call-ID or branch says it exactly; they get lost at a B2BUA. Then whoever is named says it: the callee
 * before all others, because a server that errs may have sent the call to somebody else's target.
 *
 * @returns several when nothing decides between them; each once
 */
function ownersOf(item: WireItem, marks: Marks, token: string): readonly CallKey[] {
  const own = item.message === null ? undefined : marks.callIds.get(item.message.callId);
  if (own !== undefined) return [own];
  const { branches, callIds, parties } = mentionsIn(item, token);
  const mentioned = [...known(branches, marks.branches), ...known(callIds, marks.callIds)];
  if (mentioned.length > 0) return [...new Set(mentioned)];
  const callees = parties.filter(({ party }) => party === 'alice');
  return [...new Set((callees.length > 0 ? callees : parties).map(({ key }) => key))];
}

/** A message is looked at again with each batch of calls that it may be of; what it says stays the same. */
export function mentionsIn(item: WireItem, token: string): Mentions {
  if (item.mentions?.token !== token) item.mentions = mentionsOf(item.bytes, token);
  return item.mentions;
}

function known(marks: readonly string[], owners: ReadonlyMap<string, CallKey>): CallKey[] {
  return marks.flatMap((mark) => owners.get(mark) ?? []);
}

export function dialogId(role: string, { callId }: WireMessage): string {
  return `${role} ${callId}`;
}

/** null: it brings neither a call nor a notice. */
function kindOf({ message, bytes }: WireItem): StrayItem['kind'] | null {
  if (message === null) return isKeepAlive(bytes) ? null : 'bytes';
  if (message.method === null || HARMLESS_METHODS.has(message.method)) return null;
  return CALL_METHODS.has(message.method) || message.toTag !== null ? 'call' : 'notice';
}

/** RFC 5626 3.5.1 (line ends) and the NUL or empty datagrams that NAT keep-alives are made of. */
function isKeepAlive(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 13 || byte === 10 || byte === 0 || byte === 32);
}
