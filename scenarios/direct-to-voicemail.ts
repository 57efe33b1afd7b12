import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'direct-to-voicemail',
  title: 'The caller asks for voice mail: that is no diversion',
  feature: 'voicemail',
  subscriber,
  callee: 'ring',
  caller: 'patient',
  dials: 'voice-mail-gruu',
  trap: 'voicemail',
  kind: 'not-a-diversion',
} satisfies Scenario;
