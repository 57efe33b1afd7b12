import type { SeenMessage } from '../model/observation.ts';

/** A message on record. Its roles are any words: a record may name one that this program does not know. */
export type Message = Omit<SeenMessage, 'from' | 'to'> & { readonly from: string; readonly to: string };

export type Tone = 'request' | 'provisional' | 'success' | 'refusal';

/** @returns null: a request */
export function statusOf({ startLine }: Message): number | null {
  const status = /^SIP\/2\.0 (\d{3})\b/.exec(startLine)?.[1];
  return status === undefined ? null : Number(status);
}

/** Of the transaction: a 200 to BYE is `BYE`. */
export function methodOf({ cseq, startLine }: Message): string {
  return cseq.split(' ')[1] ?? startLine.split(' ')[0] ?? '';
}

export function isInviteRequest(message: Message): boolean {
  return statusOf(message) === null && methodOf(message) === 'INVITE';
}

/** The server asked the caller who it is, and the caller called once more (RFC 3261 22.2, 22.3): no answer to the call. */
export function isChallenge(messages: readonly Message[], message: Message): boolean {
  const status = statusOf(message);
  if (message.to !== 'caller' || methodOf(message) !== 'INVITE' || (status !== 401 && status !== 407)) return false;
  const number = Number.parseInt(message.cseq, 10);
  return messages.some(
    (later) => later.from === 'caller' && isInviteRequest(later) && Number.parseInt(later.cseq, 10) > number,
  );
}

/** The final response to the caller's INVITE. */
export function isFinal(messages: readonly Message[], message: Message): boolean {
  const isResponse = message.to === 'caller' && methodOf(message) === 'INVITE' && (statusOf(message) ?? 0) >= 200;
  return isResponse && !isChallenge(messages, message);
}

/** What a message is, whatever its addresses: `server>voicemail INVITE`, `server>caller 200 INVITE`. */
export function sortOf(message: Message): string {
  return `${message.from}>${message.to} ${statusOf(message) ?? ''} ${methodOf(message)}`;
}

export function toneOf(message: Message): Tone {
  const status = statusOf(message);
  if (status === null) return 'request';
  return status < 200 ? 'provisional' : status < 300 ? 'success' : 'refusal';
}

/** `INVITE`, `180 Ringing`, `200 OK (BYE)`. As much as fits between two lanes. */
export function labelOf(message: Message): string {
  const response = /^SIP\/2\.0 (.*)$/s.exec(message.startLine)?.[1];
  if (response === undefined) return clipped(message.startLine.split(' ')[0] ?? '', 24);
  const method = methodOf(message);
  return method === 'INVITE' || method === ''
    ? clipped(response, 24)
    : `${clipped(response, 18)} (${clipped(method, 10)})`;
}

export function clipped(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text;
}

/**
 * Index of the message that this one repeats, or -1. RFC 3261 17: a retransmission has the same bytes; where the record
 * was put together anew, the same transaction, sender and tags.
 */
export function repeated(messages: readonly Message[], index: number): number {
  const message = messages[index];
  if (message === undefined) return -1;
  const same = transactionOf(message);
  return messages
    .slice(0, index)
    .findIndex(
      (earlier) =>
        earlier.from === message.from &&
        earlier.to === message.to &&
        earlier.startLine === message.startLine &&
        earlier.cseq === message.cseq &&
        (earlier.raw === message.raw || (same !== null && transactionOf(earlier) === same)),
    );
}

function transactionOf({ raw, startLine, cseq, callId }: Message): string | null {
  const branch = /^(?:via|v)\s*:[^\r\n]*?;\s*branch\s*=\s*([^;,\s]+)/im.exec(raw)?.[1];
  if (branch === undefined) return null;
  const tags = [...raw.matchAll(/^(?:from|f|to|t)\s*:[^\r\n]*?;\s*tag\s*=\s*([^;,\s]+)/gim)].map(([, tag]) => tag);
  return [startLine, cseq, callId, branch, ...tags].join('\n');
}
