// @ts-check

/**
 * A message as the page has it: a SeenMessage of the harness.
 *
 * @typedef {{ atMs: number, from: string, to: string, startLine: string, cseq: string, callId: string, raw: string }} Message
 */

/** @param {Message} message @returns {number | null} null: a request */
export function statusOf({ startLine }) {
  const status = /^SIP\/2\.0 (\d{3})\b/.exec(startLine)?.[1];
  return status === undefined ? null : Number(status);
}

/** Of the transaction: a 200 to BYE is `BYE`. @param {Message} message */
export function methodOf({ cseq, startLine }) {
  return cseq.split(' ')[1] ?? startLine.split(' ')[0] ?? '';
}

/** @param {Message} message */
export function isInviteRequest(message) {
  return statusOf(message) === null && methodOf(message) === 'INVITE';
}

/** What a message is, whatever its addresses: `server>voicemail INVITE`, `server>caller 200 INVITE`. @param {Message} message */
export function sortOf(message) {
  return `${message.from}>${message.to} ${statusOf(message) ?? ''} ${methodOf(message)}`;
}

/** `request`, `provisional`, `success` or `refusal`. @param {Message} message */
export function toneOf(message) {
  const status = statusOf(message);
  if (status === null) return 'request';
  return status < 200 ? 'provisional' : status < 300 ? 'success' : 'refusal';
}

/** `INVITE`, `180 Ringing`, `200 OK (BYE)`. As much as fits between two lanes. @param {Message} message */
export function labelOf(message) {
  const response = /^SIP\/2\.0 (.*)$/s.exec(message.startLine)?.[1];
  if (response === undefined) return clipped(message.startLine.split(' ')[0] ?? '', 24);
  const method = methodOf(message);
  return method === 'INVITE' || method === ''
    ? clipped(response, 24)
    : `${clipped(response, 18)} (${clipped(method, 10)})`;
}

/** @param {string} text @param {number} length */
export function clipped(text, length) {
  return text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text;
}

/**
 * Index of the message that this one repeats, or -1. RFC 3261 17: a retransmission has the same bytes; where the record
 * was put together anew, the same transaction, sender and tags.
 *
 * @param {readonly Message[]} messages
 * @param {number} index
 */
export function repeated(messages, index) {
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

/** @param {Message} message */
function transactionOf({ raw, startLine, cseq, callId }) {
  const branch = /^(?:via|v)\s*:[^\r\n]*?;\s*branch\s*=\s*([^;,\s]+)/im.exec(raw)?.[1];
  if (branch === undefined) return null;
  const tags = [...raw.matchAll(/^(?:from|f|to|t)\s*:[^\r\n]*?;\s*tag\s*=\s*([^;,\s]+)/gim)].map(([, tag]) => tag);
  return [startLine, cseq, callId, branch, ...tags].join('\n');
}
