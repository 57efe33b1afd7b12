import { describe, expect, it } from 'vitest';
import { attribute } from '../../harness/run/attribution.ts';
import { Directory } from '../../harness/run/directory.ts';
import type { WireItem } from '../../harness/run/wire-log.ts';
import { bytesOf, item } from '../helpers/wire.ts';
import { BRANCH, CALL_ID, called, INVITE, KEY, keysOf, ofAnother, renamed, TOKEN } from './named-call.ts';

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
    expect(attribute([called, one], new Directory(TOKEN)).strays).toEqual([{ item: one, kind, candidates: null }]);
    expect(keysOf(one)).toEqual([]);
  });

  it('with the calls that it may be of, when it names several', () => {
    const one = renamed({ headers: ['X-Calls: alice-k3f9-17, alice-k3f9-18'] });
    expect(attribute([called, one], new Directory(TOKEN)).strays).toMatchObject([
      { candidates: new Set(['k3f9-17', 'k3f9-18']) },
    ]);
  });

  it('with the calls whose Call-IDs and branches it speaks of', () => {
    const callIds = renamed({ line: 'MESSAGE sip:x@127.0.0.3', body: `${CALL_ID}\r\nk3f9g1-patient-18@127.0.0.2` });
    const branches = renamed({ headers: [`X-Branches: ${BRANCH} z9hG4bK-k3f9g1-18-i`] });
    expect(attribute([called, ofAnother, callIds, branches], new Directory(TOKEN)).strays).toMatchObject([
      { candidates: new Set(['k3f9-17', 'k3f9-18']) },
      { candidates: new Set(['k3f9-17', 'k3f9-18']) },
    ]);
  });

  it('with the one call that unreadable bytes name', () => {
    const one = item(
      'voicemail',
      'in',
      600,
      Buffer.from(`INVITE ${bytesOf({ line: 'x' }).toString('latin1')} alice-k3f9-17`.replace('SIP/2.0', 'SIP')),
    );
    expect(one.message).toBeNull();
    expect(attribute([called, one], new Directory(TOKEN)).strays).toMatchObject([
      { kind: 'bytes', candidates: new Set([KEY]) },
    ]);
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
    expect(attribute([called, one], new Directory(TOKEN)).strays).toEqual([]);
  });
});

describe('a stray', () => {
  const kinds = (one: WireItem) => attribute([called, one], new Directory(TOKEN)).strays.map(({ kind }) => kind);

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
