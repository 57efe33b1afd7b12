/** A server that wants provisional responses acknowledged (RFC 3262), and does it itself: its callers know nothing of it. */
import { type HeaderField, headerKey, SipRequest, type SipResponse } from '../../sip/index.ts';
import { noCell } from '../matrix.ts';
import type { Sabotage } from '../sabotage.ts';
import { sent } from '../seen.ts';
import { withFields } from './odd-spelling.ts';
import { beginsCall, methodOf, type Rule } from './rule.ts';

const EMPTY = Buffer.alloc(0);
/** Of the reliable response alone: the server's caller has not said that it knows them. */
const RELIABLE: ReadonlySet<string> = new Set(['require', 'rseq']);

function acknowledges(): Rule {
  /** Dialogs in which the PRACK has taken the number that the next request would have had (RFC 3261 12.2.1.1). */
  const shifted = new Set<string>();
  return (message, { front, fromServer }) => {
    if (front === 'server') return 'goes on';
    if (fromServer && beginsCall(message)) {
      const { method, version, requestUri } = message;
      const fields = [...message.fields, { name: 'Require', value: '100rel' }];
      return { instead: new SipRequest({ method, version, requestUri }, fields, message.body) };
    }
    const dialog = `${front} ${message.header('Call-ID')}`;
    if (!fromServer && message.kind === 'response' && message.header('RSeq') !== undefined) {
      shifted.add(dialog);
      const fields = message.fields.filter(({ name }) => !RELIABLE.has(headerKey(name)));
      return { instead: withFields(message, fields), also: [{ to: 'sender', message: prack(message) }] };
    }
    const byServer = fromServer === (message.kind === 'request');
    if (!shifted.has(dialog) || !byServer || methodOf(message) !== 'BYE') return 'goes on';
    const by = message.kind === 'request' ? 1 : -1;
    return {
      instead: withFields(
        message,
        message.fields.map(({ name, value }): HeaderField => {
          if (headerKey(name) !== 'cseq') return { name, value };
          return { name, value: `${Number.parseInt(value, 10) + by} ${methodOf(message)}` };
        }),
      ),
    };
  };
}

/** RFC 3262 4 and 7.2. */
function prack(response: SipResponse): SipRequest {
  const number = Number.parseInt(response.header('CSeq') ?? '', 10);
  const header = (name: string): HeaderField => ({ name, value: response.header(name) ?? '' });
  const fields = [
    { name: 'Max-Forwards', value: '70' },
    header('From'),
    header('To'),
    header('Call-ID'),
    { name: 'CSeq', value: `${number + 1} PRACK` },
    { name: 'RAck', value: `${response.header('RSeq')} ${number} INVITE` },
    { name: 'Content-Length', value: '0' },
  ];
  const contact = /<([^<>]*)>/.exec(response.header('Contact') ?? '')?.[1] ?? '';
  return new SipRequest({ method: 'PRACK', requestUri: contact }, fields, EMPTY);
}

export const oddReliable: readonly Sabotage[] = [
  {
    id: 'ringing-acknowledged',
    title: 'The server requires 100rel of phones and voice mail and sends them a PRACK for what they say meanwhile.',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: () => ({ rules: [acknowledges()], tookPlace: sent('phone', /^PRACK .*\r\nRAck: \d+ 1 INVITE\r\n/s) }),
  },
];
