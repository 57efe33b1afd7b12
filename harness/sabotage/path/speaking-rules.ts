/** Relays that say something of their own: a B2BUA on the path, a gateway with a voice mail in it. */

import { type HeaderField, headerKey, type SipMessage, SipRequest, SipResponse } from '../../sip/index.ts';
import { respond } from '../../sip/responses.ts';
import { MarkedCalls } from '../marked-calls.ts';
import { everyMarkedNegative, keptFrom, keptWhileWaiting } from '../matrix.ts';
import type { Breakage, Sabotage } from '../sabotage.ts';
import { endedWith } from '../seen.ts';
import { counted, stripHeader } from './plain-rules.ts';
import type { Crossing, Fate, Rule } from './rule.ts';

const SDP = Buffer.from(
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 9 RTP/AVP 0', ''].join('\r\n'),
);

const isInvite = (message: SipMessage): boolean => /\sINVITE$/.test(message.header('CSeq') ?? '');
const ofTheCaller = ({ front, fromServer }: Crossing): boolean => front === 'server' && !fromServer;
const toTheCaller = ({ front, fromServer }: Crossing): boolean => front === 'server' && fromServer;

/** Answers calls with the header, and their BYEs, so that the server never sees them. */
function answerItself(): Breakage {
  const marked = new MarkedCalls();
  const rule: Rule = (message, crossing) => {
    if (!marked.has(message) || !ofTheCaller(crossing) || message.kind === 'response') return 'goes on';
    if (message.method === 'ACK') return 'is lost';
    const [, host = '', port = '5060'] = /\s([\d.]+)(?::(\d+))?/.exec(message.header('Via') ?? '') ?? [];
    const answered = { request: message, peer: { host, port: Number(port) } };
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
    const concerned = marked.has(message) && toTheCaller(crossing) && message.kind === 'response' && isInvite(message);
    if (!concerned || message.status < 300) return 'goes on';
    const fields = [...message.fields, { name: 'Contact', value: '<sip:voicemail@voicemail.test>' }];
    return { instead: new SipResponse({ status: 302, reason: 'Moved Temporarily' }, fields, message.body) };
  };
  return { ...counted(rule), tookPlace: endedWith(302) };
}

/**
 * The leg to voice mail of a call with the header, as a B2BUA makes it: another Call-ID, another callee, nothing that
 * says whose call it was. In the other direction everything is put back.
 */
class OtherName {
  readonly #legs = new Map<string, { readonly callId: string; readonly to: string }>();
  readonly #uri: string;

  constructor(uri: string) {
    this.#uri = uri;
  }

  readonly rule = (message: SipMessage, { front, fromServer }: Crossing, isMarked: boolean): Fate => {
    if (front !== 'voicemail') return 'goes on';
    if (fromServer) return isMarked ? { instead: this.#renamed(message) } : 'goes on';
    const leg = this.#legs.get(message.header('Call-ID') ?? '');
    return leg === undefined ? 'goes on' : { instead: putBack(message, leg) };
  };

  #renamed(message: SipMessage): SipMessage {
    const callId = message.header('Call-ID') ?? '';
    const other = `b2bua-${Buffer.from(callId).toString('base64url')}`;
    const to = message.header('To') ?? '';
    this.#legs.set(other, { callId, to: uriOf(to) });
    const fields = message.fields
      .filter(({ name }) => !['diversion', 'history-info'].includes(headerKey(name)))
      .map((field) => changed(field, { callId: other, to: this.#uri }));
    if (message.kind === 'response') return new SipResponse(message, fields, message.body);
    const begins = message.method === 'INVITE' || message.method === 'CANCEL';
    const firstOfDialog = begins || uriOf(to) === uriOf(`<${message.requestUri}>`);
    const requestUri = firstOfDialog ? this.#uri : message.requestUri;
    return new SipRequest({ ...lineOf(message), requestUri }, fields, message.body);
  }
}

function putBack(message: SipMessage, leg: { readonly callId: string; readonly to: string }): SipMessage {
  // A request of voice mail's own (its BYE) has the callee in From.
  const party = message.kind === 'response' ? { to: leg.to } : { from: leg.to };
  const fields = message.fields.map((field) => changed(field, { callId: leg.callId, ...party }));
  if (message.kind === 'response') return new SipResponse(message, fields, message.body);
  return new SipRequest(lineOf(message), fields, message.body);
}

function changed(field: HeaderField, to: { callId: string; to?: string; from?: string }): HeaderField {
  const key = headerKey(field.name);
  if (key === 'call-id') return { name: field.name, value: to.callId };
  const uri = key === 'to' ? to.to : key === 'from' ? to.from : undefined;
  return uri === undefined ? field : { name: field.name, value: field.value.replace(/<[^<>]*>/, `<${uri}>`) };
}

const uriOf = (value: string): string => /<([^<>]*)>/.exec(value)?.[1] ?? '';
const lineOf = ({
  method,
  requestUri,
  version,
}: SipRequest): { method: string; requestUri: string; version: string } => ({
  method,
  requestUri,
  version,
});

function rename(): Breakage {
  const marked = new MarkedCalls();
  const name = new OtherName('sip:7000@voicemail.test');
  return counted((message, crossing) => name.rule(message, crossing, marked.has(message)), stripHeader());
}

export const speakingPaths: readonly Sabotage[] = [
  {
    id: 'voice-mail-behind-a-b2bua',
    title: 'The header is lost, and the leg to voice mail has another callee and another Call-ID.',
    breaks: 'path',
    meantFor: keptFrom('voicemail'),
    begin: rename,
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
