import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'forward-no-answer',
  title: 'Nobody answers: the call goes to another number',
  feature: 'forwarding',
  subscriber: { ...subscriber, flags: ['enablecf'], lists: ['forwardto'] },
  callee: 'ring',
  caller: 'patient',
  trap: 'forward-target',
  kind: 'diversion',
} satisfies Scenario;
