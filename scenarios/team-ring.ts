import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

/** The team rings along. */
export const teamRingSituations: readonly Scenario[] = [
  {
    id: 'team-ring',
    title: 'The team joins in when the callee has not answered for a while',
    feature: 'team-ring',
    subscriber: { ...subscriber, flags: ['team_ring'], lists: ['team'] },
    callee: 'ring',
    caller: 'patient',
    trap: 'team',
    kind: 'diversion',
  },
];
