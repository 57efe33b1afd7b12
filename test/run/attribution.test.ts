import { describe, expect, it } from 'vitest';
import { attribute } from '../../harness/run/attribution.ts';
import { Directory } from '../../harness/run/directory.ts';
import type { WireItem } from '../../harness/run/wire-log.ts';
import { item } from '../helpers/wire.ts';
import { BRANCH, CALL_ID, called, KEY, keysOf, ofAnother, renamed, TOKEN } from './named-call.ts';

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
    [
      'its branch below and its Call-ID in the body, which are of one call',
      renamed({ headers: [`Via: SIP/2.0/UDP 127.0.0.2;branch=${BRANCH}`], body: `Call-ID: ${CALL_ID}` }),
    ],
    ['two of its targets', renamed({ headers: ['X-Targets: forward-k3f9-17, team-k3f9-17'] })],
    ['the Call-ID that a body speaks of', renamed({ line: 'MESSAGE sip:x@127.0.0.3', body: `Call-ID: ${CALL_ID}` })],
  ];
  it.for(cases)('%s', ([, one]) => {
    expect(keysOf(one)).toEqual([KEY]);
    expect(attribute([called, ofAnother, one], new Directory(TOKEN)).strays).toEqual([]);
  });

  it('the dialog that it stands in', () => {
    const { calls, strays } = attribute(
      [
        called,
        renamed({ line: 'INVITE sip:alice-k3f9-17@127.0.0.3', callId: 'leg' }),
        item('voicemail', 'in', 640, { line: 'ACK sip:127.0.0.3', callId: 'leg' }),
      ],
      new Directory(TOKEN),
    );
    expect(calls.get(KEY as never)?.map(({ startLine }) => startLine.split(' ')[0])).toEqual([
      'INVITE',
      'INVITE',
      'ACK',
    ]);
    expect(strays).toEqual([]);
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
    expect(attribute([called, earlier], new Directory(TOKEN)).strays).toMatchObject([{ candidates: null }]);
  });
});

describe('what the caller does', () => {
  it('is of no call when it calls nobody of this run, or sends what is no message', () => {
    const unnamed = item('caller', 'out', 0, { line: 'INVITE sip:voicemail@127.0.0.3', callId: 'x' });
    const { calls, strays } = attribute(
      [unnamed, item('caller', 'out', 1, Buffer.from('garbage'))],
      new Directory(TOKEN),
    );
    expect([calls.size, strays]).toEqual([0, []]);
  });
});

describe('the messages of a call', () => {
  it('are in order of time, also those that only their dialog names', () => {
    const at = (atMs: number, line: string) => item('voicemail', 'in', atMs, { line, callId: 'leg' });
    const { calls } = attribute(
      [called, at(600, 'INVITE sip:alice-k3f9-17@b'), at(640, 'ACK sip:b'), at(900, 'BYE sip:alice-k3f9-17@b')],
      new Directory(TOKEN),
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
