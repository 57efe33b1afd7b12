import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

/** A delegate rings along, or in the callee's place. */
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
  {
    // Whether a call that is kept from the delegates rings the callee tells `rgs-2009` apart: see docs/decisions.md.
    id: 'delegates-only',
    title: "Calls ring the callee's delegates only: a delegate takes the call",
    feature: 'delegate-ring',
    subscriber: { ...subscriber, flags: ['delegate_ring', 'skip_primary'], lists: ['delegates'] },
    callee: 'ring',
    caller: 'patient',
    trap: 'delegate',
    kind: 'diversion',
  },
];
