import type { Observation } from '../model/observation.ts';
import type { Cell } from './plan.ts';

/** A trouble of its own: nothing else is known of the call. */
export const RUN_ENDED_BEFORE = 'the call was not placed: the run ended before';

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
