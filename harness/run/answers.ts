/** Who ended the call, and is that on record? What the caller was told, held against what the endpoints say they did. Pure. */
import type { Answer, Leg, Redirection } from '../model/observation.ts';
import { headerOf, type WireMessage } from './wire-log.ts';

/** By how much SIPp's stamp of what it received may be ahead of the sender's: both read one clock, at two moments. */
const SAME_MOMENT_MS = 50;

/**
 * The 2xx responses to the caller's INVITE, one for each To tag (RFC 3261 13.2.2.4), each with the leg that gave it. A proxy
 * hands the answerer's tag on, so the tag says it exactly; a B2BUA has tags of its own, and then each answer needs a leg that
 * had answered by then and explains no other.
 */
export function answersOf(messages: readonly WireMessage[], startEpochMs: number): Answer[] {
  const toCaller = answersToCaller(messages);
  const given = firstOfTag(messages.filter((each) => isAnswer(each) && each.to === 'server' && each.from !== 'caller'));
  const tags = new Set(toCaller.map(({ toTag }) => toTag));
  const spare = given.filter(({ toTag }) => !tags.has(toTag));
  return toCaller.map((answer): Answer => {
    const atMs = answer.atEpochMs - startEpochMs;
    const same = given.find(({ toTag }) => toTag === answer.toTag);
    if (same !== undefined) return { atMs, by: same.from as Leg['role'], knownBy: 'tag' };
    const at = spare.findIndex(({ atEpochMs }) => atEpochMs <= answer.atEpochMs + SAME_MOMENT_MS);
    const [other] = at === -1 ? [] : spare.splice(at, 1);
    return other === undefined
      ? { atMs, by: null, knownBy: null }
      : { atMs, by: other.from as Leg['role'], knownBy: 'time' };
  });
}

/** The messages of these answers, in the same order. */
export function answersToCaller(messages: readonly WireMessage[]): WireMessage[] {
  return firstOfTag(messages.filter((each) => isAnswer(each) && each.to === 'caller'));
}

/** The leg, with the time of its answer if the caller got none of that role; whose answer it got is not always known, and then without. */
export function withUnheard(
  leg: Leg,
  answers: readonly Answer[],
  { messages, startEpochMs }: { readonly messages: readonly WireMessage[]; readonly startEpochMs: number },
): Leg {
  if (!leg.answered || answers.some(({ by }) => by === leg.role || by === null)) return leg;
  const answer = messages.find((each) => isAnswer(each) && each.from === leg.role && each.callId === leg.callId);
  return answer === undefined ? leg : { ...leg, unheardAnswerMs: answer.atEpochMs - startEpochMs };
}

/** Where the caller was sent: 3xx to the INVITE (RFC 3261 21.3), REFER (RFC 3515). */
export function redirectionsOf(messages: readonly WireMessage[], startEpochMs: number): Redirection[] {
  return messages.flatMap((message): Redirection[] => {
    if (message.to !== 'caller') return [];
    const { status, method, cseqMethod } = message;
    const atMs = message.atEpochMs - startEpochMs;
    if (status !== null && cseqMethod === 'INVITE' && status >= 300 && status < 400) {
      return [{ atMs, by: String(status), to: headerOf(message, 'Contact') }];
    }
    return method === 'REFER' ? [{ atMs, by: 'REFER', to: headerOf(message, 'Refer-To') }] : [];
  });
}

/** To tags that endpoints of the lab have given to this call. */
export function tagsGiven(messages: readonly WireMessage[]): ReadonlySet<string> {
  return new Set(
    messages.flatMap(({ from, status, toTag }) =>
      from !== 'caller' && from !== 'server' && status !== null && toTag !== null ? [toTag] : [],
    ),
  );
}

function isAnswer({ status, cseqMethod }: WireMessage): boolean {
  return cseqMethod === 'INVITE' && status !== null && status >= 200 && status < 300;
}

/** Retransmissions left out. */
function firstOfTag(answers: readonly WireMessage[]): WireMessage[] {
  return [...new Map(answers.toReversed().map((each) => [each.toTag, each])).values()].toReversed();
}
