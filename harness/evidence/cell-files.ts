import type { Message } from '../ladder/message.ts';
import type { CellResult } from '../model/results.ts';
import { checkLines } from './checks.ts';
import { pcapOf } from './pcap.ts';
import { rawBytes } from './raw-text.ts';
import type { ArchivedFile } from './zip.ts';

/** What is on record of a cell, and its ladder as it is drawn. */
export interface CellEvidence {
  readonly cell: CellResult;
  /** null: it is a control itself, or its control is not on record. */
  readonly control: CellResult | null;
  readonly messages: readonly Message[];
  readonly controlMessages: readonly Message[] | null;
  readonly ladderSvg: string;
  readonly ladderText: string;
  /** ISO 8601; stands for a call's own start where an older file has none. */
  readonly runStartedAt: string;
}

/** All of a cell as files: for a vendor, who has neither this report nor this program. */
export function cellFiles(evidence: CellEvidence): ArchivedFile[] {
  const { cell, control, messages, controlMessages, ladderSvg, ladderText, runStartedAt } = evidence;
  const sides = [
    { folder: 'call', messages, of: cell },
    ...(controlMessages === null ? [] : [{ folder: 'control', messages: controlMessages, of: control }]),
  ];
  return [
    { name: 'about.txt', bytes: utf8(about(cell, control)) },
    { name: 'ladder.svg', bytes: utf8(ladderSvg) },
    { name: 'ladder.txt', bytes: utf8(ladderText) },
    { name: 'cell.json', bytes: utf8(`${JSON.stringify({ cell, control }, null, 2)}\n`) },
    ...sides.flatMap((side) => [
      { name: `${side.folder}.pcap`, bytes: capture(side.messages, side.of, runStartedAt) },
      ...side.messages.map((message, index) => ({
        name: `${side.folder}/${messageFile(message, index)}`,
        bytes: rawBytes(message.raw),
      })),
    ]),
  ];
}

/** The call's messages at the times of day at which they were on the wire: its record counts from its own INVITE. */
export function capture(
  messages: readonly Message[],
  cell: CellResult | null,
  runStartedAt: string,
): Uint8Array<ArrayBuffer> {
  return pcapOf(messages, Date.parse(cell?.proof?.startedAt ?? runStartedAt) || 0);
}

function about(cell: CellResult, control: CellResult | null): string {
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
    ...checkLines(cell),
    '',
    `again     ${cell.rerun}`,
    '',
    'call/ and control/ have each message as it was on the wire. The captures hold the same messages, one packet each; their',
    'addresses stand for roles (127.88.0.1 caller, .2 server under test, .3 phone, .4 simultaneous ring, .5 team, .6 delegate,',
    '.7 forward target, .8 voice mail), because a record has no addresses.',
  ];
  return `${lines.join('\n')}\n`;
}

/** `003-server-to-voicemail-INVITE.sip` */
function messageFile({ from, to, startLine }: Message, index: number): string {
  const what = startLine.replace(/^SIP\/2\.0 /, '').split(' ', 1)[0] ?? '';
  return `${String(index + 1).padStart(3, '0')}-${from}-to-${to}-${what.replaceAll(/[^\w-]+/g, '').slice(0, 20)}.sip`;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
