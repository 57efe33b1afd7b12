import type { Reading } from '../../harness/oracle/reading.ts';
import type { Saying } from '../../harness/oracle/saying.ts';

/** Every point of a call that a reading speaks of, but for refusing it outright, by a name such as `callee.ringing`. */
export function points(reading: Reading): Record<string, Saying<unknown>> {
  const { features, askedForVoicemail, callee, unanswered } = reading;
  const under = (group: string, sayings: Readonly<Record<string, Saying<unknown>>>) =>
    Object.entries(sayings).map(([name, each]) => [`${group}.${name}`, each] as const);
  return Object.fromEntries([
    ...under('features', features),
    ['askedForVoicemail', askedForVoicemail],
    ...under('callee', callee),
    ...under('unanswered', unanswered),
  ]);
}

/** The points that are not `otherwise`. */
export function pointsBeside(otherwise: Saying<unknown>, reading: Reading): Record<string, Saying<unknown>> {
  const same = JSON.stringify(otherwise);
  return Object.fromEntries(Object.entries(points(reading)).filter(([, each]) => JSON.stringify(each) !== same));
}
