import { describe, expect, it } from 'vitest';
import { readSippTrace } from '../../harness/callers/sipp/sipp-trace.ts';

const message = 'OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n';
const dashes = '-'.repeat(47);

describe('readSippTrace', () => {
  it.for([
    [
      '3.6.1',
      `${dashes} 2026-01-31 10:15:02.123456\nUDP message sent (${message.length} bytes):\n\n${message}\n`,
      'sent',
    ],
    [
      '3.7.3',
      `${dashes} 2026-01-31 10:15:02.123456\nUDP message received [${message.length}] bytes :\n\n${message}\n`,
      'received',
    ],
    [
      '3.8.0',
      `${dashes} 2026-01-31T10:15:02.123456Z\nUDP message received [${message.length}] bytes:\n\n${message}\n`,
      'received',
    ],
  ] as const)('reads the form of SIPp %s', ([, log, direction]) => {
    const [read] = readSippTrace(Buffer.from(log));
    expect(read).toMatchObject({ direction, protocol: 'udp' });
    expect(read?.bytes.toString()).toBe(message);
    expect(read?.atEpochMs).toBeCloseTo(Date.UTC(2026, 0, 31, 10, 15, 2) + 123.456, 3);
  });

  it('takes a message by its length, whatever it holds', () => {
    const nested = `X: ${dashes} 2026-01-31 10:15:02.1\nUDP message sent (3 bytes):\n\nabc`;
    const log = `${dashes} 2026-01-31 10:15:02.5\nUDP message received [${nested.length}] bytes :\n\n${nested}\n`;
    expect(readSippTrace(Buffer.from(log)).map((each) => each.bytes.toString())).toEqual([nested]);
  });

  it('leaves out a message that the end of the log cuts short', () => {
    const log = `${dashes} 2026-01-31 10:15:02.5\nUDP message sent (900 bytes):\n\nINVITE`;
    expect(readSippTrace(Buffer.from(log))).toEqual([]);
  });

  it('keeps bytes that are no UTF-8', () => {
    const bytes = Buffer.from([0xff, 0x00, 0xfe]);
    const log = Buffer.concat([
      Buffer.from(`${dashes} 2026-01-31 10:15:02.5\nTCP message received [3] bytes :\n\n`),
      bytes,
    ]);
    expect(readSippTrace(log)).toMatchObject([{ protocol: 'tcp', bytes }]);
  });
});
