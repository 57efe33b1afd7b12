import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

/** Nobody took the call, and a notice of it is left. */
export const missedCallSituations: readonly Scenario[] = [
  {
    id: 'missed-call-hangup-while-ringing',
    title: 'The caller hangs up while it rings: a missed call is noted',
    feature: 'missed-call-notification',
    // Rings long enough that a busy machine's caller still hangs up in time. Nobody joins in, so the other waits are nobody's.
    subscriber: { ...subscriber, waits: { totalMs: 2400, userMs: 0, team2Ms: 0 } },
    callee: 'ring',
    caller: 'hang-up-while-ringing',
    trap: 'missed-call-inbox',
    kind: 'diversion',
  },
  {
    id: 'missed-call-hangup-in-greeting',
    title: 'The caller hangs up in the greeting of voice mail: a missed call is noted',
    feature: 'missed-call-notification',
    subscriber,
    callee: 'ring',
    caller: 'hang-up-in-greeting',
    trap: 'missed-call-inbox',
    kind: 'diversion',
  },
];
