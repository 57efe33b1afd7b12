import type { MessageCount } from '../../harness/endpoints/message-counts.ts';
import { INNER_EVIDENCE, type InnerEvidence } from '../../harness/model/words.ts';
import type { CanaryAnswer } from '../../harness/run/canary-caller.ts';
import type { Fingerprint } from '../../harness/run/fingerprint.ts';
import type { SeenCanary } from '../../harness/run/near-canaries.ts';
import type { CallRecord } from '../../harness/run/observe.ts';
import type { WireMessage } from '../../harness/run/wire-log.ts';
import { canary, message, rangAndRefused, record, START, WINDOW_MS } from './call-record.ts';

export const TALK_MS = 1000;
/** When voice mail takes the call, and when its caller hangs up. */
export const ANSWERED_MS = 605;
export const HUNG_UP_MS = ANSWERED_MS + TALK_MS;
export const END_MS = Math.max(WINDOW_MS, HUNG_UP_MS + 400);

export const OF_VOICEMAIL: Fingerprint = {
  contact: 'sip:192.0.2.1:5060',
  product: 'PBX 1.0',
  tagForm: '8-4',
  origin: '- 192.0.2.1 "PBX"',
  hungUpBy: 'caller',
};
export const OF_PHONE: Fingerprint = { ...OF_VOICEMAIL, contact: 'sip:CALLEE@192.0.2.9:5060', product: 'Phone 2' };

/** A 2xx as whoever has this fingerprint gives it. */
export function answer(atMs: number, print: Fingerprint, from: 'server' | 'phone' = 'server'): WireMessage {
  const [user = '', host = '', session = ''] = print.origin.split(' ');
  const contact = print.contact.replace('CALLEE', 'alice-test-1');
  const head = [
    'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-1',
    'To: <sip:alice-test-1@x>;tag=12345678-1234',
    'From: <sip:c@x>;tag=1',
    'Call-ID: x',
    'CSeq: 1 INVITE',
    `Contact: <${contact}>`,
    `Server: ${print.product}`,
  ].join('\r\n');
  const sdp = `v=0\r\no=${user} 1 1 IN IP4 ${host}\r\ns=${session.replaceAll('"', '')}\r\n`;
  const to = from === 'server' ? ('caller' as const) : ('server' as const);
  return {
    ...message(atMs, from, to, 'SIP/2.0 200 OK', '1 INVITE'),
    toTag: `of-${from}`,
    bytes: Buffer.from(`SIP/2.0 200 OK\r\n${head}\r\n\r\n${sdp}`),
  };
}

export const rang = rangAndRefused.slice(0, -1);
export const bye = (atMs: number, from: 'caller' | 'server' = 'caller'): WireMessage =>
  from === 'caller'
    ? message(atMs, 'caller', 'server', 'BYE sip:x SIP/2.0', '2 BYE')
    : message(atMs, 'server', 'caller', 'BYE sip:x SIP/2.0', '2 BYE');
export const takenByVoicemail = [...rang, answer(ANSWERED_MS, OF_VOICEMAIL), bye(HUNG_UP_MS)];

export const count = (
  by: MessageCount['by'],
  atMs: number,
  messages: number,
  before: number | null = 0,
): MessageCount => ({
  user: 'alice-test-1',
  by,
  atEpochMs: START + atMs,
  before,
  messages,
});
/** Known before the call. */
export const known = [count('mailbox', -50, 0, null), count('message-waiting', -50, 0, null)];
export const looked = count('mailbox', END_MS + 1200, 0);

export interface CanaryOver {
  readonly by?: readonly InnerEvidence[];
  readonly print?: Fingerprint;
  /** Until its message was counted. */
  readonly countedMs?: number;
}

export function toVoicemail(
  sentMs: number,
  { by = INNER_EVIDENCE, print = OF_VOICEMAIL, countedMs = 10 }: CanaryOver,
): SeenCanary {
  const seen = canary(sentMs, by.length === 0 ? null : sentMs + 5);
  const endedEpochMs = START + sentMs + 500;
  const rises = INNER_EVIDENCE.filter((each) => each !== 'fingerprint')
    .filter((each) => by.includes(each))
    .map((each) => ({ ...count(each, 0, 1), atEpochMs: endedEpochMs + countedMs }));
  const given: CanaryAnswer = { atEpochMs: START + sentMs + 5, fingerprint: print, endedEpochMs, rises };
  const call = { ...seen.call, doneEpochMs: endedEpochMs + countedMs, outcome: 'answered', answer: given };
  return { ...seen, call, by };
}

export function toPhone(sentMs: number, print: Fingerprint, earlyMedia = false): SeenCanary {
  const seen = canary(sentMs, sentMs + 5, 'phone');
  const given: CanaryAnswer = { atEpochMs: START + sentMs + 5, fingerprint: print, endedEpochMs: START, rises: [] };
  return { ...seen, call: { ...seen.call, earlyMedia, answer: given } };
}

export interface Lab {
  readonly messages?: readonly WireMessage[];
  readonly counts?: readonly MessageCount[];
  readonly before?: CanaryOver;
  readonly after?: CanaryOver;
  /** Long before. */
  readonly earlier?: CanaryOver;
  readonly phone?: Fingerprint;
  readonly phoneEarlyMedia?: boolean;
  readonly evidence?: readonly InnerEvidence[];
}

export function recordOf(lab: Lab): CallRecord {
  const { messages = rangAndRefused, counts = [...known, looked], before = {}, after = {}, phone = OF_PHONE } = lab;
  return record({
    messages,
    inner: {
      word: { evidence: lab.evidence ?? INNER_EVIDENCE, talkMs: TALK_MS, countedWithinMs: 500 },
      callee: 'alice-test-1',
      counts,
    },
    canaries: [
      ...(lab.earlier === undefined ? [] : [toVoicemail(-90_000, lab.earlier)]),
      toVoicemail(-700, before),
      toPhone(-700, phone, lab.phoneEarlyMedia),
      toVoicemail(END_MS + 1, after),
      toPhone(END_MS + 1, phone, lab.phoneEarlyMedia),
    ],
  });
}
