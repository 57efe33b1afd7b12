import { nowEpochMs } from '../now.ts';
import type { PlacedCell } from './call-groups.ts';
import type { Callees } from './callees.ts';
import type { CallKey } from './identity.ts';
import { calleeOf } from './lodger.ts';
import type { Lodging } from './lodging.ts';
import { TIMER_EARLY_MS, until } from './until.ts';
import type { Witness } from './witness.ts';

/** Between two looks whether a call is over at last. */
const LOOK_AGAIN_MS = 2_000;

export interface GiveBackOptions {
  readonly lodging: Lodging;
  readonly callees: Callees;
  readonly witness: Witness;
  /** Those of these calls that are not over, by all that is on record at this moment. */
  readonly stillOpen: (placed: readonly PlacedCell[]) => Promise<readonly CallKey[]>;
  /** For so long it is waited for that a call is over. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * The windows of these calls are closed. Their accounts are free when the calls are over, at the caller and at every endpoint;
 * those of a call that goes on are nobody's any more.
 *
 * @returns what a reader must know of it
 */
export async function giveBack(placed: readonly PlacedCell[], options: GiveBackOptions): Promise<string[]> {
  const { lodging, callees, witness, stillOpen, timeoutMs, signal } = options;
  const deadlineEpochMs = nowEpochMs() + timeoutMs;
  let open = placed;
  while (open.length > 0 && !signal.aborted) {
    const keys = new Set(await stillOpen(open));
    const over = open.filter(({ key }) => !keys.has(key));
    callees.forget(over);
    lodging.giveBack(over);
    open = open.filter(({ key }) => keys.has(key));
    if (open.length === 0 || nowEpochMs() > deadlineEpochMs) break;
    await until(Math.min(nowEpochMs() + LOOK_AGAIN_MS, deadlineEpochMs + TIMER_EARLY_MS), signal);
    if (!signal.aborted) await witness.freshRound();
  }
  if (open.length === 0 || signal.aborted) return [];
  lodging.abandon(open);
  const users = open.map((each) => calleeOf(each).user).join(', ');
  return [
    `calls to ${users} were not over ${timeoutMs / 1000} s after their windows: nobody else was called there again`,
  ];
}
