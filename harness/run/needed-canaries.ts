/** Which canaries a cell needs. */
import type { Cell } from '../plan/plan.ts';
import type { Canary } from './canary.ts';
import type { CanaryCall } from './canary-caller.ts';

/** It goes to one of these traps, under the policy of this cell. */
export function isFor(cell: Cell, traps: readonly Canary['trap'][], { canary }: CanaryCall): boolean {
  return canary.policy === cell.policy && traps.includes(canary.trap);
}

/** An inbox is filled by the server and by voice mail: both must live. */
export function trapsNeeded(cell: Cell): Canary['trap'][] {
  const { trap, otherTraps = [] } = cell.scenario;
  return [...new Set([trap, ...(trap === 'missed-call-inbox' ? (['voicemail'] as const) : []), ...otherTraps])];
}
