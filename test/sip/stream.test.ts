import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MessageStream } from '../../harness/sip/stream.ts';

const first = Buffer.from('OPTIONS sip:a SIP/2.0\r\nContent-Length: 5\r\n\r\nh\r\n\r\n');
const second = Buffer.from('SIP/2.0 200 OK\r\nl: 0\r\n\r\n');

it('cuts messages wherever the chunks are split', () => {
  const keepAlive = Buffer.from('\r\n\r\n');
  const whole = Buffer.concat([keepAlive, first, second, keepAlive, first]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 30 }), (cuts) => {
      let pings = 0;
      const stream = new MessageStream(() => pings++);
      const messages: string[] = [];
      let from = 0;
      for (const cut of [...cuts.toSorted((a, b) => a - b), whole.length]) {
        stream.push(whole.subarray(from, cut), (bytes) => messages.push(bytes.toString()));
        from = Math.max(from, cut);
      }
      expect(messages).toEqual([first, second, first].map(String));
      expect(pings).toBe(2);
    }),
  );
});

it('a single line end between messages is no keep-alive (RFC 5626 3.5.1)', () => {
  let pings = 0;
  const stream = new MessageStream(() => pings++);
  for (const chunk of ['\r\n', first, '\r\n', first, '\r', '\n', second]) stream.push(Buffer.from(chunk), () => {});
  expect(pings).toBe(0);
});

it('takes a message byte by byte', () => {
  const stream = new MessageStream();
  const messages: Buffer[] = [];
  for (const byte of first) stream.push(Buffer.of(byte), (bytes) => messages.push(bytes));
  expect(messages.map(String)).toEqual([String(first)]);
});

it.for([
  ['a header section without end', 'X'.repeat(200_000)],
  ['a Content-Length that is no number', 'INVITE sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n'],
  ['a Content-Length beyond reason', 'INVITE sip:a SIP/2.0\r\nContent-Length: 99999999999999999999\r\n\r\n'],
] as const)('breaks on %s and says what it held', ([, text]) => {
  const stream = new MessageStream();
  expect(() => stream.push(Buffer.from(text), () => {})).toThrow(
    expect.objectContaining({ name: 'StreamBrokenError', bytes: Buffer.from(text) }),
  );
});
