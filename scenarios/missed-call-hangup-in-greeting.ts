import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'missed-call-hangup-in-greeting',
  title: 'The caller hangs up in the greeting of voice mail: a missed call is noted',
  feature: 'missed-call-notification',
  subscriber,
  callee: 'ring',
  caller: 'hang-up-in-greeting',
  trap: 'missed-call-inbox',
  kind: 'diversion',
} satisfies Scenario;
