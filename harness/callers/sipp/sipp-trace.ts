/**
 * Reads SIPp's `-trace_msg` log. Every message stands behind a line of dashes with the date, a line that says which
 * way it went and how many bytes it had, and an empty line. Forms differ by version (measured):
 *
 *   3.6.1, 3.7.3   `----------------------------------------------- 2026-01-31 10:15:02.123456`
 *                  `UDP message received [412] bytes :`  ·  `UDP message sent (412 bytes):`
 *   3.8.0          an ISO stamp with T and Z, `UDP message received [412] bytes:`
 *
 * The byte count, not the text, says where a message ends: a message may hold anything.
 */
import type { CallerMessage } from '../caller.ts';

const HEADING =
  /-{20,} ?(\d{4}-\d{2}-\d{2})[ T\t](\d{2}:\d{2}:\d{2}\.\d+)Z?\r?\n(UDP|TCP|TLS|SCTP)\s+message\s+(sent|received)\s+[[(](\d+)\]?\s*bytes\)?\s*:\r?\n\r?\n/g;

/** Messages in the order of the log. Times are UTC: run SIPp with TZ=UTC. A message cut short by the end of the log is left out. */
export function readSippTrace(log: Buffer): CallerMessage[] {
  const text = log.toString('latin1'); // one character per byte, so that offsets agree
  const messages: CallerMessage[] = [];
  HEADING.lastIndex = 0;
  for (let heading = HEADING.exec(text); heading !== null; heading = HEADING.exec(text)) {
    const [all, date, time, protocol, direction, length] = heading;
    const start = heading.index + all.length;
    const end = start + Number(length);
    if (end > log.length) break;
    messages.push({
      direction: direction === 'sent' ? 'sent' : 'received',
      protocol: protocol === 'TCP' ? 'tcp' : 'udp',
      atEpochMs: epochMs(`${date}`, `${time}`),
      bytes: log.subarray(start, end),
    });
    HEADING.lastIndex = end;
  }
  return messages;
}

/** Keeps the microseconds that Date drops. */
function epochMs(date: string, time: string): number {
  const [seconds = time, fraction = '0'] = time.split('.');
  return Date.parse(`${date}T${seconds}Z`) + Number(`0.${fraction}`) * 1000;
}
