/** What stays below 600 MB costs a long run rate and processor time; a short one stays there by itself. */

/**
 * Memory grows for half a minute, with the transactions that wait that long for repetitions (RFC 3261 17.2.2, timer J); a run
 * of more calls goes on for longer.
 */
const LONG_RUN_CALLS = 20_000;
/** 4,500 calls need 490 MB when V8 collects at its leisure, 18,000 need 790 MB (measured). */
const LEISURELY_CALLS = 5_000;

/** @param calls planned, over all repeats */
export function isLongRun(calls: number): boolean {
  return calls > LONG_RUN_CALLS;
}

/** Whether V8 must collect what is let go before it thinks it need. */
export function mustCollectEarly(calls: number): boolean {
  return calls > LEISURELY_CALLS;
}
