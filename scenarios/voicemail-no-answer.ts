import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'voicemail-no-answer',
  title: 'Nobody answers: voice mail takes the call',
  feature: 'voicemail',
  subscriber,
  callee: 'ring',
  caller: 'patient',
  trap: 'voicemail',
  kind: 'diversion',
} satisfies Scenario;
