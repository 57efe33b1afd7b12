import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'voicemail-immediate',
  title: 'All calls go straight to voice mail',
  feature: 'voicemail',
  subscriber: { ...subscriber, flags: ['forward_immediate'] },
  callee: 'ring',
  caller: 'patient',
  trap: 'voicemail',
  kind: 'diversion',
} satisfies Scenario;
