/** Servers behind which nobody sees the names of the other side: topology hiding, B2BUAs. All of it is lawful. */
import { CALL_METHODS, type HeaderField, headerKey, type SipMessage } from '../../sip/index.ts';
import { noCell } from '../matrix.ts';
import type { Sabotage } from '../sabotage.ts';
import { anyCall } from '../seen.ts';
import { withFields } from './odd-spelling.ts';
import { methodOf, type Rule } from './rule.ts';

const MARK = 'hidden-';

/**
 * At phones and voice mail a call has another Call-ID than at the server, both ways. From and To keep their users, so that
 * they name the callee.
 *
 * @param tagsToo its own tags as well: the server knows the endpoint by another than the one that it has given
 */
function hidesIdentity({ tagsToo }: { readonly tagsToo: boolean }): Rule {
  /** Calls that the server has begun at an endpoint; those that the endpoint begins (REGISTER, NOTIFY) keep their names. */
  const hidden = new Set<string>();
  return (message, { front, fromServer }) => {
    const callId = message.header('Call-ID') ?? '';
    if (front === 'server' || !CALL_METHODS.has(methodOf(message))) return 'goes on';
    if (fromServer && message.kind === 'request') hidden.add(`${front} ${callId}`);
    const real = callId.startsWith(MARK) ? Buffer.from(callId.slice(MARK.length), 'base64url').toString() : null;
    if (!hidden.has(`${front} ${fromServer ? callId : real}`)) return 'goes on';
    const shown = fromServer ? `${MARK}${Buffer.from(callId).toString('base64url')}` : (real ?? callId);
    const change = fromServer ? withoutMark : withMark;
    const party = endpointsParty(message, fromServer);
    return {
      instead: withFields(
        message,
        message.fields.map(({ name, value }): HeaderField => {
          const key = headerKey(name);
          if (key === 'call-id') return { name, value: shown };
          return { name, value: tagsToo && key === party ? value.replace(/;tag=([^;\s]+)/, change) : value };
        }),
      ),
    };
  };
}

/** The endpoint stands in To of requests that it gets and of responses that it sends, in From of the others. */
const endpointsParty = (message: SipMessage, fromServer: boolean): 'to' | 'from' =>
  (message.kind === 'request') === fromServer ? 'to' : 'from';
const withMark = (_: string, tag: string): string => `;tag=${MARK}${tag}`;
const withoutMark = (all: string, tag: string): string =>
  tag.startsWith(MARK) ? `;tag=${tag.slice(MARK.length)}` : all;

const rungUnderAnotherCallId = anyCall(({ messages, legs }) => {
  const own = messages.find(({ from }) => from === 'caller')?.callId;
  return legs.some(({ callId }) => callId !== own && callId.startsWith(MARK));
});

export const oddIdentity: readonly Sabotage[] = [
  {
    id: 'call-id-hidden',
    title: 'Phones and voice mail know a call by another Call-ID than the caller does (topology hiding).',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: () => ({ rules: [hidesIdentity({ tagsToo: false })], tookPlace: rungUnderAnotherCallId }),
  },
  {
    id: 'call-id-and-tags-hidden',
    title:
      'Phones and voice mail know a call by another Call-ID and other tags than the caller does, as behind a B2BUA.',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: () => ({
      rules: [hidesIdentity({ tagsToo: true })],
      tookPlace: (seen) =>
        rungUnderAnotherCallId(seen) &&
        seen.some(({ caller }) => caller.answers.some(({ knownBy }) => knownBy === 'time')),
    }),
  },
];
