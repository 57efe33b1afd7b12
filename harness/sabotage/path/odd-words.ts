/** Servers that say more than others do, to callers and phones, and do nothing else. All of it is lawful. */
import { type HeaderField, parseUri, type SipMessage, SipRequest, SipResponse, tagOf } from '../../sip/index.ts';
import { viaAddress } from '../../sip/proxy-via.ts';
import { respond } from '../../sip/responses.ts';
import { noCell } from '../matrix.ts';
import type { Breakage, Sabotage } from '../sabotage.ts';
import { anyCall, sent } from '../seen.ts';
import { beginsCall, isFromCaller, isToCaller, methodOf, type Rule, type Said } from './rule.ts';

const EMPTY = Buffer.alloc(0);
const SDP = Buffer.from(
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 9 RTP/AVP 0', ''].join('\r\n'),
);
const SERVER_CONTACT: HeaderField = { name: 'Contact', value: '<sip:server@127.0.0.1>' };

const told = (status: number) =>
  anyCall(({ caller, legs }) => legs.length > 0 && caller.provisionals.some((each) => each.status === status));

/** Every caller is told this at once, in an early dialog of the server's own. */
function tells(status: number, reason: string, fields: readonly HeaderField[] = [], body = EMPTY): Breakage {
  const rule: Rule = (message, crossing) => {
    const peer = viaAddress(message.fields);
    if (!isFromCaller(crossing) || !beginsCall(message) || peer === undefined) return 'goes on';
    const said = respond({ request: message, peer }, status, { localTag: 'server', reason, fields, body });
    return { instead: message, also: [{ to: 'sender', message: said }] };
  };
  return { rules: [rule], tookPlace: told(status) };
}

/**
 * Once somebody else's response comes, the caller is told that the dialog in which it was rung before has ended: RFC 6228.
 * This caller has not said `Supported: 199`, so that it is one more provisional response to it (RFC 3261 8.1.3.2).
 */
function tellsEndOfEarlyDialogs(): Breakage {
  const rung = new Map<string, SipResponse>();
  const rule: Rule = (message, crossing) => {
    if (!isToCaller(crossing) || message.kind === 'request' || methodOf(message) !== 'INVITE') return 'goes on';
    const callId = message.header('Call-ID') ?? '';
    const tag = tagOf(message.header('To') ?? '');
    if (message.status === 180) rung.set(callId, message);
    const before = rung.get(callId);
    if (before === undefined || tag === undefined || tagOf(before.header('To') ?? '') === tag) return 'goes on';
    rung.delete(callId);
    // Through the relay's Via, as what it is made from came.
    const fields = before.fields.filter(({ name }) => !/^(via|content-.*)$/i.test(name));
    const vias = message.fields.filter(({ name }) => /^via$/i.test(name)).map(({ value }) => value);
    const ended = new SipResponse(
      { status: 199, reason: 'Early Dialog Terminated' },
      [...withoutTop(vias), ...fields, { name: 'Content-Length', value: '0' }],
      EMPTY,
    );
    return message.status < 200 ? { instead: message, also: [{ to: 'receiver', message: ended }] } : 'goes on';
  };
  return { rules: [rule], tookPlace: told(199) };
}

/** The topmost Via is the relay's own. */
function withoutTop(vias: readonly string[]): HeaderField[] {
  const all = vias.flatMap((value) => value.split(','));
  return all.slice(1).map((value) => ({ name: 'Via', value: value.trim() }));
}

function outOfDialog(method: string, uri: string, party: string, body: Buffer, ...more: HeaderField[]): SipRequest {
  const fields = [
    { name: 'Max-Forwards', value: '70' },
    { name: 'From', value: '<sip:server@127.0.0.1>;tag=server' },
    { name: 'To', value: party },
    { name: 'Call-ID', value: `server-${crypto.randomUUID()}` },
    { name: 'CSeq', value: `1 ${method}` },
    SERVER_CONTACT,
    ...more,
    { name: 'Content-Length', value: String(body.length) },
  ];
  return new SipRequest({ method, requestUri: uri }, fields, body);
}

