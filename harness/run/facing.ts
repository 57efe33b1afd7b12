/** A call through a B2BUA is two calls; what the server did it did to the second. Pure. */
import type { Path } from '../model/words.ts';
import { placedInvite, responsesTo } from './challenge.ts';
import type { WireMessage } from './wire-log.ts';

export interface Facing {
  /** The call as the server has it: whoever faces the server is its caller. */
  readonly messages: readonly WireMessage[];
  /** What an application did when it had given that call up, or beside it: its other calls, under their own Call-IDs. */
  readonly others: readonly WireMessage[];
  /** What was between the caller and the B2BUA; empty where there is none. */
  readonly before: readonly WireMessage[];
}

export function facing(messages: readonly WireMessage[], path: Path): Facing {
  if (path === 'direct') return { messages, others: [], before: [] };
  const isBefore = ({ from, to }: WireMessage): boolean => from === 'caller' || to === 'caller';
  // An application may call others before the callee.
  const asked = placedInvite(messages.filter(isBefore))?.requestUser;
  const after = messages.filter((each) => !isBefore(each)).map((each) => renamed(each, 'b2bua', 'caller'));
  const placed = after.filter(({ from, method, toTag }) => from === 'caller' && method === 'INVITE' && toTag === null);
  const own = placed.find(({ requestUser }) => requestUser === asked) ?? placed[0];
  const otherIds = new Set(placed.map(({ callId }) => callId).filter((callId) => callId !== own?.callId));
  return {
    messages: after.filter(({ callId }) => !otherIds.has(callId)),
    others: after.filter(({ callId }) => otherIds.has(callId)),
    before: messages.filter(isBefore).map((each) => renamed(each, 'server', 'b2bua')),
  };
}

/** All messages of all calls, under their own names. */
export function withBoth({ messages, others, before }: Facing, path: Path): readonly WireMessage[] {
  if (path === 'direct') return messages;
  return [...before, ...[...messages, ...others].map((each) => renamed(each, 'caller', 'b2bua'))].toSorted(
    (a, b) => a.atEpochMs - b.atEpochMs,
  );
}

/** The INVITE that the B2BUA got, and the final response that it gave to it. */
export function callBefore({ before }: Facing): {
  readonly invite: WireMessage | undefined;
  readonly final: WireMessage | undefined;
} {
  const invite = placedInvite(before);
  return { invite, final: responsesTo(invite, before).find(({ status }) => (status ?? 0) >= 200) };
}

function renamed(message: WireMessage, old: WireMessage['from'], name: WireMessage['from']): WireMessage {
  const { from, to } = message;
  return { ...message, from: from === old ? name : from, to: to === old ? name : to };
}
