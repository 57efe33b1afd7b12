import { clipped } from './message.ts';
import type { Ladder, Lane, Row, Side } from './rows.ts';

const TEXT_COLUMNS = 100;
const TIME_COLUMNS = 9;
const MOST_LANE_COLUMNS = 18;
/** A pause worth a line. */
const PAUSE_MS = 60;

/**
 * A ladder as plain text, no line longer than 100 columns: the call, then its control, both with the same pauses. For a
 * mail to a vendor, a log, a diff.
 *
 * @param titles Already safe to show.
 */
export function ladderText(
  ladder: Ladder,
  { title, controlTitle = 'control' }: { readonly title: string; readonly controlTitle?: string },
): string {
  const parts = [sideText(ladder, ladder.own, title)];
  if (ladder.control !== null) parts.push(sideText(ladder, ladder.control, controlTitle));
  return `${parts.join('\n\n')}\n`;
}

function sideText({ lanes }: Ladder, side: Side, title: string): string {
  const width = Math.min(MOST_LANE_COLUMNS, Math.floor((TEXT_COLUMNS - TIME_COLUMNS) / Math.max(1, lanes.length)));
  const rail = lanes.map(() => '|'.padStart(Math.ceil(width / 2)).padEnd(width)).join('');
  const lines = [...wrapped(title, 0), '', headsText(lanes, width)];
  let lastMs: number | null = null;
  for (const row of side.rows) {
    if (row === null) continue;
    const idleMs = lastMs === null ? 0 : row.atMs - lastMs;
    if (idleMs >= PAUSE_MS) lines.push(`${'...'.padStart(TIME_COLUMNS - 2)}  ${Math.round(idleMs)} ms`);
    lastMs = row.atMs;
    lines.push(...rowLines(row, lanes, width, rail));
  }
  if (side.rows.every((row) => row === null)) lines.push('no message on record');
  return lines.join('\n');
}

function headsText(lanes: readonly Lane[], width: number): string {
  const names = lanes.map(({ name }) => {
    const short = clipped(name, width - 1);
    return short.padStart(Math.ceil((width + short.length) / 2)).padEnd(width);
  });
  return `${'ms'.padStart(TIME_COLUMNS - 2)}  ${names.join('')}`.trimEnd();
}

function rowLines(row: Row, lanes: readonly Lane[], width: number, rail: string): string[] {
  const time = `${row.atMs.toFixed(1).padStart(TIME_COLUMNS - 2)}  `;
  if (row.type === 'proof') return [`${time}${row.wrong ? '!! ' : '-- '}${clipped(row.text, TEXT_COLUMNS - 13)}`];
  const [from, to] = [lanes.findIndex(({ role }) => role === row.from), lanes.findIndex(({ role }) => role === row.to)];
  const remark = row.type === 'note' ? (row.wrong ? 'must not come' : null) : row.text;
  const wrong = row.wrong ? '!! ' : '   ';
  return [
    `${time}${arrowText(rail, row.label, columnOf(from, width), columnOf(to, width), row.type === 'ghost')}`.trimEnd(),
    ...(remark === null ? [] : wrapped(`${wrong}^ ${remark}`, TIME_COLUMNS)),
  ];
}

function columnOf(lane: number, width: number): number {
  return lane * width + Math.ceil(width / 2) - 1;
}

/** The rail with an arrow laid over it; a message that did not come is dotted. */
function arrowText(rail: string, label: string, from: number, to: number, ghost: boolean): string {
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  const inside = right - left - 1;
  const text = clipped(label, Math.max(1, inside - 3));
  const stroke = ghost ? '.' : '-';
  const shaft = `${stroke}${text}`.padEnd(inside - 1, stroke);
  const drawn = to > from ? `${shaft}>` : `<${shaft}`;
  return `${rail.slice(0, left + 1)}${drawn}${rail.slice(right)}`;
}

function wrapped(text: string, indent: number): string[] {
  const room = TEXT_COLUMNS - indent;
  const lines: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const cut = rest.length <= room ? rest.length : Math.max(rest.lastIndexOf(' ', room), 0) || room;
    lines.push(`${' '.repeat(indent)}${rest.slice(0, cut)}`.trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return lines;
}
