/** Each rule of a server that is lawful but odd, message by message. */
import { describe, expect, it } from 'vitest';
import type { Disposition, Said } from '../../harness/sabotage/path/rule.ts';
import { parseMessage, type SipMessage, SipRequest } from '../../harness/sip/index.ts';
import { respond } from '../../harness/sip/responses.ts';
import {
  answerTo,
  CALLER,
  FROM_PHONE,
  FROM_VOICE_MAIL,
  insteadOf,
  request,
  rulesOf,
  TO_CALLER,
  TO_PHONE,
  TO_VOICE_MAIL,
} from './rules-of.ts';

const CONTACT = ['Contact: <sip:customer@127.0.0.1:5070>'];

function alsoOf(disposition: Disposition): readonly Said[] {
  return typeof disposition === 'object' && 'instead' in disposition ? (disposition.also ?? []) : [];
}
function onlySaid(disposition: Disposition): Said & { readonly message: SipMessage } {
  const [said, ...more] = alsoOf(disposition);
  if (said === undefined || more.length > 0) throw new Error(`not one thing more: ${JSON.stringify(disposition)}`);
  return said;
}
const reparsed = (message: SipMessage): SipMessage => parseMessage(message.bytes);
const withTag = (message: SipMessage, tag: string): SipMessage =>
  parseMessage(Buffer.from(message.bytes.toString('latin1').replace('tag=x', `tag=${tag}`), 'latin1'));

describe('when and how often', () => {
  it('everything-late, datagrams-doubled: each message', () => {
    expect(rulesOf('everything-late').pass(request(), CALLER)).toEqual({ delayMs: 300 });
    expect(rulesOf('datagrams-doubled').pass(answerTo(request(), 200), FROM_VOICE_MAIL)).toEqual({ times: 2 });
  });

  it('datagrams-reordered: every second one', () => {
    const { pass, tookPlace } = rulesOf('datagrams-reordered');
    expect(pass(request(), CALLER)).toBe('goes on');
    expect(tookPlace()).toBe(false);
    expect(pass(request(), CALLER)).toEqual({ delayMs: 30 });
    expect(tookPlace()).toBe(true);
  });

  it('no-trying: not to the caller, and nothing else is lost', () => {
    const { pass } = rulesOf('no-trying');
    expect(pass(answerTo(request(), 100), TO_CALLER)).toBe('is lost');
    expect(pass(answerTo(request(), 180), TO_CALLER)).toBe('goes on');
    expect(pass(answerTo(request(), 100), FROM_PHONE)).toBe('goes on');
  });

  it('answered-twice: 200 to the INVITE, to the caller', () => {
    const { pass } = rulesOf('answered-twice');
    expect(pass(answerTo(request(), 200), TO_CALLER)).toEqual({ times: 2 });
    expect(pass(answerTo(request([], { method: 'BYE' }), 200), TO_CALLER)).toBe('goes on');
    expect(pass(answerTo(request(), 200), FROM_PHONE)).toBe('goes on');
  });
});

describe('what is said besides', () => {
  it.for([
    ['queued', 182],
    ['early-media', 183],
    ['forwarded-from-the-start', 181],
  ] as const)('%s: %i to every caller, in a dialog of its own', ([id, status]) => {
    const { pass } = rulesOf(id);
    const { to, message } = onlySaid(pass(request(), CALLER));
    expect([to, message.startLine.slice(8, 11), message.header('To')]).toEqual([
      'sender',
      String(status),
      '<sip:alice-k-1@ms-sipre.test>;tag=server',
    ]);
    expect(message.body.length > 0).toBe(status === 183);
    expect(pass(request([], { method: 'CANCEL' }), CALLER)).toBe('goes on');
    expect(pass(request(), TO_PHONE)).toBe('goes on');
  });

  it('early-dialogs-ended: 199 of the dialog in which it rang, when somebody else is heard of', () => {
    const { pass } = rulesOf('early-dialogs-ended');
    expect(pass(answerTo(request(), 180), TO_CALLER)).toBe('goes on');
    expect(pass(answerTo(request(), 180), TO_CALLER), 'the same one again').toBe('goes on');
    const { to, message } = onlySaid(pass(withTag(answerTo(request(), 181), 'other'), TO_CALLER));
    expect([to, message.startLine]).toEqual(['receiver', 'SIP/2.0 199 Early Dialog Terminated']);
    expect(message.header('To')).toContain(';tag=x');
    expect(message.headers('Via'), 'without the one that the relay would take off').toEqual([]);
    expect(pass(withTag(answerTo(request(), 181), 'third'), TO_CALLER), 'once').toBe('goes on');
  });

  it('keep-alives: OPTIONS to a phone that is rung, and to the caller as the other side of its dialog', () => {
    const { pass } = rulesOf('keep-alives');
    const atPhone = onlySaid(pass(request(), TO_PHONE));
    expect([atPhone.to, atPhone.message.startLine]).toEqual([
      'receiver',
      'OPTIONS sip:alice-k-1@ms-sipre.test SIP/2.0',
    ]);
    expect(pass(request(CONTACT), CALLER)).toBe('goes on');
    expect(pass(answerTo(request(), 100), TO_CALLER)).toBe('goes on');
    const { message } = onlySaid(pass(answerTo(request(), 200), TO_CALLER));
    expect([message.startLine, message.header('From'), message.header('To'), message.header('Call-ID')]).toEqual([
      'OPTIONS sip:customer@127.0.0.1:5070 SIP/2.0',
      '<sip:alice-k-1@ms-sipre.test>;tag=x',
      '"Customer" <sip:customer@outside.test>;tag=c',
      'one',
    ]);
  });

  it('no-message-waits: NOTIFY to the phone that has registered, at its own contact', () => {
    const { pass } = rulesOf('no-message-waits');
    const register = request(['Contact: <sip:alice-k-1@127.0.0.4:5060>'], { method: 'REGISTER' });
    expect(pass(register, CALLER)).toBe('goes on');
    expect(pass(answerTo(register, 401), TO_CALLER)).toBe('goes on');
    const { to, message } = onlySaid(pass(answerTo(register, 200), TO_CALLER));
    expect([to, message.startLine]).toEqual(['phone', 'NOTIFY sip:alice-k-1@127.0.0.4:5060 SIP/2.0']);
    expect(message.body.toString()).toMatch(/^Messages-Waiting: no\r\n/);
  });
});

