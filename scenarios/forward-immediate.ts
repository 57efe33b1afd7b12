import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'forward-immediate',
  title: 'All calls go straight to another number',
  feature: 'forwarding',
  subscriber: { ...subscriber, flags: ['forward_immediate', 'enablecf'], lists: ['forwardto'] },
  callee: 'ring',
  caller: 'patient',
  trap: 'forward-target',
  kind: 'diversion',
} satisfies Scenario;
