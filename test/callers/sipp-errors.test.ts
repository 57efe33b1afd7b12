import { describe, expect, it } from 'vitest';
import { thrownCalls } from '../../harness/callers/sipp/sipp-errors.ts';

/** As SIPp 3.6.1 writes it: a quote stands where a message ends, in front of the next date. */
const LOG = [
  'The following events occurred:',
  "2026-11-26\t19:36:55.951691\t1795721815.951691: Aborting call on unexpected message for Call-Id 'kg2-patient-1@127.0.0.9': while expecting '100' (index 1), received 'SIP/2.0 180 Ringing",
  'Via: SIP/2.0/UDP 127.0.0.9:53315',
  '',
  "'2026-11-26\t19:36:55.953094\t1795721815.953094: Dead call kg2-patient-1@127.0.0.9 (aborted at index 1), received 'SIP/2.0 200 canceling",
  '',
  "'2026-11-26\t19:36:56.400000\t1795721816.400000: Automatic response mode for an unexpected INFO, NOTIFY, OPTIONS or UPDATE for call: kg2-patient-2@127.0.0.92026-11-26\t19:36:56.500000\t1795721816.500000: Aborting call on unexpected message for Call-Id 'kg2-patient-3@127.0.0.9': while pausing (index 9), received 'BYE sip:x SIP/2.0",
].join('\r\n');

describe('calls that SIPp gave up', () => {
  it('are found with their time and what they were given up for; those that go on are not', () => {
    expect(thrownCalls(LOG)).toEqual([
      { callId: 'kg2-patient-1@127.0.0.9', atEpochMs: 1795721815951.691, message: 'SIP/2.0 180 Ringing' },
      { callId: 'kg2-patient-3@127.0.0.9', atEpochMs: 1795721816500, message: 'BYE sip:x SIP/2.0' },
    ]);
  });

  it('have no time where the log says none', () => {
    const line = "Aborting call on unexpected message for Call-ID 'a@b': while x, received 'SIP/2.0 299 Odd";
    expect(thrownCalls(line)).toEqual([{ callId: 'a@b', atEpochMs: 0, message: 'SIP/2.0 299 Odd' }]);
    expect(thrownCalls('')).toEqual([]);
  });
});
