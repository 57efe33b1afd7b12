import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'voicemail-do-not-disturb',
  title: 'The callee does not want to be disturbed: voice mail takes the call at once',
  feature: 'voicemail',
  subscriber: { ...subscriber, doNotDisturb: true },
  callee: 'do-not-disturb',
  caller: 'patient',
  trap: 'voicemail',
  kind: 'diversion',
} satisfies Scenario;
