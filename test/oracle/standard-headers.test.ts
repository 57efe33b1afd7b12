import { describe, expect, it } from 'vitest';
import { readHeaders } from '../../harness/oracle/header-reader.ts';
import type { Reading } from '../../harness/oracle/reading.ts';
import { asControl, OPEN } from '../../harness/oracle/saying.ts';
import { readStandardHeader } from '../../harness/oracle/standard-headers.ts';
import { points, pointsBeside } from './points.ts';

function read(text: string): Reading {
  const [header] = readHeaders([text]);
  if (header === undefined) throw new Error('no header was read');
  return readStandardHeader(header);
}

/** Where else the call goes is open; that it rings and may be missed is not. */
const diversionOpen = (claim: string) => ({
  'features.missed-call-inbox': asControl(claim),
  'callee.ringing': asControl(claim),
});

/** Nothing is certain of the call any more. */
function expectOpen(text: string): void {
  expect(pointsBeside(OPEN, read(text)), text).toEqual({});
}

/** The call goes as it would without the header. */
function expectIdle(text: string, ...claims: string[]): void {
  expect(pointsBeside(asControl(...claims), read(text)), text).toEqual({});
}

function expectDiversionOpen(text: string, claim: string): void {
  expect(pointsBeside(OPEN, read(text)), text).toEqual(diversionOpen(claim));
}

/** By the standard that defines them; each bears on where a request goes or on whether it is refused. */
const ROUTING = `
  Alert-Info Authorization Call-ID Contact Content-Disposition Content-Encoding Content-Length Content-Type CSeq
  Expires From Max-Forwards MIME-Version Proxy-Authorization Proxy-Require Record-Route Require Route Supported To Via
  Diversion History-Info Identity Join Max-Breadth Min-SE P-Asserted-Identity P-Preferred-Identity Path Privacy Reason
  Referred-By Replaces Resource-Priority Session-Expires Target-Dialog`;

describe('a header field that is not one of the two of Microsoft', () => {
  it.for(ROUTING.trim().split(/\s+/))('%s bears on routing, so that nothing is certain', (name) => {
    expectOpen(`${name}: x`);
    expectOpen(`${name.toUpperCase()}: x`);
  });

  it.for(['X-Ours: 1', 'Subject: secondary', 'Ms-Target: x', 'Path-X: x'])('"%s" is ignored', (text) => {
    expectIdle(text, 'rfc3261-unknown-ignored');
  });

  it.for(['no header field', 'Subject: a\r\nVia: b', 'Request Disposition: fork'])(
    '"%s" makes all uncertain',
    (text) => {
      expectOpen(text);
    },
  );

  it.for(['Accept-Contact: *;mobility="fixed"', 'a: *', 'Reject-Contact: *;automata', 'j: *'])(
    '%s rejects nobody',
    (text) => {
      expectIdle(text, 'rfc3841-immune-contacts');
    },
  );

  it.for(['Answer-Mode: Manual', 'Priv-Answer-Mode: MANUAL'])('%s is what a phone does anyway', (text) => {
    expectIdle(text, 'rfc5373-answer-mode');
  });

  it.for([
    'Answer-Mode: Auto',
    'Priv-Answer-Mode: Auto',
    'Answer-Mode: Manually',
    'Answer-Mode: Unmanual',
    'Answer-Mode:',
  ])('%s makes all uncertain', (text) => {
    expectOpen(text);
  });

  it.for(['Priority: psap-callback', 'Priority: urgent', 'Priority:'])(
    '%s leaves open where else the call goes',
    (text) => {
      expectDiversionOpen(text, 'rfc7090-psap-callback');
    },
  );

  it('refuses no call of itself', () => {
    for (const text of ['Via: x', 'X-Ours: 1', 'Request-Disposition: queue', 'Priority: urgent']) {
      expect(read(text).refused).toEqual(asControl());
    }
  });
});

describe('Request-Disposition', () => {
  it.for(['proxy', 'cancel', 'fork', 'recurse', 'parallel', 'no-queue'])(
    '%s asks for what a proxy does anyway',
    (directive) => {
      expectIdle(`Request-Disposition: ${directive}`, 'rfc3841-no-such-directive');
    },
  );

  it.for(['no-cancel', 'no-fork', 'no-recurse', 'sequential'])(
    '%s leaves open where else the call goes',
    (directive) => {
      expectDiversionOpen(`Request-Disposition: ${directive}`, 'rfc3841-no-fork');
    },
  );

  it.for(['redirect', 'queue'])('%s makes all uncertain', (directive) => {
    expectOpen(`Request-Disposition: ${directive}`);
  });

  it('is read without regard to case, blanks and the compact name', () => {
    expectDiversionOpen('d:No-Fork', 'rfc3841-no-fork');
    expectDiversionOpen('Request-Disposition: no-cancel ,\t NO-FORK , Sequential', 'rfc3841-no-fork');
    expectOpen('Request-Disposition: fork,no-fork , Queue');
  });

  it.for(['no-voicemail', 'constructor', '__proto__', 'toString', 'no fork', ''])('"%s" is no directive', (value) => {
    expectIdle(`Request-Disposition: ${value}`, 'rfc3841-no-such-directive', 'rfc3261-unknown-ignored');
  });

  it('is read for the directives that there are beside those that there are not', () => {
    const [known, mixed] = ['no-fork', 'no-voicemail, no-fork, toString'].map((value) =>
      points(read(`Request-Disposition: ${value}`)),
    );
    expect(mixed).toEqual(known);
  });
});
