/** Which call a message of the application's is of, and what it placed that nobody had ordered. */
import { describe, expect, it } from 'vitest';
import { type Misdeed, type Order, Orders } from '../../harness/callers/application/orders.ts';

interface Ordered {
  readonly orders: Orders;
  readonly misdeeds: string[];
  readonly seen: string[];
  readonly order: Order;
  sent(startLine: string, more?: Fields): Order | null;
  received(startLine: string, more?: Fields): Order | null;
}
interface Fields {
  readonly callId?: string;
  readonly cseq?: string;
  readonly toTag?: string;
}

const URI = 'sip:alice-1@ms-sipre.test;opaque=app:voicemail';

function ordered({ hasPassword = false } = {}): Ordered {
  const misdeeds: string[] = [];
  const seen: string[] = [];
  const orders = new Orders(({ text, callee }: Misdeed) => misdeeds.push(`${callee}: ${text}`));
  const order: Order = { callee: 'alice-1', uri: URI, hasPassword, onSeen: (what) => seen.push(what) };
  orders.add(order);
  const message = (startLine: string, { callId = 'a', cseq = '1 INVITE', toTag }: Fields = {}): Buffer =>
    Buffer.from(
      [
        startLine,
        'Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1',
        'From: <sip:customer@outside.test>;tag=1',
        `To: <${URI}>${toTag === undefined ? '' : `;tag=${toTag}`}`,
        `Call-ID: ${callId}`,
        `CSeq: ${cseq}`,
        'Content-Length: 0',
        '\r\n',
      ].join('\r\n'),
    );
  return {
    orders,
    misdeeds,
    seen,
    order,
    sent: (startLine, more) => orders.see('sent', message(startLine, more)),
    received: (startLine, more) => orders.see('received', message(startLine, more)),
  };
}

const INVITE = `INVITE ${URI} SIP/2.0`;
const ACK = `ACK ${URI} SIP/2.0`;

describe('an order', () => {
  it('is over with the ACK of a refusal, and an INVITE that is sent again is the same', () => {
    const { sent, received, seen, misdeeds, order } = ordered();
    expect(sent(INVITE)).toBe(order);
    expect(sent(INVITE)).toBe(order);
    received('SIP/2.0 180 Ringing', { toTag: 'b' });
    received('SIP/2.0 480 Temporarily Unavailable', { toTag: 'b' });
    expect(seen).toEqual(['invite']);
    expect(sent(ACK, { cseq: '1 ACK', toTag: 'b' })).toBe(order);
    expect(seen).toEqual(['invite', 'over']);
    expect(misdeeds).toEqual([]);
  });

  it('is over with the answer to a BYE, whoever sent that, and not with the ACK of an answer', () => {
    const { sent, received, seen } = ordered();
    sent(INVITE);
    received('SIP/2.0 200 OK', { toTag: 'b' });
    sent(ACK, { cseq: '1 ACK', toTag: 'b' });
    received('BYE sip:customer@127.0.0.1 SIP/2.0', { cseq: '9 BYE', toTag: '1' });
    expect(seen).toEqual(['invite']);
    sent('SIP/2.0 200 OK', { cseq: '9 BYE', toTag: '1' });
    expect(seen).toEqual(['invite', 'over']);
  });

  it.for([
    [true, ['invite', 'challenge', 'invite', 'over']],
    [false, ['invite', 'over', 'invite', 'over']],
  ] as const)('with a password (%s) goes on after a challenge', ([hasPassword, expected]) => {
    const { sent, received, seen, misdeeds } = ordered({ hasPassword });
    sent(INVITE);
    received('SIP/2.0 407 Proxy Authentication Required', { toTag: 'b' });
    sent(ACK, { cseq: '1 ACK', toTag: 'b' });
    sent(INVITE, { cseq: '2 INVITE' });
    received('SIP/2.0 486 Busy Here', { cseq: '2 INVITE', toTag: 'c' });
    sent(ACK, { cseq: '2 ACK', toTag: 'c' });
    expect(seen).toEqual(expected);
    expect(misdeeds).toEqual([]);
  });

  it('may be written otherwise, as RFC 3261 19.1.4 has it', () => {
    const { sent, misdeeds, order } = ordered();
    expect(sent('INVITE SIP:Alice-1@MS-sipre.test;transport=UDP;opaque=app:voicemail SIP/2.0')).toBe(order);
    expect(misdeeds).toEqual([]);
  });
});

describe('a call that was not ordered', () => {
  it.for([
    ['without a parameter', 'sip:alice-1@ms-sipre.test'],
    ['with one more', `${URI};gruu`],
    ['at another domain', URI.replace('ms-sipre', 'plain')],
    ['at a port', URI.replace('.test', '.test:5061')],
    ['over TCP', `${URI};transport=tcp`],
    ['securely', URI.replace('sip:', 'sips:')],
  ] as const)('%s, is told, and whose proof it takes', ([, uri]) => {
    const { sent, misdeeds } = ordered();
    sent(`INVITE ${uri} SIP/2.0`);
    expect(misdeeds).toEqual([`alice-1: the application called ${uri} where it was told to call ${URI}`]);
  });

  it.for([
    ['in a dialog of its own', { callId: 'b' }],
    ['under the same Call-ID', { cseq: '2 INVITE' }],
  ] as const)('a second time, %s, is told', ([, more]) => {
    const { sent, misdeeds } = ordered();
    sent(INVITE);
    sent(INVITE, more);
    expect(misdeeds).toEqual([`alice-1: the application called ${URI} twice; it was told to once`]);
  });

  it('to somebody else, or when it is over, is told and is of no order', () => {
    const { sent, orders, order, misdeeds } = ordered();
    expect(sent('INVITE sip:bob@ms-sipre.test SIP/2.0', { callId: 'b' })).toBeNull();
    sent(INVITE);
    orders.remove(order);
    expect(sent(INVITE, { callId: 'c' })).toBeNull();
    expect(misdeeds).toEqual([
      'bob: the application called sip:bob@ms-sipre.test, which it had not been told to, or not again',
      `alice-1: the application called ${URI}, which it had not been told to, or not again`,
    ]);
  });

  it('is no re-INVITE', () => {
    const { sent, received, misdeeds } = ordered();
    sent(INVITE);
    received('SIP/2.0 200 OK', { toTag: 'b' });
    sent('INVITE sip:voicemail@127.0.0.1 SIP/2.0', { cseq: '2 INVITE', toTag: 'b' });
    expect(misdeeds).toEqual([]);
  });
});