describe('how it is written', () => {
  it('compact-names: to endpoints, and it means the same', () => {
    const { pass } = rulesOf('compact-names');
    const seen = insteadOf(pass(request(CONTACT), TO_PHONE));
    expect(seen.bytes.toString('latin1')).toMatch(/\r\ni: one\r\n/);
    expect(reparsed(seen).header('Call-ID')).toBe('one');
    expect(pass(request(), CALLER)).toBe('goes on');
  });

  it('blanks-and-folded-lines: of the server`s own Via and of Contact, and it means the same', () => {
    const { pass } = rulesOf('blanks-and-folded-lines');
    const seen = insteadOf(pass(request([...CONTACT, 'Via: SIP/2.0/UDP 127.0.0.9:1;branch=b']), TO_PHONE));
    expect(seen.bytes.toString('latin1')).toContain('\r\nContact: \r\n  <sip:customer@127.0.0.1:5070>\r\n');
    expect(reparsed(seen).headers('Via')).toEqual([
      'SIP / 2.0 / UDP  127.0.0.1 : 5070 ; branch = z9hG4bKa',
      'SIP/2.0/UDP 127.0.0.9:1;branch=b',
    ]);
    expect(reparsed(seen).header('From')).toBe('"Customer" <sip:customer@outside.test>  ;\ttag = c');
    expect(pass(answerTo(request(), 200), TO_CALLER)).toBe('goes on');
    expect(pass(request(), CALLER)).toBe('goes on');
  });

  it('via-of-the-caller-respelt: in what the caller gets', () => {
    const { pass } = rulesOf('via-of-the-caller-respelt');
    expect(insteadOf(pass(answerTo(request(), 100), TO_CALLER)).header('Via')).toMatch(/^SIP \/ 2\.0 \/ UDP {2}/);
    expect(pass(request(), TO_PHONE)).toBe('goes on');
  });

  it('odd-request-uris: on requests to endpoints', () => {
    const { pass } = rulesOf('odd-request-uris');
    const { startLine } = insteadOf(pass(request(), TO_VOICE_MAIL));
    expect(startLine).toMatch(/^INVITE sip:alice-k-1@ms-sipre\.test;user=phone;\S+ SIP\/2\.0$/);
    expect(pass(request(), CALLER)).toBe('goes on');
    expect(pass(answerTo(request(), 200), FROM_VOICE_MAIL)).toBe('goes on');
  });
});

