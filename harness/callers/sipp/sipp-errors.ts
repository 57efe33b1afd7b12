import type { ThrownCall } from '../caller.ts';

const ABORTED =
  /(?:(\d{10}\.\d+): )?Aborting call on unexpected message for Call-Id '([^'\r\n]+)'[^\r\n]*?received '([^\r\n]*)/gi;

/** Reads SIPp's `-trace_err` log (3.6.1 to 3.8). What it answers by itself (`-aa`) ends no call. */
export function thrownCalls(log: string): ThrownCall[] {
  return [...log.matchAll(ABORTED)].map(([, seconds, callId = '', message = '']) => ({
    callId,
    atEpochMs: Number(seconds ?? 0) * 1000,
    message,
  }));
}
