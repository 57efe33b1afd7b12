import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

/** A phone outside of the domain rings along. */
export const simultaneousRingSituations: readonly Scenario[] = [
  {
    id: 'simultaneous-ring',
    title: 'A mobile phone rings together with the desk phone',
    feature: 'simultaneous-ring',
    subscriber: { ...subscriber, flags: ['simultaneous_ring'], lists: ['simultaneous_ring'] },
    callee: 'ring',
    caller: 'patient',
    trap: 'simultaneous-ring',
    kind: 'diversion',
  },
];
