import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'voicemail-offline',
  title: 'No phone is registered: voice mail takes the call',
  feature: 'voicemail',
  subscriber,
  callee: 'unregistered',
  caller: 'patient',
  trap: 'voicemail',
  kind: 'diversion',
} satisfies Scenario;
