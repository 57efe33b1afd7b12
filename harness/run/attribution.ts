/**
 * Which call does a message belong to? Nothing that reaches an endpoint is dropped: it is attributed by whatever names the
 * call or its callee, or it is a stray, which takes the proof from every call that it may have been of. Pure.
 */
import type { Stray } from '../model/observation.ts';
import { CALL_METHODS } from '../sip/index.ts';
import type { Directory } from './directory.ts';
import type { CallKey } from './identity.ts';
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

/** They ask whether somebody is there, or what he is; they bring neither a call nor a notice. */
const HARMLESS_METHODS: ReadonlySet<string> = new Set(['OPTIONS', 'REGISTER', 'SUBSCRIBE']);

/** @param items what was on the wire at the callers and at the endpoints, in order of time */
export function attribute(items: readonly WireItem[], directory: Directory): Attributed {
  const marks = callersMarks(items, directory);
  const calls = new Map<CallKey, WireMessage[]>();
  const take = (key: CallKey, message: WireMessage): void => {
    const call = calls.get(key);
    if (call === undefined) calls.set(key, [message]);
    else call.push(message);
    if (directory.lends) directory.remember(message, key);
  };

  const named: { readonly item: WireItem; readonly message: WireMessage; readonly owner: CallKey }[] = [];
  const unnamed: { readonly item: WireItem; readonly owners: Owners }[] = [];
  const strays: StrayItem[] = [];
  const stray = (item: WireItem, candidates: StrayItem['candidates']): void => {
    const kind = item.direction === 'in' ? kindOf(item) : null;
    if (kind !== null) strays.push({ item, kind, candidates });
  };
  for (const item of items) {
    const { message } = item;
    if (message?.cseqMethod === 'REGISTER') continue;
    const owners = ownersOf(item, marks, directory);
    const [owner] = owners.keys;
    if (message !== null && owner !== undefined && owners.keys.length === 1) {
      named.push({ item, message, owner });
      take(owner, message);
      // It was that call's account, and is free: the call is told of it, and nobody else can be sure that it is not his.
      if (owners.past) stray(item, null);
    } else {
      unnamed.push({ item, owners });
    }
  }

  // What names nobody may stand in a dialog whose other messages do: an ACK after a renamed INVITE, say.
  const asked = new Set(unnamed.map(({ item }) => item.message?.callId));
  const dialogs = new Map<string, CallKey>();
  for (const { item, message, owner } of named) {
    if (asked.has(message.callId)) dialogs.set(dialogId(item.role, message), owner);
  }
  for (const { item, owners } of unnamed) {
    const owner = item.message === null || owners.new ? undefined : dialogs.get(dialogId(item.role, item.message));
    if (item.message !== null && owner !== undefined) take(owner, item.message);
    else stray(item, owners.keys.length === 0 ? null : new Set(owners.keys));
  }
  for (const call of calls.values()) call.sort((a, b) => a.atEpochMs - b.atEpochMs);
  return { calls, strays };
}

interface Marks {
  readonly callIds: ReadonlyMap<string, CallKey>;
  readonly branches: ReadonlyMap<string, CallKey>;
}

/** The callers are ours and name their callees as planned: what they sent says whose Call-ID and branch it is. */
function callersMarks(items: readonly WireItem[], directory: Directory): Marks {
  const callIds = new Map<string, CallKey>();
  const branches = new Map<string, CallKey>();
  for (const { role, direction, message } of items) {
    if (role !== 'caller' || direction !== 'out' || message?.method !== 'INVITE') continue;
    const key = directory.callOf(message)?.key ?? directory.named(message.startLine, message.atEpochMs)[0]?.key;
    if (key === undefined) continue;
    callIds.set(message.callId, key);
    branches.set(message.branch, key);
  }
  return { callIds, branches };
}

interface Owners {
  /** Each once; several when nothing decides between them. */
  readonly keys: readonly CallKey[];
  /** The account was that call's, and is nobody's by now. */
  readonly past?: boolean;
  /** Of none of the dialogs that are known. */
  readonly new?: boolean;
}

/**
 * The call's own Call-ID or branch says it exactly; they get lost at a B2BUA. Then whoever is named says it: the callee
 * before all others, because a server that errs may have sent the call to somebody else's target. Where accounts are lent, a
 * Call-ID says first whose it was when it was first seen.
 */
function ownersOf(item: WireItem, marks: Marks, directory: Directory): Owners {
  const own = item.message === null ? undefined : marks.callIds.get(item.message.callId);
  if (own !== undefined) return { keys: [own] };
  const known = item.message === null ? null : directory.callOf(item.message);
  if (known?.isSure) return { keys: [known.key] };
  const mentions = mentionsIn(item, directory);
  const { branches, callIds, parties } = mentions;
  const mentioned = [
    ...ofMarks(branches, marks.branches),
    ...ofMarks(callIds, marks.callIds),
    ...directory.callsOf(mentions),
  ];
  if (mentioned.length > 0) return { keys: [...new Set(mentioned)] };
  const present = parties.filter(({ past }) => past !== true);
  const named = present.length > 0 ? present : parties;
  const callees = named.filter(({ party }) => party === 'alice');
  const keys = (callees.length > 0 ? callees : named).map(({ key }) => key);
  if (known === null) return { keys: [...new Set(keys)], past: present.length === 0 };
  const isAnybodys = keys.length === 0 && !directory.isTenant(known.key, item.atEpochMs);
  return { keys: isAnybodys ? [] : [...new Set([known.key, ...keys])], new: true };
}

/** A message is looked at again with each batch of calls that it may be of; what it says stays the same, but for who has lent accounts. */
export function mentionsIn(item: WireItem, directory: Directory): Mentions {
  if (item.mentions?.directory === directory && !directory.lends) return item.mentions;
  item.mentions = mentionsOf(item.bytes, item.atEpochMs, directory);
  return item.mentions;
}

function ofMarks(marks: readonly string[], owners: ReadonlyMap<string, CallKey>): CallKey[] {
  return marks.flatMap((mark) => owners.get(mark) ?? []);
}

export function dialogId(role: string, { callId }: WireMessage): string {
  return `${role} ${callId}`;
}

/** null: it brings neither a call nor a notice. */
function kindOf({ message, bytes }: WireItem): StrayItem['kind'] | null {
  if (message === null) return isKeepAlive(bytes) ? null : 'bytes';
  if (message.method === null || HARMLESS_METHODS.has(message.method)) return null;
  // A REFER asks for a call.
  const isOfCall = CALL_METHODS.has(message.method) || message.method === 'REFER' || message.toTag !== null;
  return isOfCall ? 'call' : 'notice';
}

/** RFC 5626 3.5.1 (line ends) and the NUL or empty datagrams that NAT keep-alives are made of. */
function isKeepAlive(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 13 || byte === 10 || byte === 0 || byte === 32);
}
