/** Relays that strip, add, lose and hold. */

import { linesNamed } from '../../model/header-lines.ts';
import { type SipMessage, SipRequest } from '../../sip/index.ts';
import { systemClock } from '../../sip/timers.ts';
import { isCanary, isMarked, MarkedCalls, withoutInhibitors } from '../marked-calls.ts';
import { keptFrom, keptFromDiversion, keptWhileWaiting, noCell, VARIANT_HEADERS } from '../matrix.ts';
import type { Breakage, Sabotage } from '../sabotage.ts';
import { diverted } from '../seen.ts';
import { type Crossing, methodOf, type Rule } from './rule.ts';

/** Every nth datagram: 5 %, and the same ones in every run as far as the traffic is. */
const LOSES_EVERY = 20;
/** A little more than a caller's patience in the situations of this matrix. */
const HELD_MS = 2450;

/** Requests of the caller's side lose the header; whoever looks at the caller's own record finds it there. */
export function stripHeader(): Rule {
  return (message, { front, fromServer }) => {
    if (front !== 'server' || fromServer || message.kind === 'response') return 'goes on';
    const stripped = withoutInhibitors(message);
    return stripped === null ? 'goes on' : { instead: stripped };
  };
}

/** The rule, and whether it has done anything. */
export function counted(rule: Rule, ...others: readonly Rule[]): Breakage {
  let acts = 0;
  const counting: Rule = (message, crossing) => {
    const disposition = rule(message, crossing);
    if (disposition !== 'goes on') acts += 1;
    return disposition;
  };
  return { rules: [counting, ...others], tookPlace: () => acts > 0 };
}

const isInviteTo = (message: SipMessage, { front, fromServer }: Crossing): message is SipRequest =>
  front === 'voicemail' && fromServer && message.kind === 'request' && message.method === 'INVITE';

/** Loses INVITEs to voice mail of calls with the header, which it strips so that there are some. */
function cutOff(): Breakage {
  const marked = new MarkedCalls();
  const strip = stripHeader();
  return counted(
    (message, crossing) => (marked.has(message) && isInviteTo(message, crossing) ? 'is lost' : 'goes on'),
    strip,
  );
}

/** The same, and every other call comes to voice mail T1 later (RFC 3261 17.1.1.2): its INVITE is lost once. */
function cutOffBesideLosses(): Breakage {
  const marked = new MarkedCalls();
  const lostOnce = new Set<string>();
  return counted((message, crossing) => {
    const isMarkedCall = marked.has(message);
    if (!isInviteTo(message, crossing) || isCanary(message)) return 'goes on';
    const callId = message.header('Call-ID') ?? '';
    if (!isMarkedCall && lostOnce.has(callId)) return 'goes on';
    lostOnce.add(callId);
    return 'is lost';
  }, stripHeader());
}

function addToControls(): Breakage {
  return counted((message, { front, fromServer }) => {
    const concerned = front === 'server' && !fromServer && message.kind === 'request' && message.method === 'INVITE';
    if (!concerned || isCanary(message)) return 'goes on';
    if (linesNamed(message.bytes.toString('latin1'), VARIANT_HEADERS).length > 0) return 'goes on';
    const fields = [...message.fields, { name: 'Ms-Target-Class', value: 'secondary' }];
    return { instead: new SipRequest(message, fields, message.body) };
  });
}

function freeze(): Breakage {
  let untilEpochMs: number | null = null;
  const strip = stripHeader();
  return counted((message) => {
    const nowEpochMs = systemClock.nowEpochMs();
    if (untilEpochMs === null && isMarked(message)) {
      untilEpochMs = nowEpochMs + HELD_MS;
      return 'goes on'; // this call is under way when the path stands still
    }
    return untilEpochMs !== null && nowEpochMs < untilEpochMs ? { heldUntilEpochMs: untilEpochMs } : 'goes on';
  }, strip);
}

