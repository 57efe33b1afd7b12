import type { Observation } from '../model/observation.ts';
import type { RunHeader } from '../model/results.ts';
import type { Cell } from './plan.ts';

/** A trouble of its own: nothing else is known of the call. */
export const RUN_ENDED_BEFORE = 'the call was not placed: the run ended before';

/** Nobody's fault, the lab's least of all. */
export const CANCELLED_BEFORE = 'cancelled before this call';

/** Why a call of a run that ended so was not placed. */
export function whyNotPlaced(ended: RunHeader['run']['ended']): string {
  return ended === 'cancelled' ? CANCELLED_BEFORE : RUN_ENDED_BEFORE;
}

/** What there is to observe of a call that was never placed. */
export function unplaced(cell: Cell, why: Pick<Observation, 'unplayable' | 'troubles'>): Observation {
  return {
    cell: cell.id,
    startedAtEpochMs: null,
    caller: {
      headersSent: [],
      provisionals: [],
      finalStatus: null,
      answers: [],
      redirections: [],
      finalMs: null,
      cancelledMs: null,
      byeMs: null,
    },
    legs: [],
    misdirected: [],
    notifications: [],
    strays: [],
    headersAtPhone: null,
    window: { endMs: 0, closedMs: null, slackMs: 0 },
    lateMs: 0,
    canary: { trap: cell.scenario.trap, before: null, after: null },
    phoneCanary: { before: null, after: null },
    headerCanary: null,
    unregistered: [],
    messages: [],
    ...why,
  };
}
