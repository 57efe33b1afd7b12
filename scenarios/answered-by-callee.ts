import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'answered-by-callee',
  title: 'The callee answers: no header may get in the way',
  feature: 'voicemail',
  subscriber,
  callee: { answerAfterMs: 150 },
  caller: 'patient',
  trap: 'voicemail',
  kind: 'over-blocking',
} satisfies Scenario;
