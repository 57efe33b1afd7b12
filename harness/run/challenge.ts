/** A caller that is asked who it is calls once more, with an answer (RFC 3261 22.2): which INVITE the call is about. Pure. */
import { headerKeysOf, type WireMessage } from './wire-log.ts';

/** The caller's INVITE; after a challenge, the one that answers it. As it was first sent. */
export function placedInvite(messages: readonly WireMessage[]): WireMessage | undefined {
  const isPlaced = ({ from, method, toTag }: WireMessage): boolean =>
    from === 'caller' && method === 'INVITE' && toTag === null;
  const last = messages.findLast(isPlaced);
  return last && messages.find((message) => isPlaced(message) && numberOf(message) === numberOf(last));
}

/** What the caller got in answer to that INVITE: a challenge that it answered is none of it. */
export function responsesTo(invite: WireMessage | undefined, messages: readonly WireMessage[]): WireMessage[] {
  return messages.filter(
    (message) =>
      message.to === 'caller' &&
      message.cseqMethod === 'INVITE' &&
      (invite === undefined || numberOf(message) === numberOf(invite)),
  );
}

function numberOf({ cseq }: WireMessage): number {
  return Number.parseInt(cseq, 10);
}

/** A server that asks and gets no answer, or not the right one, was not asked what the call is about. */
export function challengeTrouble(invite: WireMessage | undefined, final: WireMessage | undefined): string | null {
  const status = final?.status ?? null;
  if (invite === undefined || (status !== 401 && status !== 407)) return null;
  const answered = ['authorization', 'proxy-authorization'].some((name) => headerKeysOf(invite).has(name));
  return answered
    ? `the server asks for a password again (${status}): it did not accept the caller's user name and password`
    : `the server asks for a password that nobody gave (${status}): give the callers' user name and password where its accounts are, and a calling application that answers with them`;
}