function lose(): Breakage {
  let seen = 0;
  return counted(() => {
    seen += 1;
    return seen % LOSES_EVERY === 0 ? 'is lost' : 'goes on';
  });
}

/** What a phone sends again T1 and then 2 T1 later (RFC 3261 13.3.1.4). */
const ANSWERS_LOST = 2;

function loseAnswers(): Breakage {
  const lost = new Map<string, number>();
  return counted((message, { front, fromServer }) => {
    const isAnswer = message.kind === 'response' && message.status >= 200 && message.status < 300;
    if (front !== 'phone' || fromServer || !isAnswer || methodOf(message) !== 'INVITE') return 'goes on';
    if (isCanary(message)) return 'goes on';
    const callId = message.header('Call-ID') ?? '';
    const before = lost.get(callId) ?? 0;
    if (before === ANSWERS_LOST) return 'goes on';
    lost.set(callId, before + 1);
    return 'is lost';
  });
}

export const plainPaths: readonly Sabotage[] = [
  {
    id: 'relay-that-passes-everything',
    title: 'A relay stands in every path and changes nothing.',
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: () => {
      let passed = 0;
      const count: Rule = () => {
        passed += 1;
        return 'goes on';
      };
      return { rules: [count], tookPlace: () => passed > 0 };
    },
  },
  {
    id: 'path-loses-datagrams',
    title: `The path loses every ${LOSES_EVERY}th datagram.`,
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-fails',
    // Where SIP makes up for a loss in time. A 180 is never sent again, so who hangs up on it may not; and a phone that is
    // alone for less than T1 (500 ms) may not ring at all. Nobody can tell that from a server that passed it over.
    calls: { situations: ['voicemail-no-answer', 'forward-no-answer', 'answered-by-callee'], perSecond: 100 },
    begin: lose,
  },
  {
    id: 'path-loses-answers',
    title: "Two answers of each callee's phone are lost, so that the third comes when the server has given it up.",
    breaks: 'path',
    meantFor: noCell,
    lawful: 'nothing-fails',
    calls: { situations: ['answered-by-callee'], perSecond: 100 },
    begin: loseAnswers,
  },
  {
    id: 'header-lost-on-the-path',
    title: 'The header leaves the caller and does not arrive at the server.',
    breaks: 'path',
    meantFor: keptFromDiversion,
    begin: () => ({ rules: [stripHeader()], tookPlace: diverted }),
  },
  {
    id: 'header-on-the-control',
    title: 'On the path the header is added to the control as well.',
    breaks: 'path',
    meantFor: keptFromDiversion,
    begin: addToControls,
  },
  {
    id: 'voice-mail-cut-off',
    title: 'No INVITE arrives at voice mail.',
    breaks: 'path',
    meantFor: keptFrom('voicemail', 'missed-call-inbox'),
    begin: () => counted((message, crossing) => (isInviteTo(message, crossing) ? 'is lost' : 'goes on')),
  },
  {
    id: 'voice-mail-cut-off-from-calls-with-the-header',
    title: 'Calls with the header are diverted, and only their INVITEs do not arrive at voice mail.',
    breaks: 'path',
    meantFor: keptFrom('voicemail'),
    begin: cutOff,
  },
  {
    id: 'voice-mail-cut-off-where-it-is-late',
    title: 'Calls with the header do not arrive at voice mail, to which they are diverted, and all others arrive late.',
    breaks: 'path',
    meantFor: keptFrom('voicemail'),
    calls: { situations: ['voicemail-no-answer', 'answered-by-callee'], perSecond: 100 },
    begin: cutOffBesideLosses,
  },
  {
    id: 'path-frozen',
    title: `The header is lost, and once a call with it is under way the path stands still for ${HELD_MS / 1000} s.`,
    breaks: 'path',
    once: true,
    meantFor: keptWhileWaiting,
    // One call after the other, so that the control is over when the path stands still.
    calls: { situations: ['voicemail-no-answer'], perSecond: 1 },
    begin: freeze,
  },
];
