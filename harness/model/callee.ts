/** What the callee's own phone is told to do, whoever plays it, and whether it did. Pure. */
import type { Leg } from './observation.ts';
import type { PhoneBehaviour, Scenario } from './scenario.ts';
import type { Play } from './words.ts';

/** What each play looks like, for people. */
export const PLAY_NAMES: Readonly<Record<Play, string>> = {
  ring: 'ring unanswered (180)',
  answer: 'answer (200)',
  busy: 'be busy (486)',
  decline: 'decline (603)',
  'decline-everywhere': 'decline everywhere (605)',
  'do-not-disturb': 'refuse to be disturbed (480)',
};

/** Final responses that are the play. RFC 3261 21.6.1: 600 is busy, too. */
const REFUSALS: Readonly<Partial<Record<Play, readonly number[]>>> = {
  busy: [486, 600],
  decline: [603],
  'decline-everywhere': [605],
  'do-not-disturb': [480],
};

/**
 * A leg that was cancelled sooner than this after the phone was to do something says nothing of what it was about to do. Of one that
 * lasted longer it says that the phone was late, and that is not the server's doing: in time, it would have done it. The same goes
 * for an answer that nobody heard any more.
 */
const TOO_SOON_TO_TELL_MS = 200;

export function calleePhone({ subscriber, callee }: Scenario): PhoneBehaviour {
  return subscriber.doNotDisturb && callee !== 'unregistered' ? 'do-not-disturb' : callee;
}

/** null: nobody is there to play. */
export function playOf(behaviour: PhoneBehaviour): Play | null {
  if (behaviour === 'unregistered') return null;
  return typeof behaviour === 'object' ? 'answer' : behaviour;
}

/** From the first ringing to the answer. 0 for whoever does not answer. */
export function answerAfterMs(behaviour: PhoneBehaviour): number {
  return typeof behaviour === 'object' ? behaviour.answerAfterMs : 0;
}

/** From its INVITE: whoever has not answered by then, and was to, is late. null: it was not to answer. */
export function answersWithinMs(behaviour: PhoneBehaviour): number | null {
  return playOf(behaviour) === 'answer' ? answerAfterMs(behaviour) + TOO_SOON_TO_TELL_MS : null;
}

/**
 * A call in which the callee's phone did something else proves nothing of the situation: what happened then may be right
 * for another one.
 *
 * @returns one clause; null when it did as it was told, or was not asked
 */
export function misplay(behaviour: PhoneBehaviour, legs: readonly Leg[]): string | null {
  const play = playOf(behaviour);
  if (play === null) return null;
  const phones = legs.filter(({ role }) => role === 'phone');
  // RFC 3261 8.2.2.2: a call that a proxy sends by two ways to one phone is refused the second time.
  const whole = phones.filter(({ status }) => status !== 482);
  for (const leg of whole.length === 0 ? phones : whole) {
    const seen = otherThan(play, answerAfterMs(behaviour), leg);
    if (seen !== null) return `the callee's phone was to ${PLAY_NAMES[play]}, but ${seen}`;
  }
  return null;
}

function otherThan(play: Play, dueMs: number, leg: Leg): string | null {
  const lastedMs = leg.endMs === null ? null : Math.round(leg.endMs - leg.startMs);
  if (leg.result === 'answered') return play === 'answer' ? unheard(dueMs, leg) : 'it answered';
  if (leg.result === 'refused') {
    if (leg.status === null) return 'it refused, with what is not on record';
    return REFUSALS[play]?.includes(leg.status) ? null : `it refused with ${leg.status}`;
  }
  // Cancelled, or never ended: it has done nothing yet but ring, which may be what it was to do.
  const tooSoon = (toActMs: number): boolean => lastedMs !== null && lastedMs <= toActMs + TOO_SOON_TO_TELL_MS;
  if (tooSoon(0)) return null;
  const lasting = lastedMs === null ? 'to the end' : `for ${lastedMs} ms`;
  if (!leg.rang) return `it was silent ${lasting}`;
  return play === 'ring' || tooSoon(dueMs) ? null : `it only rang ${lasting}`;
}

/** One in time that the caller never got was lost by the server. */
function unheard(dueMs: number, { startMs, unheardAnswerMs }: Leg): string | null {
  if (unheardAnswerMs === undefined) return null;
  const afterMs = Math.round(unheardAnswerMs - startMs);
  if (afterMs <= dueMs + TOO_SOON_TO_TELL_MS) return null;
  return `it did so only after ${afterMs} ms, when it was not heard any more`;
}
