import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

/** A delegate rings along. */
export const delegateRingSituations: readonly Scenario[] = [
  {
    id: 'delegate-ring',
    title: 'A delegate rings along with the callee',
    feature: 'delegate-ring',
    subscriber: { ...subscriber, flags: ['delegate_ring'], lists: ['delegates'] },
    callee: 'ring',
    caller: 'patient',
    trap: 'delegate',
    kind: 'diversion',
  },
];
