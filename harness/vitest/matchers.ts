import { type Message, methodOf, statusOf } from '../ladder/message.ts';
import { parseMessage } from '../sip/index.ts';
import { SipCall } from './call.ts';
import { callLadder } from './call-ladder.ts';
import { SipPeer } from './peer.ts';

interface MatcherState {
  readonly isNot: boolean;
}

interface Matched {
  readonly pass: boolean;
  readonly message: () => string;
}

/** Values of header fields, whole or by pattern. */
export type ExpectedHeaders = Readonly<Record<string, string | RegExp>>;

/** For `expect.extend`. What cannot be told fails, also behind `not`. */
export const callMatchers = {
  /**
   * No INVITE of the call came to that peer, and one would have been seen: a call without some of its header fields came to it
   * before, in the same test, and the peer answered afterwards.
   */
  toBeKeptOutOf(this: MatcherState, received: unknown, peer: string): Matched {
    const call = aCall(received, peer);
    const reachedMs = call.reachedMs(peer);
    const control = call.controlFor(peer);
    const pass = reachedMs === null && !call.cameLate(peer);
    const doubt = pass ? doubtOf(call, peer, control) : null;
    if (doubt !== null) throw unproven(call, doubt);
    const how = reachedMs === null ? 'after its end' : `${Math.round(reachedMs)} ms after it began`;
    return {
      pass,
      message: () =>
        this.isNot
          ? told(call, `to come to ${peer}, and it was kept out`, control)
          : told(call, `to be kept out of ${peer}, but an INVITE came to it ${how}`, control),
    };
  },

  /** An INVITE of the call came to that peer. */
  toHaveReached(this: MatcherState, received: unknown, peer: string): Matched {
    const call = aCall(received, peer);
    if (this.isNot)
      throw new Error(`that a call did not come to ${peer} wants proof: expect(call).toBeKeptOutOf('${peer}')`);
    const pass = call.reachedMs(peer) !== null;
    return { pass, message: () => told(call, `to come to ${peer}, but no INVITE did`) };
  },

  /** The peer rang in this call; without a name, the caller was told that somebody rings. Of a peer: it rang in this test. */
  toHaveRung(this: MatcherState, received: unknown, peer?: string): Matched {
    if (received instanceof SipPeer) {
      const pass = received.sent.some(
        (message) => methodOf(message) === 'INVITE' && (statusOf(message) ?? 0) > 100 && (statusOf(message) ?? 0) < 200,
      );
      return {
        pass,
        message: () =>
          `expected ${received.name} ${this.isNot ? 'not ' : ''}to have rung; it sent:\n${listed(received.sent)}`,
      };
    }
    const call = aCall(received, peer);
    if (peer === undefined) {
      return {
        pass: call.heardRinging(),
        message: () => told(call, `${this.isNot ? 'not ' : ''}to have rung, as its caller was told`),
      };
    }
    if (this.isNot && !call.aliveAfter.has(peer))
      throw unproven(call, `tells nothing: ${peer} did not answer an OPTIONS afterwards`);
    return { pass: call.rang(peer), message: () => told(call, `${this.isNot ? 'not ' : ''}to have rung at ${peer}`) };
  },

  /** The caller of the call, or the peer, sent such a request, or a response with that status. */
  toHaveSent(this: MatcherState, received: unknown, what: string | number, headers: ExpectedHeaders = {}): Matched {
    const call = received instanceof SipCall ? received : null;
    const sent = sentBy(received);
    const pass = sent.some((message) => isOf(message, what) && hasAll(message, headers));
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const wanted = `${this.isNot ? 'not ' : ''}to have sent ${what}${fields.length === 0 ? '' : ` with ${fields.join(', ')}`}`;
    return {
      pass,
      message: () =>
        call === null
          ? `expected ${(received as SipPeer).name} ${wanted}; it sent:\n${listed(sent)}`
          : told(call, wanted),
    };
  },
};

/** What {@link callMatchers} add to `expect`. */
export interface CallMatchers<R> {
  /** No INVITE of the call came to that peer, and one would have been seen. */
  toBeKeptOutOf(peer: string): R;
  /** An INVITE of the call came to that peer. */
  toHaveReached(peer: string): R;
  /** The peer rang in this call; without a name, the caller was told that somebody rings. Of a peer: it rang in this test. */
  toHaveRung(peer?: string): R;
  /** The caller of the call, or the peer, sent such a request, or a response with that status. */
  toHaveSent(what: string | number, headers?: ExpectedHeaders): R;
}

/** Why it says nothing that nobody came to the peer; null: it is proven. */
function doubtOf(call: SipCall, peer: string, control: SipCall | null): string | null {
  const { finalStatus, cancelledMs, aliveAfter } = call;
  if (finalStatus === null) return 'was neither answered nor refused, so nobody knows where it went';
  if (finalStatus === 408 || (finalStatus >= 500 && finalStatus < 600)) {
    return `ended with ${finalStatus}: where a server fails, no header has kept anything out`;
  }
  if (!aliveAfter.has(peer)) return `looks like one to a dead peer: ${peer} did not answer an OPTIONS afterwards`;
  const reachedMs = control?.reachedMs(peer) ?? null;
  if (reachedMs === null) {
    return `shows nothing of its headers: no call before it, to the same URI and without some of them, came to ${peer}. Place that one first`;
  }
  if (cancelledMs !== null && cancelledMs < reachedMs + SLACK_MS) {
    return `was given up ${Math.round(cancelledMs)} ms after it began, and the control came to ${peer} after ${Math.round(reachedMs)} ms: give it more patienceMs`;
  }
  return null;
}

/** By so much, what a caller waits for may come later than in the control. */
const SLACK_MS = 500;

function aCall(received: unknown, peer: string | undefined): SipCall {
  if (!(received instanceof SipCall)) throw new TypeError('it takes a call: const call = await peer.call(...)');
  const others = received.lanes.slice(2);
  if (peer !== undefined && !others.includes(peer)) {
    throw new TypeError(
      `there was no peer "${peer}" when the call was placed; there was: ${others.join(', ') || 'none'}`,
    );
  }
  return received;
}

function sentBy(received: unknown): readonly Message[] {
  if (received instanceof SipPeer) return received.sent;
  if (received instanceof SipCall) return received.messages.filter(({ from }) => from === received.caller);
  throw new TypeError('it takes a call or a peer');
}

function isOf(message: Message, what: string | number): boolean {
  return typeof what === 'number'
    ? statusOf(message) === what
    : statusOf(message) === null && message.startLine.startsWith(`${what} `);
}

function hasAll({ raw }: Message, headers: ExpectedHeaders): boolean {
  const message = parseMessage(Buffer.from(raw, 'latin1'));
  return Object.entries(headers).every(([name, wanted]) =>
    message.headers(name).some((value) => (typeof wanted === 'string' ? value === wanted : wanted.test(value))),
  );
}

function listed(messages: readonly Message[]): string {
  return messages.length === 0 ? '  nothing' : messages.map(({ startLine }) => `  ${startLine}`).join('\n');
}

function told(call: SipCall, wanted: string, control: SipCall | null = null): string {
  return `expected the call ${wanted}\n\n${callLadder(call, control)}`;
}

function unproven(call: SipCall, why: string): Error {
  return new Error(`not proven: the call ${why}\n\n${callLadder(call)}`);
}
