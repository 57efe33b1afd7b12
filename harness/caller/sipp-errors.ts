/** A call that SIPp gave up because a message came that its script has no place for. */
export interface ThrownCall {
  readonly callId: string;
  /** 0 where the log does not say. */
  readonly atEpochMs: number;
  /** Its first line. */
  readonly message: string;
}

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
