import { type HeaderField, headerKey, parseUri, type SipMessage, SipRequest, SipResponse } from '../../sip/index.ts';
import { MarkedCalls } from '../marked-calls.ts';
import type { Rule } from './rule.ts';

/** In the place of the callee on the leg. */
const SOMEBODY = 'sip:7000@voicemail.test';
/** What says whose call it was. */
const TELLS: ReadonlySet<string> = new Set(['diversion', 'history-info']);

/**
 * The leg to voice mail of a call with the header, as a B2BUA makes it: another Call-ID, another callee, nothing that says
 * whose call it was. In the other direction everything is put back.
 */
export function underAnotherName(): Rule {
  const marked = new MarkedCalls();
  const legs = new Map<string, { readonly callId: string; readonly callee: string }>();
  return (message, { front, fromServer }) => {
    const isMarked = marked.has(message); // shown every message, wherever it crosses
    if (front !== 'voicemail' || isNotice(message)) return 'goes on';
    const callId = message.header('Call-ID') ?? '';
    if (!fromServer) {
      const leg = legs.get(callId);
      return leg === undefined ? 'goes on' : { instead: withParty(message, leg.callId, leg.callee, 'sent') };
    }
    if (!isMarked) return 'goes on';
    const other = `b2bua-${Buffer.from(callId).toString('base64url')}`;
    if (message.kind === 'request') legs.set(other, { callId, callee: uriIn(message.header('To')) });
    return { instead: withParty(message, other, SOMEBODY, 'received') };
  };
}

/** A missed-call notice is no leg. */
const isNotice = (message: SipMessage): boolean => /\sMESSAGE$/.test(message.header('CSeq') ?? '');
const uriIn = (value = ''): string => /<([^<>]*)>/.exec(value)?.[1] ?? '';

/**
 * The message with another Call-ID, and another URI where voice mail stands: in To of requests that it receives and of
 * responses that it sends, in From of the others.
 */
function withParty(message: SipMessage, callId: string, uri: string, way: 'received' | 'sent'): SipMessage {
  const voicemail = (message.kind === 'request') === (way === 'received') ? 'to' : 'from';
  const fields = message.fields
    .filter(({ name }) => way === 'sent' || !TELLS.has(headerKey(name)))
    .map(({ name, value }): HeaderField => {
      const key = headerKey(name);
      if (key === 'call-id') return { name, value: callId };
      return { name, value: key === voicemail ? value.replace(/<[^<>]*>/, `<${uri}>`) : value };
    });
  if (message.kind === 'response') return new SipResponse(message, fields, message.body);
  const { method, version, requestUri } = message;
  // Not inside the dialog: there the Request-URI is a contact.
  const isCallee = parseUri(requestUri)?.user === parseUri(uriIn(message.header('To')))?.user;
  const line = { method, version, requestUri: way === 'received' && isCallee ? uri : requestUri };
  return new SipRequest(line, fields, message.body);
}
