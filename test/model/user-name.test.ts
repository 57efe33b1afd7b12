import { describe, expect, it } from 'vitest';
import { plainUser, usersIn } from '../../harness/model/user-name.ts';

describe('plainUser', () => {
  it.for([
    ['bob', 'bob'],
    ['BOB', 'bob'],
    ['%62%4Fb', 'bob'],
    ['+bob', 'bob'],
    ['bob;phone-context=x', 'bob'],
    ['bob:secret', 'bob'],
    ['bob-2', 'bob-2'],
    ['bob.smith', 'bob.smith'],
    ['+44-20-7946.0123', '442079460123'],
    ['%2B442079460123', '442079460123'],
    ['(020)79460123', '02079460123'],
    ['1001', '1001'],
    ['1-bob', '1-bob'],
    ['a+b', 'a+b'],
  ])('writes %s as %s', ([user = '', plain]) => {
    expect(plainUser(user)).toBe(plain);
  });
});

describe('usersIn', () => {
  it.for<[string, string[]]>([
    ['INVITE sip:1001@127.0.0.1:5060 SIP/2.0', ['1001']],
    ['To: "Bob" <sips:Bob;x=y@plain.test;user=phone>;tag=1', ['bob']],
    ['Diversion: <tel:+44-20-7946-0123;phone-context=x>;reason=no-answer', ['442079460123']],
    ['Contact: sip:127.0.0.1,sip:bob@plain.test', ['bob']],
    ['History-Info: <sip:a@b?Reason=SIP%3Bcause%3D302&X=%3Csip%3Abob%40plain.test%3E>;index=1', ['a', 'bob']],
    ['Refer-To: <sip:a@b?To=tel%3A%2B1001>', ['a', '1001']],
    ['From: <sip:bob@a>, <sip:BOB@b>, <sip:team@c>', ['bob', 'team']],
  ])('finds in %s: %o', ([text, users]) => {
    expect(usersIn(text)).toEqual(users);
  });

  it.for([
    'Via: SIP/2.0/UDP 127.0.0.1:1001;branch=z9hG4bK-1001-a',
    'Call-ID: 1001@127.0.0.1',
    'CSeq: 1001 INVITE',
    'Content-Length: 1001',
    'Contact: <sip:127.0.0.1:1001>',
    'From: "1001" <sip:127.0.0.1>;tag=1001',
    'Route: <sip:127.0.0.1:1001;lr>',
    'o=1001 1 1 IN IP4 127.0.0.1',
    'X-Gossip: 1001@plain.test',
    'X-Other: voip:1001@plain.test',
  ])('finds nobody in %s', (text) => {
    expect(usersIn(text)).toEqual([]);
  });

  it('takes no part of a longer user for a user', () => {
    expect(usersIn('<sip:10012@a> <sip:21001@a> <sip:1001%40home@a> <sip:x%3A1001@a>')).toEqual([
      '10012',
      '21001',
      '1001@home',
      'x:1001',
    ]);
  });
});
