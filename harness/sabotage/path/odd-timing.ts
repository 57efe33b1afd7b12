/** Networks and servers that pass everything on, and not when, how often or in what order others do. All of it is lawful. */
import type { Observation, SeenMessage } from '../../model/observation.ts';
import { noCell } from '../matrix.ts';
import type { Breakage, Sabotage } from '../sabotage.ts';
import { anyCall } from '../seen.ts';
import { counted } from './plain-rules.ts';
import { isToCaller, methodOf, type Rule } from './rule.ts';

const LATE_MS = 300;
/** Longer than a phone takes from INVITE to 180, shorter than one rings. */
const OUT_OF_ORDER_MS = 30;

const isTrying = ({ to, startLine }: SeenMessage): boolean => to === 'caller' && startLine.startsWith('SIP/2.0 100 ');

/** The same bytes came to the same party more than once. */
function cameTwice({ messages }: Observation, to: readonly SeenMessage['to'][], line: RegExp): boolean {
  const raw = messages.filter((each) => to.includes(each.to) && line.test(each.startLine)).map((each) => each.raw);
  return new Set(raw).size < raw.length;
}

/** Its answer stands that much behind the INVITE, whichever it is. */
const isSlow = ({ caller }: Observation): boolean =>
  (caller.provisionals[0]?.atMs ?? caller.finalMs ?? 0) >= 2 * LATE_MS;

/** 30 ms later every second message: whatever was sent in between is there before it. */
function reordered(): Breakage {
  let seen = 0;
  return counted(() => {
    seen += 1;
    return seen % 2 === 0 ? { delayMs: OUT_OF_ORDER_MS } : 'goes on';
  });
}

const withoutTrying: Rule = (message, crossing) =>
  isToCaller(crossing) && message.kind === 'response' && message.status === 100 ? 'is lost' : 'goes on';

const answersDoubled: Rule = (message, crossing) => {
  const answer = message.kind === 'response' && message.status === 200 && methodOf(message) === 'INVITE';
  return answer && isToCaller(crossing) ? { times: 2 } : 'goes on';
};

export const oddTiming: readonly Sabotage[] = [
  {
    id: 'everything-late',
    title: `Every message takes ${LATE_MS} ms to the server and as long away from it.`,
    breaks: 'path',
    meantFor: noCell,
    // A missed call crosses the relay eight times before it is noted. That is beyond the slack, and nobody can tell a long way
    // from a late server: where the caller's own patience ended the call, it is inconclusive.
    lawful: 'nothing-fails',
    once: true, // five rounds, each as late: three minutes
    begin: () => ({ rules: [() => ({ delayMs: LATE_MS })], tookPlace: anyCall(isSlow) }),
  },
  {
    id: 'datagrams-doubled',
    title: 'Every datagram arrives twice.',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: () => ({
      rules: [() => ({ times: 2 })],
      tookPlace: anyCall((seen) => cameTwice(seen, ['phone'], /^INVITE /) && cameTwice(seen, ['caller'], /^SIP/)),
    }),
  },
  {
    id: 'datagrams-reordered',
    title: `Every second datagram arrives ${OUT_OF_ORDER_MS} ms late, behind those that were sent after it.`,
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: reordered,
  },
  {
    id: 'no-trying',
    title:
      'The server does not say 100 Trying (RFC 3261 17.2.1: not needed where something else is said within 200 ms).',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: () => ({
      rules: [withoutTrying],
      tookPlace: (seen) => seen.length > 0 && !seen.some(({ messages }) => messages.some(isTrying)),
    }),
  },
  {
    id: 'answered-twice',
    title: 'The caller gets every 200 to its INVITE twice, as when an ACK was late (RFC 3261 13.3.1.4).',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    calls: { situations: ['voicemail-no-answer', 'forward-no-answer', 'answered-by-callee'], perSecond: 100 },
    begin: () => ({
      rules: [answersDoubled],
      tookPlace: anyCall((seen) => cameTwice(seen, ['caller'], /^SIP\/2.0 200 /)),
    }),
  },
];
