/** Servers that write what others write, otherwise. All of it is lawful. */
import { type HeaderField, headerKey, type SipMessage, SipRequest, SipResponse } from '../../sip/index.ts';
import { noCell } from '../matrix.ts';
import type { Sabotage } from '../sabotage.ts';
import { sent } from '../seen.ts';
import { isToCaller, isToEndpoint, type Rule } from './rule.ts';

/** RFC 3261 7.3.3 and 20; RFC 3515, RFC 4028 and RFC 6665 have theirs of other fields. */
const COMPACT = new Map([
  ['via', 'v'],
  ['from', 'f'],
  ['to', 't'],
  ['call-id', 'i'],
  ['contact', 'm'],
  ['content-type', 'c'],
  ['content-length', 'l'],
  ['supported', 'k'],
  ['event', 'o'],
]);

export function withFields(message: SipMessage, fields: readonly HeaderField[]): SipMessage {
  return message.kind === 'request'
    ? new SipRequest(message, fields, message.body)
    : new SipResponse(message, fields, message.body);
}

const compactNames: Rule = (message, crossing) => {
  if (!isToEndpoint(crossing)) return 'goes on';
  const fields = message.fields.map(({ name, value }) => ({ name: COMPACT.get(headerKey(name)) ?? name, value }));
  return { instead: withFields(message, fields) };
};

/**
 * RFC 3261 25.1: HCOLON, SLASH, SEMI, EQUAL and COLON may have blanks around them, and a line may be folded at any. Towards
 * endpoints only: SIPp, which is nobody's server, reads neither a folded Contact nor a tag with blanks before it.
 */
const spaced: Rule = (message, crossing) => {
  if (!isToEndpoint(crossing)) return 'goes on';
  const topVia = message.fields.findIndex(({ name }) => headerKey(name) === 'via');
  const fields = message.fields.map(({ name, value }, index): HeaderField => {
    switch (headerKey(name)) {
      case 'via':
        // The server's own. Those of others come back to them as they wrote them: RFC 3261 8.2.6.2.
        return { name, value: index === topVia ? spacedVia(value) : value };
      case 'contact':
        return { name, value: `\r\n  ${afterBrackets(value)}` };
      case 'from':
      case 'to':
        return { name, value: afterBrackets(value) };
      default:
        return { name, value };
    }
  });
  return { instead: withFields(message, fields) };
};

/** Grammatically in order, and no copy of what the caller sent, so that SIPp does not find its transaction and gives up. */
const callersViaSpaced: Rule = (message, crossing) => {
  if (!isToCaller(crossing) || message.kind === 'request') return 'goes on';
  const fields = message.fields.map(({ name, value }) => ({
    name,
    value: headerKey(name) === 'via' ? spacedVia(value) : value,
  }));
  return { instead: withFields(message, fields) };
};

function spacedVia(value: string): string {
  const [sentBy = '', ...parameters] = value.split(';');
  const spread = sentBy.replace(/^SIP\/2\.0\/(\w+)\s+/, 'SIP / 2.0 / $1  ').replace(/:(\d+)$/, ' : $1');
  return [spread, ...parameters].join(' ; ').replaceAll(/;\s*branch=/g, '; branch = ');
}

/** Parameters of the header field, not those of the URI. */
function afterBrackets(value: string): string {
  const at = value.lastIndexOf('>') + 1;
  return `${value.slice(0, at)}${value
    .slice(at)
    .replaceAll(/\s*;\s*/g, '  ;\t')
    .replaceAll(/\s*=\s*/g, ' = ')}`;
}

/** RFC 3261 19.1.1: parameters that the one who is called does not know are ignored. */
const ODD_PARAMETERS = ';user=phone;x-route=%3Bvoicemail;phone-context=example.test';

const oddUri: Rule = (message, crossing) => {
  if (!isToEndpoint(crossing) || message.kind === 'response') return 'goes on';
  const { method, version, requestUri } = message;
  const uri = `${requestUri}${ODD_PARAMETERS}`;
  return { instead: new SipRequest({ method, version, requestUri: uri }, message.fields, message.body) };
};

export const oddSpelling: readonly Sabotage[] = [
  {
    id: 'compact-names',
    title:
      'Phones and voice mail get header fields by their compact names: i for Call-ID, m for Contact (RFC 3261 7.3.3).',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: () => ({ rules: [compactNames], tookPlace: sent('phone', /^INVITE .*\r\ni: .*\r\nm: /s) }),
  },
  {
    id: 'blanks-and-folded-lines',
    title: 'Phones and voice mail get blanks wherever they may stand, and folded lines (RFC 3261 7.3.1 and 25.1).',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: () => ({
      rules: [spaced],
      tookPlace: sent('phone', /^INVITE .*\r\nVia: SIP \/ 2\.0 \/ UDP {2}\S+ ; branch = .*\r\nContact: \r\n {2}</s),
    }),
  },
  {
    id: 'via-of-the-caller-respelt',
    title: "The caller's Via comes back with blanks in it, so that SIPp gives its calls up.",
    breaks: 'path',
    meantFor: noCell,
    // The caller does not do its part, so nothing is known; least of all is it the server's doing that the call ended so.
    lawful: 'nothing-fails',
    calls: { situations: ['voicemail-no-answer', 'missed-call-hangup-while-ringing'], perSecond: 100 },
    begin: () => ({ rules: [callersViaSpaced], tookPlace: sent('caller', /\r\nVia: SIP \/ 2\.0 \/ UDP /) }),
  },
  {
    id: 'odd-request-uris',
    title: 'Request-URIs to phones and voice mail have user=phone and parameters that nobody knows (RFC 3261 19.1.1).',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: () => ({ rules: [oddUri], tookPlace: sent('phone', /^INVITE \S+;user=phone;\S+ SIP/) }),
  },
];
