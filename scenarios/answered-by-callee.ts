import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

export default {
  id: 'answered-by-callee',
  title: 'The callee answers: no header may get in the way',
  feature: 'voicemail',
  // Rings long enough that a busy machine's phone still answers in time: it is not the timer that is asked about. Nobody
  // joins in, so the other waits are nobody's.
  subscriber: { ...subscriber, waits: { totalMs: 2400, userMs: 0, team2Ms: 0 } },
  callee: { answerAfterMs: 150 },
  caller: 'patient',
  trap: 'voicemail',
  kind: 'over-blocking',
} satisfies Scenario;
