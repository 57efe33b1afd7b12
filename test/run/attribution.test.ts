import { describe, expect, it } from 'vitest';
import { attribute } from '../../harness/run/attribution.ts';
import type { WireItem } from '../../harness/run/wire-log.ts';
import { bytesOf, item, type Written } from '../helpers/wire.ts';

const TOKEN = 'k3f9';
const CALL_ID = 'k3f9g1-patient-17@127.0.0.2';
const BRANCH = 'z9hG4bK-k3f9g1-17-i';
const KEY = 'k3f9-17';

const called: WireItem = item('caller', 'out', 0, {
  line: 'INVITE sip:alice-k3f9-17@ms-sipre.test',
  to: '<sip:alice-k3f9-17@ms-sipre.test>',
  callId: CALL_ID,
  branch: BRANCH,
});
const ofAnother: WireItem = item('caller', 'out', 0, {
  line: 'INVITE sip:alice-k3f9-18@ms-sipre.test',
  callId: 'k3f9g1-patient-18@127.0.0.2',
  branch: 'z9hG4bK-k3f9g1-18-i',
});

const INVITE = 'INVITE sip:voicemail@127.0.0.3';
/** At voice mail, behind a server that has changed Call-ID and branch and all users. */
const renamed = (over: Partial<Written> = {}): WireItem =>
  item('voicemail', 'in', 600, { line: INVITE, callId: 'b2bua', branch: 'z9hG4bK-b2bua', ...over });

const keysOf = (...items: WireItem[]): string[] =>
  [...attribute([called, ofAnother, ...items], TOKEN).calls]
    .filter(([, messages]) => messages.some(({ to, from }) => to !== 'caller' && from !== 'caller'))
    .map(([key]) => key);

describe('a message is attributed to a call by', () => {
  const cases: readonly [string, WireItem][] = [
    ['the caller`s Call-ID, which a proxy keeps', renamed({ callId: CALL_ID })],
    ["the caller's Via below the server's own", renamed({ headers: [`Via: SIP/2.0/UDP 127.0.0.2;branch=${BRANCH}`] })],
    ['the Request-URI', renamed({ line: 'INVITE sip:alice-k3f9-17@127.0.0.3' })],
    ['a Request-URI in upper case', renamed({ line: 'INVITE sip:ALICE-K3F9-17@127.0.0.3' })],
    ['an escaped Request-URI', renamed({ line: 'INVITE sip:%61lice-k3f9-17@127.0.0.3' })],
    ['a user with a plus', renamed({ line: 'INVITE sip:+alice-k3f9-17@127.0.0.3' })],
    ['a user with parameters', renamed({ line: 'INVITE sip:alice-k3f9-17;phone-context=x@127.0.0.3' })],
    ['a tel URI', renamed({ line: 'INVITE tel:alice-k3f9-17' })],
    ['To', renamed({ to: '<sip:alice-k3f9-17@ms-sipre.test>' })],
    ['Diversion', renamed({ headers: ['Diversion: <sip:alice-k3f9-17@ms-sipre.test>;reason=no-answer'] })],
    ['History-Info', renamed({ headers: ['History-Info: <sip:alice-k3f9-17@ms-sipre.test>;index=1'] })],
    ['a header that nobody has heard of', renamed({ headers: ['X-Original-Callee: alice-k3f9-17'] })],
    ['its own target', renamed({ line: 'INVITE sip:forward-k3f9-17@127.0.0.3' })],
    [
      'the callee, before the target of somebody else',
      renamed({
        line: 'INVITE sip:forward-k3f9-18@127.0.0.3',
        to: '<sip:alice-k3f9-17@ms-sipre.test>',
      }),
    ],
    [
      "its Call-ID, before somebody else's name",
      renamed({ line: 'INVITE sip:alice-k3f9-18@127.0.0.3', callId: CALL_ID }),
    ],
    ['the Call-ID that a body speaks of', renamed({ line: 'MESSAGE sip:x@127.0.0.3', body: `Call-ID: ${CALL_ID}` })],
  ];
  it.for(cases)('%s', ([, one]) => {
    expect(keysOf(one)).toEqual([KEY]);
    expect(attribute([called, ofAnother, one], TOKEN).strays).toEqual([]);
  });

  it('the dialog that it stands in', () => {
    const { calls, strays } = attribute(
      [
        called,
        renamed({ line: 'INVITE sip:alice-k3f9-17@127.0.0.3', callId: 'leg' }),
        item('voicemail', 'in', 640, { line: 'ACK sip:127.0.0.3', callId: 'leg' }),
      ],
      TOKEN,
    );
    expect(calls.get(KEY as never)?.map(({ startLine }) => startLine.split(' ')[0])).toEqual([
      'INVITE',
      'INVITE',
      'ACK',
    ]);
    expect(strays).toEqual([]);
  });
});

