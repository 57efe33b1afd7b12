import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeaderField, parseMessage, SipRequest, SipResponse } from '../../harness/sip/index.ts';

function bytes(...lines: string[]): Buffer {
  return Buffer.from(lines.join('\r\n'), 'utf8');
}

describe('parseMessage', () => {
  it('reads a request', () => {
    const message = parseMessage(bytes('INVITE sip:b@h SIP/2.0', 'CSeq: 1 INVITE', 'Content-Length: 2', '', 'hi'));
    expect(message).toMatchObject({ kind: 'request', method: 'INVITE', requestUri: 'sip:b@h' });
    expect(message.startLine).toBe('INVITE sip:b@h SIP/2.0');
    expect(message.body.toString()).toBe('hi');
  });

  it('reads a response, with and without a reason', () => {
    expect(parseMessage(bytes('SIP/2.0 486 Busy Here', '', ''))).toMatchObject({ status: 486, reason: 'Busy Here' });
    expect(parseMessage(bytes('SIP/2.0 183 ', '', ''))).toMatchObject({ kind: 'response', status: 183, reason: '' });
  });

  it('finds header fields in any spelling, compact forms included', () => {
    const message = parseMessage(bytes('SIP/2.0 200 OK', 'i: x@y', 'VIA: one', 'v: two', '', ''));
    expect(message.header('Call-ID')).toBe('x@y');
    expect(message.headers('Via')).toEqual(['one', 'two']);
    expect(message.header('Subject')).toBeUndefined();
    expect(message.headers('__proto__')).toEqual([]);
  });

  it('finds them however many names came before, and however long they are', () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `X-Odd-${'n'.repeat(index % 90)}-${index}`);
    for (const name of [...names, ...names]) {
      const message = parseMessage(bytes('SIP/2.0 200 OK', `${name.toUpperCase()}: ${name}`, 'cAlL-iD: x@y', '', ''));
      expect(message.header(name)).toBe(name);
      expect(message.header('i')).toBe('x@y');
    }
  });

  it('joins folded lines by one blank (RFC 3261 7.3.1)', () => {
    const message = parseMessage(bytes('SIP/2.0 200 OK', 'Subject: I know  ', '   you are', '\tthere', '', ''));
    expect(message.header('Subject')).toBe('I know you are there');
  });

  it('keeps every byte: latin1 text, and the raw message', () => {
    const raw = bytes('SIP/2.0 200 Größe', 'Subject: 日本', 'Content-Length: 3', '', '日');
    const message = parseMessage(raw);
    expect(Buffer.from(message.header('Subject') ?? '', 'latin1').toString('utf8')).toBe('日本');
    expect(message.body.toString('utf8')).toBe('日');
    expect(message.bytes).toBe(raw);
  });

  it('ends the body at Content-Length', () => {
    expect(parseMessage(bytes('SIP/2.0 200 OK', 'l: 2', '', 'abcdef')).body.toString()).toBe('ab');
    expect(parseMessage(bytes('SIP/2.0 200 OK', 'l: 0', '', 'abcdef')).body.toString()).toBe('');
  });

  it.for(['', 'hello', 'SIP/2.0', 'SIP/2.0 20 OK', 'INVITE sip:b@h', 'GET / HTTP/1.1'])('throws on %j', (line) => {
    expect(() => parseMessage(bytes(line, '', ''))).toThrow(/no SIP message/);
  });
});

const token = fc.stringMatching(/^[A-Za-z][\w.!%*+'~-]{0,15}$/).filter((name) => !/^(l|content-length)$/i.test(name));
/** Any byte of a line, but no blanks at the ends, which belong to nobody. */
const value = fc.uint8Array({ maxLength: 60 }).map((data) =>
  Buffer.from(data)
    .toString('latin1')
    .replace(/[\r\n]/g, '')
    .trim(),
);
const fields = fc.array(fc.record({ name: token, value }), { maxLength: 12 });
const body = fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data));

describe('what is written is read again', () => {
  const withLength = (all: readonly HeaderField[], data: Buffer): HeaderField[] => [
    ...all,
    { name: 'Content-Length', value: String(data.length) },
  ];

  it('for any request', () => {
    fc.assert(
      fc.property(token, fc.stringMatching(/^sip:[!-~]{1,40}$/), fields, body, (method, requestUri, all, data) => {
        const given = withLength(all, data);
        const read = parseMessage(new SipRequest({ method, requestUri }, given, data).bytes);
        expect(read).toMatchObject({ kind: 'request', method, requestUri, problem: undefined });
        expect(read.fields).toEqual(given);
        expect(read.body.equals(data)).toBe(true);
      }),
    );
  });

  it('for any response', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 699 }), value, fields, body, (status, reason, all, data) => {
        const given = withLength(all, data);
        const read = parseMessage(new SipResponse({ status, reason }, given, data).bytes);
        expect(read).toMatchObject({ kind: 'response', status, reason, problem: undefined });
        expect(read.fields).toEqual(given);
        expect(read.body.equals(data)).toBe(true);
      }),
    );
  });

  it('and any bytes are read or refused, never an accident', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (data) => {
        try {
          parseMessage(Buffer.from(data));
        } catch (error) {
          expect(error).toHaveProperty('name', 'MalformedMessageError');
        }
      }),
    );
  });
});
