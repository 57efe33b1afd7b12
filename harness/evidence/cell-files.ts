import type { Message } from '../ladder/message.ts';
import type { CellResult } from '../model/results.ts';
import { OUTCOME_WORDS } from '../model/words.ts';
import { captureOf, type RecordedCall, sidesOf } from './capture.ts';
import { checkLines } from './checks.ts';
import { rawBytes } from './raw-text.ts';
import type { ArchivedFile } from './zip.ts';

/** What is on record of a cell, and its ladder as it is drawn. */
export interface CellEvidence extends RecordedCall {
  readonly ladderSvg: string;
  readonly ladderText: string;
}

/** All of a cell as files: for a vendor, who has neither this report nor this program. */
export function cellFiles(evidence: CellEvidence): ArchivedFile[] {
  const { cell, control, ladderSvg, ladderText } = evidence;
  return [
    { name: 'about.txt', bytes: utf8(about(cell, control)) },
    { name: 'ladder.svg', bytes: utf8(ladderSvg) },
    { name: 'ladder.txt', bytes: utf8(ladderText) },
    { name: 'cell.json', bytes: utf8(`${JSON.stringify({ cell, control }, null, 2)}\n`) },
    { name: 'capture.pcapng', bytes: captureOf(evidence) },
    ...sidesOf(evidence).flatMap(({ name, messages }) =>
      messages.map((message, index) => ({
        name: `${name}/${messageFile(message, index)}`,
        bytes: rawBytes(message.raw),
      })),
    ),
  ];
}

function about(cell: CellResult, control: CellResult | null): string {
  const { expected, observed } = cell;
  const lines = [
    cell.id,
    '',
    `verdict   ${cell.verdict}${cell.why === null ? '' : `: ${cell.why}`}`,
    `expected  ${OUTCOME_WORDS[expected.outcome]}, final ${expected.statuses.join(' or ') || 'unspecified'}, the callee's own phone: ${expected.callee}`,
    `who says  ${expected.claims.join(', ') || 'no source'}`,
    `observed  ${OUTCOME_WORDS[observed.outcome]}, final ${observed.status ?? 'none'}`,
    `control   ${control === null ? 'is one itself' : `${control.id}: ${OUTCOME_WORDS[control.observed.outcome]}, final ${control.observed.status ?? 'none'}`}`,
    '',
    ...checkLines(cell),
    '',
    `again     ${cell.rerun}`,
    '',
    'call/ and control/ have each message as it was on the wire. The capture holds the same messages, one packet each, of',
    'both calls, each on an interface of its name; its addresses are those that the messages name.',
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