describe('what names no call of this run is a stray', () => {
  const cases: readonly [string, WireItem, string][] = [
    ['an INVITE under a name of the server`s own', renamed({}), 'call'],
    ['an INVITE to a feature code', renamed({ line: 'INVITE sip:*86@127.0.0.3' }), 'call'],
    ['an ACK of an INVITE that is not on record', renamed({ line: 'ACK sip:127.0.0.3' }), 'call'],
    ["an earlier run's call", renamed({ line: 'INVITE sip:alice-k3f8-17@127.0.0.3' }), 'call'],
    ['a call with a token that ours begins with', renamed({ line: 'INVITE sip:alice-k3f9x-17@127.0.0.3' }), 'call'],
    ['a MESSAGE', renamed({ line: 'MESSAGE sip:x@127.0.0.3' }), 'notice'],
    ['a NOTIFY', renamed({ line: 'NOTIFY sip:x@127.0.0.3' }), 'notice'],
    ['a PUBLISH', renamed({ line: 'PUBLISH sip:x@127.0.0.3' }), 'notice'],
    ['bytes that are no SIP message', item('voicemail', 'in', 600, Buffer.from('not SIP\r\n\r\n')), 'bytes'],
  ];
  it.for(cases)('%s', ([, one, kind]) => {
    expect(attribute([called, one], TOKEN).strays).toEqual([{ item: one, kind, candidates: null }]);
    expect(keysOf(one)).toEqual([]);
  });

  it('with the calls that it may be of, when it names several', () => {
    const one = renamed({ headers: ['X-Calls: alice-k3f9-17, alice-k3f9-18'] });
    expect(attribute([called, one], TOKEN).strays).toMatchObject([{ candidates: new Set(['k3f9-17', 'k3f9-18']) }]);
  });

  it('with the one call that unreadable bytes name', () => {
    const one = item(
      'voicemail',
      'in',
      600,
      Buffer.from(`INVITE ${bytesOf({ line: 'x' }).toString('latin1')} alice-k3f9-17`.replace('SIP/2.0', 'SIP')),
    );
    expect(one.message).toBeNull();
    expect(attribute([called, one], TOKEN).strays).toMatchObject([{ kind: 'bytes', candidates: new Set([KEY]) }]);
  });

  const harmless: readonly [string, WireItem][] = [
    ['OPTIONS', renamed({ line: 'OPTIONS sip:x@127.0.0.3' })],
    [
      'a response to a question of our own',
      item('voicemail', 'in', 600, { line: '200 OK', callId: 'own', cseq: '1 OPTIONS' }),
    ],
    ['a registration', item('phone', 'in', 600, { line: '200 OK', callId: 'own', cseq: '1 REGISTER' })],
    ['a keep-alive of line ends', item('phone', 'in', 600, Buffer.from('\r\n\r\n'))],
    ['an empty datagram', item('phone', 'in', 600, Buffer.alloc(0))],
    ['what an endpoint sent itself', item('voicemail', 'out', 600, { line: INVITE, callId: 'own' })],
  ];
  it.for(harmless)('but not %s', ([, one]) => {
    expect(attribute([called, one], TOKEN).strays).toEqual([]);
  });
});

