/** What was noted of a call: requests outside of it that name it, and what voice mail filed. Pure. */
import type { MailboxEntry } from '../endpoints/voicemail.ts';
import type { Notification } from '../model/observation.ts';
import { LATE_STAMP_MS } from './clocks.ts';
import { headerOf, type WireMessage } from './wire-log.ts';

/** Part of a call, or a question that notes nothing. */
const NO_NOTICE: ReadonlySet<string> = new Set([
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'PRACK',
  'UPDATE',
  'REFER',
  'OPTIONS',
  'REGISTER',
  'SUBSCRIBE',
]);

/**
 * A missed call may be noted in any form: MESSAGE or NOTIFY, in the callee's mailbox or another, to voice mail or to a
 * phone. Whatever came from the server outside of the call's dialogs and names the call counts: as a missed call where its
 * `Event` says so, else as `other`.
 *
 * @param inside voice mail is inside of the server: that messages wait, the server itself has to tell
 * @param mailbox what voice mail filed of this call. The server's notices in it count where the wire record has none, so
 *   that a record with a hole in it hides nothing.
 */
export function notificationsOf(
  messages: readonly WireMessage[],
  mailbox: readonly MailboxEntry[],
  startEpochMs: number,
  inside = false,
): Notification[] {
  const onWire = noticesOnWire(messages, startEpochMs, inside);
  const filed = mailbox
    .filter(({ by }) => by === 'voicemail' || !onWire.some(({ kind }) => kind === 'missed-call'))
    .map(({ kind, by, atEpochMs, callId }): Notification => ({ kind, by, atMs: atEpochMs - startEpochMs, callId }));
  // What a server tells phones before the call (that no message waits, who else is there) is not about it.
  return [...onWire, ...filed]
    .filter(({ kind, by, atMs }) => kind === 'missed-call' || by === 'voicemail' || atMs >= -LATE_STAMP_MS)
    .toSorted((a, b) => a.atMs - b.atMs);
}

function noticesOnWire(messages: readonly WireMessage[], startEpochMs: number, inside: boolean): Notification[] {
  const dialogs = new Set(
    messages
      .filter(({ cseqMethod }) => cseqMethod === 'INVITE')
      .map(({ callId, to, from }) => `${callId} ${to}${from}`),
  );
  const seen = new Set<string>();
  return messages.flatMap((message): Notification[] => {
    const { method, from, to, callId, cseq } = message;
    if (method === null || from !== 'server' || to === 'caller' || NO_NOTICE.has(method)) return [];
    if (dialogs.has(`${callId} ${to}${from}`) || seen.has(`${to} ${callId} ${cseq}`)) return [];
    seen.add(`${to} ${callId} ${cseq}`);
    if (isOwnMessageWaiting(message, messages)) return [];
    const event = headerOf(message, 'Event').split(';', 1)[0]?.trim().toLowerCase();
    const missed = event === 'missed-call';
    const usual = missed && method === 'MESSAGE' && to === 'voicemail';
    return [
      {
        kind: missed ? 'missed-call' : inside && isMessageSummary(message) ? 'voice-message' : 'other',
        by: 'server',
        atMs: message.atEpochMs - startEpochMs,
        callId: /^call-id:\s*(\S+)/im.exec(bodyOf(message))?.[1] ?? null,
        ...(!usual && { form: `${method} at ${to}` }),
      },
    ];
  });
}

/** Voice mail tells the callee's phone through the server that a message waits (RFC 3842): the lab's own, passed on. */
function isOwnMessageWaiting(message: WireMessage, messages: readonly WireMessage[]): boolean {
  if (message.method !== 'NOTIFY' || !isMessageSummary(message)) return false;
  if (/^messages-waiting:\s*no\b/im.test(bodyOf(message))) return true;
  return messages.some(
    (own) =>
      own.from === 'voicemail' &&
      own.method === 'NOTIFY' &&
      isMessageSummary(own) &&
      own.atEpochMs <= message.atEpochMs,
  );
}

function isMessageSummary(message: WireMessage): boolean {
  return /^message-summary\b/i.test(headerOf(message, 'Event'));
}

function bodyOf({ bytes }: WireMessage): string {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  return end === -1 ? '' : text.slice(end + 4);
}
