import { statusOf } from '../ladder/message.ts';
import { xml } from '../ladder/svg.ts';
import type { RunHeader } from '../model/results.ts';
import { OUTCOME_WORDS } from '../model/words.ts';
import { type CallSide, captureOf, sidesOf } from './capture.ts';
import type { CellEvidence } from './cell-files.ts';
import { checkLines } from './checks.ts';
import { rawLines } from './raw-text.ts';
import { visible } from './visible.ts';

/** Where a run took place, for whoever has nothing but a cell of it. */
export interface PacketRun {
  readonly id: string;
  /** `Kamailio 5.6.3`. */
  readonly server: string;
  /** `Ringfence 0.1.0, SIPp 3.6.1, ...`. */
  readonly programs: string;
}

export interface PacketContents extends CellEvidence {
  /** Those that speak of the cell. */
  readonly claims: RunHeader['claims'];
  readonly run: PacketRun;
  /** How many messages of the two calls are on record and not in here. */
  readonly left: number;
}

const STYLE = `body{font:15px/1.5 system-ui,"Segoe UI",Roboto,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#20242b}
h1{font-size:1.2rem;overflow-wrap:anywhere}h2{font-size:1.05rem;margin-top:2rem}table{border-collapse:collapse}
th,td{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #e3dfd7}
td{overflow-wrap:anywhere}code,pre,.time{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.86em}.time{white-space:nowrap}
pre{white-space:pre-wrap;background:#f1efea;padding:.6rem}blockquote{margin:.6rem 0;padding-left:1rem;border-left:3px solid #d5d0c6}
.scroll svg{max-width:100%;height:auto}.fail{color:#b3261e}.scroll{overflow-x:auto}@media print{details:not([open])>*{display:none}}`;

/**
 * A cell as one page that stands alone, for whoever made the server and has nothing of ours: what was asked and who says so,
 * both calls as ladder, list and capture, and how to see it again. It needs no script and loads nothing.
 */
export function packetPage(contents: PacketContents): string {
  const { cell, control, claims, run, left, ladderSvg } = contents;
  const sides = sidesOf(contents);
  const { expected, observed, proof } = cell;
  const facts: readonly Fact[] = [
    ['Server under test', run.server],
    ['Policy', cell.policy],
    ['Header lines sent', proof === undefined ? 'not on record' : proof.headersSent.join('\n') || 'none'],
    [
      'Expected',
      `${cell.feature} ${OUTCOME_WORDS[expected.outcome]}, final ${expected.statuses.join(' or ') || 'unspecified'}`,
    ],
    ['Observed', `${OUTCOME_WORDS[observed.outcome]}, final ${observed.status ?? 'none'}`],
    [
      'Its control, without the header',
      control === null
        ? 'none: it is one itself, or it is not on record'
        : `${OUTCOME_WORDS[control.observed.outcome]}, final ${control.observed.status ?? 'none'}`,
    ],
    ['Run', run.id],
    ['With', run.programs],
    ['To see it again', cell.rerun],
  ];
  const name = cell.id.replaceAll(/[^\w.-]+/g, '-').slice(0, 150);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${text(`${cell.verdict}: ${cell.id}`)}</title><style>${STYLE}</style></head><body>
<h1>${text(cell.id)}</h1>
<p><strong class="${cell.verdict}">${cell.verdict}</strong>${cell.why === null ? '' : `: ${text(cell.why)}`}</p>
<p><a download="${name}.pcapng" href="data:application/x-pcapng;base64,${base64(captureOf(contents))}">Both calls as a capture file (pcapng)</a>: times of day, addresses and names as below${deviates(contents)}.</p>
${factTable(facts)}
<h2>Who says so</h2>
${claims.length === 0 ? '<p>No source speaks of it.</p>' : claims.map(quoted).join('\n')}
<h2>Both calls</h2>
<div class="scroll">${ladderSvg}</div>
${sides.map(callSection).join('\n')}
${left === 0 ? '' : `<p>${left} more messages are on record, in traces/ of the run, and not in here.</p>`}
<h2>What was asked before the verdict</h2>
<ul>${checkLines(cell)
    .map((line) => `<li>${text(line)}</li>`)
    .join('')}</ul>
</body></html>
`;
}

function deviates({ cell, messages, controlMessages }: PacketContents): string {
  return messages.length === 0 || controlMessages === null || cell.verdict === 'inconclusive'
    ? ''
    : '; where the call leaves the course of its control, the packet has a comment';
}

type Fact = readonly [name: string, value: string];

function factTable(facts: readonly Fact[]): string {
  return `<table>${facts.map(([name, value]) => `<tr><th scope="row">${text(name)}</th><td>${lines(value)}</td></tr>`).join('\n')}</table>`;
}

function quoted({ id, statement, source, url, evidence }: RunHeader['claims'][number]): string {
  const address = /^https?:\/\/\S+$/i.test(url) ? `<a href="${text(url)}">${text(url)}</a>` : text(url);
  return `<blockquote>${text(statement)}<br>${text(source)}, ${address} (${text(id)}, ${text(evidence)})</blockquote>`;
}

function callSection({ name, cell, messages, places, startEpochMs }: CallSide): string {
  const parties = [...places].map(
    ([role, { host, port, onRecord }]): Fact => [
      role,
      onRecord ? `${host}:${port}` : `not on record; ${host} stands for it in the capture`,
    ],
  );
  const callIds = [...new Set(messages.map(({ callId }) => callId))];
  const rows = messages.map((message) => {
    const { atMs, from, to, startLine, raw } = message;
    const at = new Date(startEpochMs + atMs);
    return `<tr><td class="time">${Number.isNaN(at.valueOf()) ? 'no time on record' : at.toISOString()}</td><td class="time">${atMs.toFixed(1)}</td><td>${text(from)} → ${text(to)}</td><td><details><summary${(statusOf(message) ?? 0) >= 300 ? ' class="fail"' : ''}><code>${text(startLine)}</code></summary><pre>${rawLines(raw).map(xml).join('\n')}</pre></details></td></tr>`;
  });
  return `<h2>The ${name === 'call' ? 'call' : 'control: the same without the header'}</h2>
${factTable([['Cell', cell.id], ['Call-ID', callIds.join('\n') || 'no message on record'], ...parties])}
<table><thead><tr><th scope="col">when (UTC)</th><th scope="col">ms</th><th scope="col">way</th><th scope="col">message</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>`;
}

function lines(value: string): string {
  return value.split('\n').map(text).join('<br>');
}

function text(value: string): string {
  return xml(visible(value));
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