describe('whose Call-ID it is', () => {
  const other = item('caller', 'in', 5, { line: 'INVITE sip:alice-k3f9-17@127.0.0.2', callId: 'x' });
  const naming18 = { line: 'INVITE sip:alice-k3f9-18@127.0.0.3', callId: 'x' };

  it('says the caller alone, and not an endpoint that calls by itself', () => {
    const byEndpoint = item('team', 'out', 5, { line: 'INVITE sip:alice-k3f9-17@ms-sipre.test', callId: 'x' });
    expect(keysOf(byEndpoint, renamed(naming18)).toSorted()).toEqual([KEY, 'k3f9-18']);
  });

  it('says the caller by what it sends, not by what it gets', () => {
    expect(keysOf(other, renamed(naming18))).toEqual(['k3f9-18']);
  });

  it('says the INVITE, not whoever a later request goes to', () => {
    const bye = item('caller', 'out', 900, { line: 'BYE sip:forward-k3f9-18@127.0.0.3', callId: CALL_ID });
    expect(keysOf(bye, renamed({ callId: CALL_ID }))).toEqual([KEY]);
  });

  it('is known in any form', () => {
    const odd = item('caller', 'out', 0, { line: 'INVITE sip:alice-k3f9-20@ms-sipre.test', callId: 'odd' });
    expect(keysOf(odd, renamed({ callId: 'odd' }))).toEqual(['k3f9-20']);
  });

  it('is known where a body speaks of it, also in the tenth group and behind', () => {
    const callId = 'k3f9g12-patient-20@127.0.0.2';
    const tenth = item('caller', 'out', 0, { line: 'INVITE sip:alice-k3f9-20@ms-sipre.test', callId });
    expect(keysOf(tenth, renamed({ line: 'MESSAGE sip:x@127.0.0.3', body: `Call-ID: ${callId}` }))).toEqual([
      'k3f9-20',
    ]);
  });

  it('is nobody`s when it is of an earlier run', () => {
    const earlier = renamed({ headers: ['X-Call: k3f8g1-patient-17@127.0.0.2', 'X-Via: z9hG4bK-k3f8g1-17-i'] });
    expect(attribute([called, earlier], TOKEN).strays).toMatchObject([{ candidates: null }]);
  });
});

describe('what the caller does', () => {
  it('is of no call when it calls nobody of this run, or sends what is no message', () => {
    const unnamed = item('caller', 'out', 0, { line: 'INVITE sip:voicemail@127.0.0.3', callId: 'x' });
    const { calls, strays } = attribute([unnamed, item('caller', 'out', 1, Buffer.from('garbage'))], TOKEN);
    expect([calls.size, strays]).toEqual([0, []]);
  });
});

describe('the messages of a call', () => {
  it('are in order of time, also those that only their dialog names', () => {
    const at = (atMs: number, line: string) => item('voicemail', 'in', atMs, { line, callId: 'leg' });
    const { calls } = attribute(
      [called, at(600, 'INVITE sip:alice-k3f9-17@b'), at(640, 'ACK sip:b'), at(900, 'BYE sip:alice-k3f9-17@b')],
      TOKEN,
    );
    expect(calls.get(KEY as never)?.map(({ cseqMethod }) => cseqMethod)).toEqual(['INVITE', 'INVITE', 'ACK', 'BYE']);
  });

  it('are no registrations', () => {
    const register = item('phone', 'out', -100, {
      line: 'REGISTER sip:ms-sipre.test',
      to: '<sip:alice-k3f9-17@ms-sipre.test>',
      callId: 'register',
    });
    expect(keysOf(register)).toEqual([]);
  });
});

describe('a stray', () => {
  const kinds = (one: WireItem) => attribute([called, one], TOKEN).strays.map(({ kind }) => kind);

  it.for(['INVITE', 'ACK', 'CANCEL', 'BYE', 'PRACK', 'UPDATE', 'REFER'])('%s is a call`s', (method) => {
    expect(kinds(renamed({ line: `${method} sip:x@127.0.0.3` }))).toEqual(['call']);
  });

  it('of another method is a call`s inside a dialog, and else a notice', () => {
    expect(kinds(renamed({ line: 'INFO sip:x@127.0.0.3', to: '<sip:x@b>;tag=v' }))).toEqual(['call']);
    expect(kinds(renamed({ line: 'INFO sip:x@127.0.0.3' }))).toEqual(['notice']);
  });

  it.for(['OPTIONS', 'SUBSCRIBE', 'REGISTER'])('%s is a question', (method) => {
    expect(kinds(renamed({ line: `${method} sip:x@127.0.0.3`, cseq: '1 X' }))).toEqual([]);
  });

  it.for([
    ['NULs', '\0\0\0\0'],
    ['blanks', '  '],
    ['a line end', '\r\n'],
  ] as const)('of %s is a keep-alive', ([, text]) => {
    expect(kinds(item('phone', 'in', 600, Buffer.from(text)))).toEqual([]);
  });

  it('of one word is none', () => {
    expect(kinds(item('phone', 'in', 600, Buffer.from('garbage')))).toEqual(['bytes']);
  });
});
