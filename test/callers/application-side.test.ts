/** What stands between an application as it is and the edge that speaks for it. */
import { describe, expect, it } from 'vitest';
import { asScripted, keptInDialog } from '../../harness/callers/edge/application-side.ts';
import { changedRequest } from '../../harness/callers/edge/edge-text.ts';
import { type SipMessage, tryParse } from '../../harness/sip/index.ts';

const EDGE = { host: '127.9.9.9', port: 5070 };

function read<Kind extends SipMessage['kind']>(kind: Kind, lines: readonly string[]) {
  const message = tryParse(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  if (message?.kind !== kind) throw new Error(`no ${kind}: ${lines[0]}`);
  return message as Extract<SipMessage, { kind: Kind }>;
}

function invite(...lines: readonly string[]) {
  return read('request', ['INVITE sip:alice@ms-sipre.test SIP/2.0', ...lines, 'Call-ID: 1', 'Content-Length: 0']);
}

describe('a request of an application', () => {
  const changes = {
    via: 'SIP/2.0/TLS 127.9.9.9:5061;branch=z9hG4bKb',
    cseq: 7,
    contactAt: '127.9.9.9:5061',
    lines: [],
  };
  const asSent = (...lines: readonly string[]): string[] =>
    changedRequest(asScripted(invite(...lines), EDGE).bytes, changes)
      .toString('latin1')
      .split('\r\n');

  it("goes out under the edge's names, however it writes them", () => {
    const lines = asSent(
      'v: SIP/2.0/UDP 127.9.9.8;branch=z9hG4bKa',
      'CSEQ: 1 INVITE',
      'm: <sip:127.9.9.8;transport=udp>;+x="y"',
      'X: z',
    );
    expect(lines).toContain('Via: SIP/2.0/TLS 127.9.9.9:5061;branch=z9hG4bKb');
    expect(lines).toContain('CSeq: 7 INVITE');
    expect(lines).toContain('Contact: <sip:application@127.9.9.9:5061>');
    expect(lines).toContain('X: z');
    expect(lines.join()).not.toContain('127.9.9.8');
  });

  it('keeps the user of its Contact, and the Routes to others', () => {
    const route = 'Route: <sip:127.9.9.9:5070;lr>, <sip:127.1.1.1;lr>';
    const lines = asSent(
      'Via: SIP/2.0/UDP 127.9.9.8;branch=z9hG4bKa',
      route,
      'CSeq: 1 INVITE',
      'Contact: sip:bob@127.9.9.8',
    );
    expect(lines).toContain('Route: <sip:127.1.1.1;lr>');
    expect(lines).toContain('Contact: <sip:bob@127.9.9.9:5061>');
  });
});

it('a response keeps the dialog with the edge: its Record-Route is the last', () => {
  const response = read('response', [
    'SIP/2.0 200 OK',
    'Record-Route: <sip:127.1.1.1;lr>',
    'CSeq: 1 INVITE',
    'Content-Length: 0',
  ]);
  const routes = keptInDialog(response, EDGE).headers('Record-Route');
  expect(routes).toEqual(['<sip:127.1.1.1;lr>', '<sip:127.9.9.9:5070;lr>']);
});
