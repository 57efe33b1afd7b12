import { randomUUID } from 'node:crypto';
import { sipRequest } from './call.ts';
import type { Address, SipPeer } from './sip-peer.ts';

/** A message that no well-behaved peer sends. */
export interface Torture {
  readonly title: string;
  readonly message: (peer: SipPeer, server: Address) => string | Buffer;
  /**
   * Final responses that RFC 3261 allows. Left out: anything goes, silence too, as long as the server lives on and its
   * application is not handed a broken leader line.
   */
  readonly answers?: RegExp;
}

/** Changes one thing about a good INVITE. */
function invite(change: (good: string) => string): Torture['message'] {
  return (peer, server) => change(sipRequest(peer, server, { fromTag: 'torture' }));
}

const BAD_REQUEST = /^SIP\/2\.0 400 /;
const UNKNOWN_METHOD = /^SIP\/2\.0 (?:405|501) /;

export const torture: readonly Torture[] = [
  // Content-Length
  {
    title: 'Content-Length is negative',
    message: invite((m) => m.replace('Content-Length: 0', 'Content-Length: -999')),
    answers: BAD_REQUEST,
  },
  {
    title: 'Content-Length is no number',
    message: invite((m) => m.replace('Content-Length: 0', 'Content-Length: many')),
    answers: BAD_REQUEST,
  },
  {
    title: 'two Content-Lengths that differ',
    message: invite((m) => m.replace('Content-Length: 0', 'Content-Length: 0\r\nl: 7')),
  },
  {
    title: 'Content-Length has twenty digits',
    message: invite((m) => m.replace('Content-Length: 0', `Content-Length: ${'9'.repeat(20)}`)),
  },

  // CSeq
  {
    title: 'CSeq has twenty digits',
    message: invite((m) => m.replace('CSeq: 1 ', `CSeq: ${'9'.repeat(20)} `)),
    answers: BAD_REQUEST,
  },
  { title: 'CSeq is 2**32', message: invite((m) => m.replace('CSeq: 1 ', 'CSeq: 4294967296 ')), answers: BAD_REQUEST },
  { title: 'CSeq is negative', message: invite((m) => m.replace('CSeq: 1 ', 'CSeq: -1 ')), answers: BAD_REQUEST },
  {
    title: 'CSeq names another method',
    message: invite((m) => m.replace('CSeq: 1 INVITE', 'CSeq: 1 OPTIONS')),
    answers: BAD_REQUEST,
  },
  { title: 'CSeq has no method', message: invite((m) => m.replace('CSeq: 1 INVITE', 'CSeq: 1')), answers: BAD_REQUEST },

  // header fields that must be there
  { title: 'no Via', message: invite((m) => m.replace(/^Via:.*\r\n/m, '')) },
  ...['From', 'To', 'Call-ID', 'CSeq'].map(
    (name): Torture => ({
      title: `no ${name}`,
      message: invite((m) => m.replace(new RegExp(`^${name}:.*\r\n`, 'm'), '')),
      answers: BAD_REQUEST,
    }),
  ),
  ...['From', 'To', 'Call-ID'].map(
    (name): Torture => ({
      title: `${name} is empty`,
      message: invite((m) => m.replace(new RegExp(`^${name}:.*`, 'm'), `${name}:`)),
      answers: BAD_REQUEST,
    }),
  ),
  { title: 'no header at all', message: () => 'INVITE sip:callee@127.0.0.1 SIP/2.0\r\n\r\n' },
  {
    title: 'From without end of its quotes',
    message: invite((m) => m.replace('From: <', 'From: "never closed <')),
    answers: BAD_REQUEST,
  },
  { title: 'To without end of its angle brackets', message: invite((m) => m.replace(/^(To: .*)>/m, '$1')) },
  { title: 'tag without value', message: invite((m) => m.replace(';tag=torture', ';tag=')) },
  { title: 'a tag twice', message: invite((m) => m.replace(';tag=torture', ';tag=torture;tag=other')) },
  { title: 'From twice', message: invite((m) => m.replace(/^(From: .*\r\n)/m, '$1$1')), answers: BAD_REQUEST },
  {
    title: 'Call-ID twice',
    message: invite((m) => m.replace(/^Call-ID: .*\r\n/m, 'Call-ID: one@x\r\nCall-ID: two@x\r\n')),
    answers: BAD_REQUEST,
  },
  {
    title: 'names of object properties as header fields',
    message: invite((m) => m.replace('Max-Forwards', '__proto__: 1\r\nconstructor: 2\r\nMax-Forwards')),
  },
  {
    title: 'Max-Forwards is not a number',
    message: invite((m) => m.replace('Max-Forwards: 70', 'Max-Forwards: lots')),
  },
  {
    title: 'a header line without colon',
    message: invite((m) => m.replace('Max-Forwards', 'no colon here\r\nMax-Forwards')),
  },
  {
    title: 'a header line that begins with a colon',
    message: invite((m) => m.replace('Max-Forwards', ': nameless\r\nMax-Forwards')),
  },
  { title: 'a folded first header line', message: invite((m) => m.replace('\r\nVia', '\r\n Via')) },
  {
    title: 'ten thousand header lines',
    message: invite((m) => m.replace('Max-Forwards', `${'X: y\r\n'.repeat(9_000)}Max-Forwards`)),
  },
  {
    title: 'a header line of 50,000 characters',
    message: invite((m) => m.replace('Max-Forwards', `X: ${'y'.repeat(50_000)}\r\nMax-Forwards`)),
  },
  {
    title: 'fifty Vias on one line',
    message: invite((m) => m.replace(/^Via: (.*)/m, (_, via) => `Via: ${Array(50).fill(via).join(', ')}`)),
  },

  // Via
  { title: 'Via without branch', message: invite((m) => m.replace(/;branch=\S+/, '')) },
  { title: 'Via of another protocol', message: invite((m) => m.replace(/SIP\/2\.0\/(UDP|TCP)/, 'SIP/2.0/SCTP')) },
  { title: 'Via without host', message: invite((m) => m.replace(/^(Via: \S+) [^;]*/m, '$1 ')) },
  { title: 'Via with port 99999', message: invite((m) => m.replace(/^(Via: \S+ [^:]+):\d+/m, '$1:99999')) },
  { title: 'Via that is no Via', message: invite((m) => m.replace(/^Via: .*/m, 'Via: ;;;,,,')) },
  { title: 'rport with a value of its own', message: invite((m) => m.replace(';rport', ';rport=1')) },

  // start line
  {
    title: 'version 7.0',
    message: invite((m) => m.replace(' SIP/2.0\r\n', ' SIP/7.0\r\n')),
    answers: /^SIP\/2\.0 (?:505|400) /,
  },
  { title: 'no version', message: invite((m) => m.replace(' SIP/2.0\r\n', '\r\n')) },
  { title: 'blanks around the Request-URI', message: invite((m) => m.replace('INVITE sip:', 'INVITE  sip:')) },
  {
    title: 'Request-URI in angle brackets',
    message: invite((m) => m.replace(/^INVITE (\S+)/, 'INVITE <$1>')),
    answers: BAD_REQUEST,
  },
  {
    title: 'Request-URI of an unknown scheme',
    message: invite((m) => m.replace(/^INVITE \S+/, 'INVITE nobodyKnows:this')),
    answers: /^SIP\/2\.0 416 /,
  },
  { title: 'an unknown method', message: invite((m) => m.replaceAll('INVITE', 'DANCE')), answers: UNKNOWN_METHOD },
  {
    title: 'a method of punctuation',
    message: invite((m) => m.replaceAll('INVITE', "!interesting-Method0123456789_*+`.%indeed'~")),
    answers: UNKNOWN_METHOD,
  },
  {
    title: 'a method in lower case',
    message: invite((m) => m.replaceAll('INVITE', 'invite')),
    answers: UNKNOWN_METHOD,
  },
  { title: 'a method with a `|`', message: invite((m) => m.replaceAll('INVITE', 'IN|VITE')) },
  {
    title: 'an object property as method',
    message: invite((m) => m.replaceAll('INVITE', 'constructor')),
    answers: UNKNOWN_METHOD,
  },
  { title: 'HTTP', message: () => 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n' },
  { title: 'a status line of status 1000', message: invite((m) => m.replace(/^.*/, 'SIP/2.0 1000 Too Much')) },
  { title: 'a status line of status 42', message: invite((m) => m.replace(/^.*/, 'SIP/2.0 42 Answer')) },
  { title: 'a response to nothing that was asked', message: invite((m) => m.replace(/^.*/, 'SIP/2.0 200 OK')) },
  { title: 'a response that never names a method', message: () => 'SIP/2.0 200 OK\r\n\r\n' },

  // other values
  {
    title: 'Contact: * with Expires other than 0',
    message: invite((m) => m.replaceAll('INVITE', 'REGISTER').replace(/^Contact: .*/m, 'Contact: *\r\nExpires: 3600')),
    answers: BAD_REQUEST,
  },
  { title: 'Contact that is no address', message: invite((m) => m.replace(/^Contact: .*/m, 'Contact: <<<>>>')) },
  {
    title: 'Record-Route that is no address',
    message: invite((m) => m.replace('Max-Forwards', 'Record-Route: ,,<,>;;\r\nMax-Forwards')),
  },
  {
    title: 'a CANCEL of nothing',
    message: invite((m) => m.replaceAll('INVITE', 'CANCEL')),
    answers: /^SIP\/2\.0 481 /,
  },
  {
    title: 'a BYE of no dialog',
    message: invite((m) => m.replaceAll('INVITE', 'BYE').replace(/^(To: .*)/m, '$1;tag=none')),
    answers: /^SIP\/2\.0 481 /,
  },
  {
    title: 'a PRACK of nothing',
    message: invite((m) => m.replaceAll('INVITE', 'PRACK').replace('Max-Forwards', 'RAck: 1 1 INVITE\r\nMax-Forwards')),
  },
  { title: 'an ACK of nothing', message: invite((m) => m.replaceAll('INVITE', 'ACK')) },
  {
    title: 'an UPDATE of no dialog',
    message: invite((m) => m.replaceAll('INVITE', 'UPDATE').replace(/^(To: .*)/m, '$1;tag=none')),
    answers: /^SIP\/2\.0 481 /,
  },

  // bytes
  {
    title: 'bytes that are no UTF-8',
    message: (peer, server) =>
      Buffer.from(sipRequest(peer, server, { headers: ['Subject: \u00ff\u00fe\u0080\u0000\u0001'] }), 'latin1'),
  },
  { title: 'line feeds alone', message: invite((m) => m.replaceAll('\r\n', '\n')) },
  { title: 'carriage returns alone', message: invite((m) => m.replaceAll('\r\n', '\r')) },
  { title: 'a message cut off in a header', message: invite((m) => m.slice(0, m.indexOf('CSeq') + 6)) },
  { title: 'only line ends', message: () => '\r\n\r\n\r\n' },
  { title: 'no byte at all, or one', message: () => '\0' },
  {
    title: 'control characters in the Call-ID',
    message: invite((m) => m.replace(/^Call-ID: .*/m, `Call-ID: a\u001b[2J\u0007${randomUUID()}`)),
  },
];
