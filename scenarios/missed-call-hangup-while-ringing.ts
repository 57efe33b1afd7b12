import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'missed-call-hangup-while-ringing',
  title: 'The caller hangs up while it rings: a missed call is noted',
  feature: 'missed-call-notification',
  subscriber: { ...subscriber, waits: { ...subscriber.waits, totalMs: 4000 } },
  callee: 'ring',
  caller: 'hang-up-while-ringing',
  trap: 'missed-call-inbox',
  kind: 'diversion',
} satisfies Scenario;
