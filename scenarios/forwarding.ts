import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

/** The call goes to another number. */
export const forwardingSituations: readonly Scenario[] = [
  {
    id: 'forward-no-answer',
    title: 'Nobody answers: the call goes to another number',
    feature: 'forwarding',
    subscriber: { ...subscriber, flags: ['enablecf'], lists: ['forwardto'] },
    callee: 'ring',
    caller: 'patient',
    trap: 'forward-target',
    kind: 'diversion',
  },
  {
    id: 'forward-immediate',
    title: 'All calls go straight to another number',
    feature: 'forwarding',
    subscriber: { ...subscriber, flags: ['forward_immediate', 'enablecf'], lists: ['forwardto'] },
    callee: 'ring',
    caller: 'patient',
    trap: 'forward-target',
    kind: 'diversion',
  },
];