describe('who it is', () => {
  it('call-id-hidden: another one at the endpoint, the own one back at the server; tags stay', () => {
    const { pass } = rulesOf('call-id-hidden');
    const leg = insteadOf(pass(request(), TO_PHONE)) as SipRequest;
    expect(leg.header('Call-ID')).toMatch(/^hidden-/);
    const back = insteadOf(pass(answerTo(leg, 180), FROM_PHONE));
    expect([back.header('Call-ID'), back.header('To')]).toEqual(['one', '<sip:alice-k-1@ms-sipre.test>;tag=x']);
    expect(pass(request([], { method: 'MESSAGE' }), TO_VOICE_MAIL)).toBe('goes on');
    expect(pass(answerTo(request(), 200), FROM_VOICE_MAIL), 'a call that the server has not begun').toBe('goes on');
  });

  it('call-id-and-tags-hidden: the endpoint`s tag too, in whichever field it stands', () => {
    const { pass } = rulesOf('call-id-and-tags-hidden');
    const leg = insteadOf(pass(request(), TO_PHONE)) as SipRequest;
    expect(insteadOf(pass(answerTo(leg, 200), FROM_PHONE)).header('To')).toContain(';tag=hidden-x');
    const inDialog = (method: string, from: string, to: string, callId: string): SipRequest =>
      new SipRequest(
        { method, requestUri: 'sip:x' },
        [
          { name: 'From', value: `<sip:a@b>;tag=${from}` },
          { name: 'To', value: `<sip:c@d>;tag=${to}` },
          { name: 'Call-ID', value: callId },
          { name: 'CSeq', value: `2 ${method}` },
        ],
        Buffer.alloc(0),
      );
    const ack = insteadOf(pass(inDialog('ACK', 'c', 'hidden-x', 'one'), TO_PHONE));
    expect([ack.header('To'), ack.header('From')]).toEqual(['<sip:c@d>;tag=x', '<sip:a@b>;tag=c']);
    const bye = insteadOf(pass(inDialog('BYE', 'x', 'c', leg.header('Call-ID') ?? ''), FROM_PHONE)) as SipRequest;
    expect([bye.header('From'), bye.header('Call-ID')]).toEqual(['<sip:a@b>;tag=hidden-x', 'one']);
    const answer = respond({ request: bye, peer: { host: '127.0.0.1', port: 5070 } }, 200);
    expect(insteadOf(pass(answer, TO_PHONE)).header('From')).toBe('<sip:a@b>;tag=x');
  });
});

describe('ringing-acknowledged', () => {
  const reliable = (): SipMessage =>
    respond({ request: request(), peer: { host: '127.0.0.1', port: 5070 } }, 180, {
      localTag: 'x',
      fields: [
        { name: 'Require', value: '100rel' },
        { name: 'RSeq', value: '7' },
        { name: 'Contact', value: '<sip:alice@127.0.0.4:5060>' },
      ],
    });

  it('requires it of endpoints, sends the PRACK, and hides it from the server', () => {
    const { pass } = rulesOf('ringing-acknowledged');
    expect(insteadOf(pass(request(), TO_PHONE)).header('Require')).toBe('100rel');
    expect(pass(request(), CALLER)).toBe('goes on');
    const disposition = pass(reliable(), FROM_PHONE);
    expect([insteadOf(disposition).header('Require'), insteadOf(disposition).header('RSeq')]).toEqual([
      undefined,
      undefined,
    ]);
    const { to, message } = onlySaid(disposition);
    expect([to, message.startLine, message.header('CSeq'), message.header('RAck')]).toEqual([
      'sender',
      'PRACK sip:alice@127.0.0.4:5060 SIP/2.0',
      '2 PRACK',
      '7 1 INVITE',
    ]);
    expect(pass(answerTo(request(), 180), FROM_PHONE), 'not reliable').toBe('goes on');
  });

  it('counts later requests of that dialog on, and their answers back', () => {
    const { pass } = rulesOf('ringing-acknowledged');
    const bye = request([], { method: 'BYE' });
    expect(pass(bye, TO_PHONE)).toBe('goes on');
    pass(reliable(), FROM_PHONE);
    const seen = insteadOf(pass(bye, TO_PHONE)) as SipRequest;
    expect(seen.header('CSeq')).toBe('2 BYE');
    expect(insteadOf(pass(answerTo(seen, 200), FROM_PHONE)).header('CSeq')).toBe('1 BYE');
  });
});

describe('phone-has-moved', () => {
  it('answers the first INVITE 302 with a second line, keeps its ACK, and lets the second one pass', () => {
    const { pass } = rulesOf('phone-has-moved');
    const disposition = pass(request(), TO_PHONE);
    if (typeof disposition !== 'object' || !('answer' in disposition)) throw new Error('not answered');
    expect([disposition.answer.status, disposition.answer.header('Contact')]).toEqual([
      302,
      '<sip:alice-k-1@ms-sipre.test;line=2>',
    ]);
    const { method, requestUri, fields, body } = request();
    const again = new SipRequest({ method, requestUri: `${requestUri};line=2` }, fields, body);
    expect(pass(again, TO_PHONE)).toBe('goes on');
    const ack = (tag: string): SipRequest =>
      new SipRequest({ method: 'ACK', requestUri }, [{ name: 'To', value: `<sip:a@b>;tag=${tag}` }], body);
    expect([pass(ack('moved'), TO_PHONE), pass(ack('x'), TO_PHONE)]).toEqual(['is lost', 'goes on']);
    expect(pass(request(), TO_VOICE_MAIL)).toBe('goes on');
  });
});
