import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'answered-by-callee',
  title: 'The callee answers: no header may get in the way',
  feature: 'voicemail',
  // Rings long enough that a busy machine's phone still answers in time: it is not the timer that is asked about.
  subscriber: { ...subscriber, waits: { ...subscriber.waits, totalMs: 3000 } },
  callee: { answerAfterMs: 150 },
  caller: 'patient',
  trap: 'voicemail',
  kind: 'over-blocking',
} satisfies Scenario;