/** RFC 3261 11.1, as a server asks that wants to know who is still there: phones that ring, callers inside the call. */
function asksAll(): Breakage {
  const contacts = new Map<string, string>();
  const rule: Rule = (message, crossing) => {
    if (crossing.fromServer && crossing.front === 'phone' && beginsCall(message)) {
      const options = outOfDialog('OPTIONS', message.requestUri, message.header('To') ?? '', EMPTY);
      return { instead: message, also: [{ to: 'receiver', message: options }] };
    }
    const callId = message.header('Call-ID') ?? '';
    if (isFromCaller(crossing) && beginsCall(message)) {
      contacts.set(callId, /<([^<>]*)>/.exec(message.header('Contact') ?? '')?.[1] ?? '');
    }
    const inCall = message.kind === 'response' && message.status > 100 && message.status < 300;
    const contact = contacts.get(callId);
    if (!isToCaller(crossing) || !inCall || methodOf(message) !== 'INVITE' || contact === undefined) return 'goes on';
    return { instead: message, also: [{ to: 'receiver', message: inDialogOptions(contact, message) }] };
  };
  return {
    rules: [rule],
    tookPlace: (seen) => [sent('phone', /^OPTIONS /), sent('caller', /^OPTIONS /)].every((each) => each(seen)),
  };
}

/** RFC 3261 12.2.1.1: the far side of what the response says. */
function inDialogOptions(contact: string, response: SipMessage): SipRequest {
  const fields = [
    { name: 'Max-Forwards', value: '70' },
    { name: 'From', value: response.header('To') ?? '' },
    { name: 'To', value: response.header('From') ?? '' },
    { name: 'Call-ID', value: response.header('Call-ID') ?? '' },
    { name: 'CSeq', value: `${response.kind === 'response' ? response.status : 1} OPTIONS` },
    { name: 'Content-Length', value: '0' },
  ];
  return new SipRequest({ method: 'OPTIONS', requestUri: contact }, fields, EMPTY);
}

/** RFC 3842, unasked, as many servers do it when a phone registers. */
function saysNothingWaits(): Breakage {
  const contacts = new Map<string, string>();
  const rule: Rule = (message, { front, fromServer }) => {
    if (front !== 'server' || methodOf(message) !== 'REGISTER') return 'goes on';
    const aor = /<([^<>]*)>/.exec(message.header('To') ?? '')?.[1] ?? '';
    if (!fromServer) contacts.set(aor, /<([^<>]*)>/.exec(message.header('Contact') ?? '')?.[1] ?? '');
    const contact = contacts.get(aor);
    const registered = fromServer && message.kind === 'response' && message.status === 200;
    if (!registered || contact === undefined || !parseUri(aor)?.user.startsWith('alice-')) return 'goes on';
    const notify = outOfDialog(
      'NOTIFY',
      contact,
      `<${aor}>`,
      Buffer.from(`Messages-Waiting: no\r\nMessage-Account: ${aor}\r\nVoice-Message: 0/0 (0/0)\r\n`),
      { name: 'Event', value: 'message-summary' },
      { name: 'Subscription-State', value: 'terminated' },
      { name: 'Content-Type', value: 'application/simple-message-summary' },
    );
    const also: Said[] = [{ to: 'phone', message: notify }];
    return { instead: message, also };
  };
  return { rules: [rule], tookPlace: sent('phone', /^NOTIFY .*\r\nMessages-Waiting: no\r\n/s) };
}

export const oddWords: readonly Sabotage[] = [
  {
    id: 'queued',
    title: 'Every caller is told 182 Queued at once.',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: () => tells(182, 'Queued'),
  },
  {
    id: 'early-media',
    title: 'The server has every caller hear something before the phone rings: 183 with SDP, in a dialog of its own.',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: () =>
      tells(183, 'Session Progress', [SERVER_CONTACT, { name: 'Content-Type', value: 'application/sdp' }], SDP),
  },
  {
    id: 'forwarded-from-the-start',
    title: 'Every caller is told 181 Call Is Being Forwarded at once, with the header and without.',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: () => tells(181, 'Call Is Being Forwarded'),
  },
  {
    id: 'early-dialogs-ended',
    title: 'The caller is told 199 of each early dialog that is over (RFC 6228).',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: tellsEndOfEarlyDialogs,
  },
  {
    id: 'keep-alives',
    title: 'The server sends OPTIONS to phones that it rings, and to the caller inside the call.',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: asksAll,
  },
  {
    id: 'no-message-waits',
    title: 'The server tells every phone that registers that no message waits (RFC 3842).',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: saysNothingWaits,
  },
];
