import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'voicemail-busy',
  title: 'The phone is busy (486): voice mail takes the call',
  feature: 'voicemail',
  subscriber,
  callee: 'busy',
  caller: 'patient',
  trap: 'voicemail',
  kind: 'diversion',
} satisfies Scenario;
