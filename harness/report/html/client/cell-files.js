// @ts-check
import { pcapOf } from './pcap.js';
import { rawBytes } from './raw-text.js';

/** @typedef {{atMs: number, from: string, to: string, startLine: string, raw: string}} Message */

/**
 * All of a cell as files: for a vendor, who has neither this report nor this program.
 *
 * @param {{cell: any, control: any, messages: readonly Message[], controlMessages: readonly Message[] | null, ladderSvg: string, ladderText: string, startEpochMs: number}} input
 * @returns {{name: string, bytes: Uint8Array}[]}
 */
export function cellFiles({ cell, control, messages, controlMessages, ladderSvg, ladderText, startEpochMs }) {
  const sides = [
    { folder: 'call', messages },
    ...(controlMessages === null ? [] : [{ folder: 'control', messages: controlMessages }]),
  ];
  return [
    { name: 'about.txt', bytes: utf8(about(cell, control)) },
    { name: 'ladder.svg', bytes: utf8(ladderSvg) },
    { name: 'ladder.txt', bytes: utf8(ladderText) },
    { name: 'cell.json', bytes: utf8(`${JSON.stringify({ cell, control }, null, 2)}\n`) },
    ...sides.flatMap((side) => [
      { name: `${side.folder}.pcap`, bytes: pcapOf(side.messages, startEpochMs) },
      ...side.messages.map((message, index) => ({
        name: `${side.folder}/${messageFile(message, index)}`,
        bytes: rawBytes(message.raw),
      })),
    ]),
  ];
}

/** @param {any} cell @param {any} control */
function about(cell, control) {
  const { expected, observed } = cell;
  const lines = [
    cell.id,
    '',
    `verdict   ${cell.verdict}${cell.why === null ? '' : `: ${cell.why}`}`,
    `expected  ${expected.outcome}, final ${expected.statuses.join(' or ') || 'unspecified'}, the callee's own phone: ${expected.callee}`,
    `who says  ${expected.claims.join(', ') || 'no source'}`,
    `observed  ${observed.outcome}, final ${observed.status ?? 'none'}`,
    `control   ${control === null ? 'is one itself' : `${control.id}: ${control.observed.outcome}, final ${control.observed.status ?? 'none'}`}`,
    '',
    `again     ${cell.rerun}`,
    '',
    'call/ and control/ have each message as it was on the wire. The captures hold the same messages, one packet each; their',
    'addresses stand for roles (127.88.0.1 caller, .2 server under test, .3 phone, .4 simultaneous ring, .5 team, .6 delegate,',
    '.7 forward target, .8 voice mail), because a record has no addresses.',
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * `003-server-to-voicemail-INVITE.sip`
 *
 * @param {Message} message
 * @param {number} index
 */
function messageFile({ from, to, startLine }, index) {
  const what = startLine.replace(/^SIP\/2\.0 /, '').split(' ', 1)[0] ?? '';
  return `${String(index + 1).padStart(3, '0')}-${from}-to-${to}-${what.replaceAll(/[^\w-]+/g, '').slice(0, 20)}.sip`;
}

/** @param {string} text */
function utf8(text) {
  return new TextEncoder().encode(text);
}
