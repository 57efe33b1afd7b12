/**
 * Memory grows for half a minute, with the transactions that wait that long for repetitions (RFC 3261 17.2.2, timer J). A run
 * that goes on for longer pays for staying below 600 MB with rate and processor time; a shorter one need not.
 */
const LONG_RUN_CALLS = 20_000;

/** @param calls planned, over all repeats */
export function isLongRun(calls: number): boolean {
  return calls > LONG_RUN_CALLS;
}
