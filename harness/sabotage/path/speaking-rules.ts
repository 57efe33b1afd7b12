/** Relays that say something of their own: a B2BUA on the path, a gateway with a voice mail in it. */
import { SipResponse } from '../../sip/index.ts';
import { viaAddress } from '../../sip/proxy-via.ts';
import { respond } from '../../sip/responses.ts';
import { MarkedCalls } from '../marked-calls.ts';
import { everyMarkedNegative, keptFrom, keptWhileWaiting } from '../matrix.ts';
import type { Breakage, Sabotage } from '../sabotage.ts';
import { endedWith } from '../seen.ts';
import { underAnotherName } from './b2bua.ts';
import { counted, stripHeader } from './plain-rules.ts';
import { isFromCaller, isToCaller, methodOf, type Rule } from './rule.ts';

const SDP = Buffer.from(
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 9 RTP/AVP 0', ''].join('\r\n'),
);

/** Answers calls with the header, and their BYEs, so that the server never sees them. */
function answerItself(): Breakage {
  const marked = new MarkedCalls();
  const rule: Rule = (message, crossing) => {
    if (!marked.has(message) || !isFromCaller(crossing) || message.kind === 'response') return 'goes on';
    if (message.method === 'ACK') return 'is lost';
    const peer = viaAddress(message.fields);
    if (peer === undefined) return 'is lost';
    const answered = { request: message, peer };
    const fields = [
      { name: 'Contact', value: '<sip:greeting@127.0.0.1>' },
      { name: 'Content-Type', value: 'application/sdp' },
    ];
    const invite = message.method === 'INVITE';
    return { answer: respond(answered, 200, invite ? { localTag: 'relay', fields, body: SDP } : {}) };
  };
  return { ...counted(rule), tookPlace: endedWith(200) };
}

/** Whatever refusal the caller would get becomes a redirection to voice mail. */
function redirect(): Breakage {
  const marked = new MarkedCalls();
  const rule: Rule = (message, crossing) => {
    const concerned =
      marked.has(message) && isToCaller(crossing) && message.kind === 'response' && methodOf(message) === 'INVITE';
    if (!concerned || message.status < 300) return 'goes on';
    const fields = [...message.fields, { name: 'Contact', value: '<sip:voicemail@voicemail.test>' }];
    return { instead: new SipResponse({ status: 302, reason: 'Moved Temporarily' }, fields, message.body) };
  };
  return { ...counted(rule), tookPlace: endedWith(302) };
}

export const speakingPaths: readonly Sabotage[] = [
  {
    id: 'voice-mail-behind-a-b2bua',
    title: 'The header is lost, and the leg to voice mail has another callee and another Call-ID.',
    breaks: 'path',
    meantFor: keptFrom('voicemail'),
    begin: () => counted(underAnotherName(), stripHeader()),
  },
  {
    id: 'path-answers',
    title: 'Something on the path answers calls with the header itself.',
    breaks: 'path',
    meantFor: everyMarkedNegative,
    begin: answerItself,
  },
  {
    id: 'path-redirects',
    title: 'On the path every refusal of a call with the header becomes 302, with a voice mail as Contact.',
    breaks: 'path',
    meantFor: keptWhileWaiting,
    begin: redirect,
  },
];
