import type { Scenario } from '../harness/model/scenario.ts';
import { subscriber } from './subscriber.ts';

/** Nobody takes the call, and the caller waits. Every situation says what differs. */
const voicemail = {
  feature: 'voicemail',
  subscriber,
  callee: 'ring',
  caller: 'patient',
  trap: 'voicemail',
  kind: 'diversion',
} satisfies Partial<Scenario>;

/** Voice mail takes the call, for one reason or another; last, two calls in which nothing diverts. */
export const voicemailSituations: readonly Scenario[] = [
  {
    ...voicemail,
    id: 'voicemail-no-answer',
    title: 'Nobody answers: voice mail takes the call',
  },
  {
    ...voicemail,
    id: 'voicemail-busy',
    title: 'The phone is busy (486): voice mail takes the call',
    callee: 'busy',
  },
  {
    ...voicemail,
    id: 'voicemail-declined',
    title: 'The callee declines (603): voice mail takes the call',
    callee: 'decline',
  },
  {
    ...voicemail,
    id: 'voicemail-offline',
    title: 'No phone is registered: voice mail takes the call',
    callee: 'unregistered',
  },
  {
    ...voicemail,
    id: 'voicemail-do-not-disturb',
    title: 'The callee does not want to be disturbed: voice mail takes the call at once',
    subscriber: { ...subscriber, doNotDisturb: true },
    callee: 'do-not-disturb',
  },
  {
    ...voicemail,
    id: 'voicemail-immediate',
    title: 'All calls go straight to voice mail',
    subscriber: { ...subscriber, flags: ['forward_immediate'] },
  },
  {
    ...voicemail,
    id: 'answered-by-callee',
    title: 'The callee answers: no header may get in the way',
    // Rings long enough that a busy machine's phone still answers in time: it is not the timer that is asked about. Nobody
    // joins in, so the other waits are nobody's.
    subscriber: { ...subscriber, waits: { totalMs: 2400, userMs: 0, team2Ms: 0 } },
    callee: { answerAfterMs: 150 },
    kind: 'over-blocking',
  },
  {
    ...voicemail,
    id: 'direct-to-voicemail',
    title: 'The caller asks for voice mail: that is no diversion',
    dials: 'voice-mail-gruu',
    kind: 'not-a-diversion',
  },
];
