import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'voicemail-declined',
  title: 'The callee declines (603): voice mail takes the call',
  feature: 'voicemail',
  subscriber,
  callee: 'decline',
  caller: 'patient',
  trap: 'voicemail',
  kind: 'diversion',
} satisfies Scenario;
